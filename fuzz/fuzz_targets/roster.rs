//! What may lie in the file of remembered emulators: as it is, and as the body of a whole file.
#![no_main]

use caps_core::Builder;
use caps_linux::Root;
use caps_roster::{Contents, Roster, Surroundings, encode};
use crc::{CRC_32_ISO_HDLC, Crc};
use libfuzzer_sys::fuzz_target;

/// Bytes in front of the body.
const HEAD_BYTES: usize = 24;

fuzz_target!(|bytes: &[u8]| {
    use_all(bytes);
    let mut whole = encode(&Contents::default(), Vec::new()).expect("an empty one can be written");
    whole.truncate(HEAD_BYTES);
    whole.extend(bytes);
    let sum = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&whole);
    whole.extend(sum.to_le_bytes());
    use_all(&whole);
});

fn use_all(bytes: &[u8]) {
    let Ok(roster) = Roster::open(bytes) else { return };
    let mut storage = vec![0; 1 << 16];
    let mut builder = Builder::new(&mut storage);
    roster.add_guests(&mut builder);
    if let Ok(caps) = builder.finish() {
        assert!(caps.guests().count() <= roster.slots().len());
    }
    // Paths that nobody named before are only looked at.
    if roster.places().len() < 8 {
        roster.check(&Surroundings::default(), &Root::live());
    }
}
