//! `meminfo` of a node.

use super::int::decimal;
use super::line::{find, lines, trim};

/// `MemTotal` of a node in KiB: the number in front of `kB` on the line that has it.
pub fn total_kib(text: &[u8]) -> Option<u64> {
    let line = lines(text).find(|line| find(line, b"MemTotal").is_some())?;
    let number = trim(line.get(..find(line, b"kB")?)?);
    let digits = number.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    decimal(number.get(number.len() - digits..)?)
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
        assert_eq!(total_kib(b"Node 0 MemTotal: kB\n"), None);
        assert_eq!((total_kib(b"Node 0 MemTotal: 5\n"), total_kib(b"")), (None, None));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_total_or_none(bytes: Vec<u8>) {
            let _ = total_kib(&bytes);
        }
    }
}
