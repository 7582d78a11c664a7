//! What a bus may send: the conversation ends, or waits for more.
#![no_main]

use caps_linux::dbus::{Logind, Step};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|stream: &[u8]| {
    let mut logind = Logind::new(0);
    // Past the handshake, where most of the conversation is.
    for chunk in [b"OK 0123456789abcdef\r\n".as_slice()].into_iter().chain(stream.chunks(7)) {
        while let Step::Send(bytes) = logind.step() {
            assert!(!bytes.is_empty());
        }
        logind.received(chunk);
    }
});
