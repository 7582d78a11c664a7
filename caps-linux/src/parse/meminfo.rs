//! `meminfo` of the host and of a node.

use super::int::{c_number, leading_decimal};
use super::line::{c_lines, find, trim, trim_start};

/// `MemTotal` of a node in KiB: the number in front of `kB` on the line that has it.
pub fn total_kib(text: &[u8]) -> Option<u64> {
    let line = c_lines(text).find(|line| find(line, b"MemTotal").is_some())?;
    let number = trim(line.get(..find(line, b"kB")?)?);
    let digits = number.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    // With what stands in front, which may be a sign.
    let from = number.len().saturating_sub(digits).saturating_sub(1);
    c_number(number.get(from..)?).map(|(kib, _)| kib)
}

/// The number of KiB behind `name`, which is the first word of a line or, of a node, the third.
pub fn kib(text: &[u8], name: &[u8]) -> Option<u64> {
    c_lines(text).find_map(|line| {
        let (words, number) = line.split_at_checked(line.iter().position(|&byte| byte == b':')?)?;
        let found = words.rsplit(|&byte| byte == b' ').next() == Some(name);
        leading_decimal(trim_start(number.get(1..)?)).filter(|_| found).map(|(kib, _)| kib)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn the_total_stands_before_its_unit() {
        assert_eq!(
            total_kib(b"Node 0 MemTotal:       24682416 kB\nNode 0 MemFree: 1 kB\n"),
            Some(24_682_416)
        );
        assert_eq!(total_kib(b"Node 0 MemFree: 1 kB\nNode 0 MemTotal: 7 kB\n"), Some(7));
        assert_eq!(total_kib(b"Node 0 MemFree\0: 1 kB\nNode 0 MemTotal: 7 kB\n\0\0"), Some(7));
        assert_eq!(total_kib(b"Node 0 MemTotal: 010 kB\n"), Some(8));
        assert_eq!(total_kib(b"Node 0 MemTotal: 0x10 kB\n"), None);
        assert_eq!(total_kib(b"Node 0 MemTotal\0: 7 kB\n"), None);
        assert_eq!(total_kib(b"Node 0 MemTotal: kB\n"), None);
        assert_eq!((total_kib(b"Node 0 MemTotal: 5\n"), total_kib(b"")), (None, None));
    }

    #[test]
    fn a_name_is_a_whole_word() {
        let host =
            b"MemTotal:  9 kB\nMemFree: 8 kB\nBuffers: 7 kB\nCached: 6 kB\nSwapCached: 5 kB\n";
        let names =
            [b"MemTotal".as_slice(), b"MemFree", b"Buffers", b"Cached", b"SwapCached", b"Mem"];
        let expected = [Some(9), Some(8), Some(7), Some(6), Some(5), None];
        assert_eq!(names.map(|name| kib(host, name)), expected);
        assert_eq!(kib(b"Node 0 MemTotal: 9 kB\nNode 0 MemFree:  8 kB\n", b"MemFree"), Some(8));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_total_or_none(bytes: Vec<u8>) {
            let _ = (total_kib(&bytes), kib(&bytes, b"MemFree"));
        }
    }
}
