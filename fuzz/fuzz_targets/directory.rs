//! Directory records: the names in them, each from the bytes that the records have for it.
#![no_main]

use caps_linux::fuzzing::directory_names;
use libfuzzer_sys::fuzz_target;

/// Bytes of a record before its name: inode, offset, length, type.
const HEAD_BYTES: usize = 19;
/// The longest name that Linux has.
const MAX_NAME_BYTES: usize = 255;

fuzz_target!(|bytes: &[u8]| {
    assert!(directory_names(bytes).all(|name| !name.contains(&0)));
    let parts = bytes.split(|&byte| byte == 0 || byte == b'/');
    let names: Vec<&[u8]> = parts.filter(|name| name.len() <= MAX_NAME_BYTES).collect();
    let records: Vec<u8> = names.iter().flat_map(|name| record(name)).collect();
    let wanted = names.iter().filter(|name| **name != b"." && **name != b"..");
    assert!(directory_names(&records).eq(wanted.copied()));
});

/// A record as the kernel writes it: its length is a multiple of eight.
fn record(name: &[u8]) -> Vec<u8> {
    let len = (HEAD_BYTES + name.len() + 1).next_multiple_of(8);
    let mut record = vec![0; len];
    record[16..18].copy_from_slice(&(len as u16).to_ne_bytes());
    record[HEAD_BYTES..][..name.len()].copy_from_slice(name);
    record
}
