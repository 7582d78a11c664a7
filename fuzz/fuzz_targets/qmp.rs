//! What an emulator prints on its standard output: the same replies in pieces of any size.
#![no_main]

use caps_qemu::fuzzing::hear;
use libfuzzer_sys::fuzz_target;

/// Bytes that the kernel hands over at once.
const PIECES: [usize; 2] = [1, 7];

fuzz_target!(|stream: &[u8]| {
    let whole = hear(stream, usize::MAX);
    for piece in PIECES {
        match (&whole, hear(stream, piece)) {
            // A line after the last reply is not read, if it comes later.
            (Err(_), Ok(Some(_))) => {}
            (whole, heard) => assert_eq!(whole, &heard, "{piece} bytes at a time"),
        }
    }
});
