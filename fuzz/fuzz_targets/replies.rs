//! What an emulator may say: it is rejected, or it becomes guests, and a roster that reads back.
#![no_main]

use caps_core::{Arch, Builder};
use caps_qemu::{Found, Replies, RosterBuf, Sayings, verdict};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let said = Ok(text.to_vec());
    let facts = verdict(&said);
    assert!(facts.is_err() || Replies::read(text).is_ok());
    let emulator = b"/usr/bin/qemu-system-x86_64".to_vec();
    let found = [Found { arch: Arch::X86_64, emulator: emulator.clone() }];
    let roster = RosterBuf::of_sayings(&found, &Sayings::from([(emulator, said)]));
    assert!(RosterBuf::new(roster.as_bytes().to_vec()).is_ok());
    let mut counted = Builder::new(&mut []);
    roster.roster().add_guests(&mut counted);
    let mut storage = vec![0; counted.pool().full().map_or(0, |full| full.needed)];
    let mut builder = Builder::new(&mut storage);
    roster.roster().add_guests(&mut builder);
    if let Ok(caps) = builder.finish() {
        let machines: usize = caps.guests().map(|entry| entry.machines.count()).sum();
        let expected = facts.map_or(0, |facts| facts.machines.len());
        assert_eq!(machines, expected);
    }
});
