//! `/proc/cpuinfo` of x86.

use super::int::{c_unsigned, leading_decimal};
use super::line::{c_string, find, trim_start};
use memchr::memchr;

/// Bytes of the file that the microcode is looked for in.
pub const MICROCODE_BYTES: usize = 4096;

/// The microcode version in the beginning of the file: the number behind the first `:` behind the first `microcode`.
pub fn microcode(beginning: &[u8]) -> Option<u32> {
    let beginning = c_string(beginning);
    let behind_name = beginning.get(find(beginning, b"microcode")?..)?;
    let colon = behind_name.iter().position(|&byte| byte == b':')?;
    c_unsigned(behind_name.get(colon + 1..)?)
}

/// The number of physical address bits on this line, if it is one of `address sizes`.
pub fn address_bits(line: &[u8]) -> Option<Option<u32>> {
    const NAME: &[u8] = b"address sizes";
    let line = c_string(line);
    let name = line.get(..NAME.len()).filter(|name| name.eq_ignore_ascii_case(NAME));
    name.map(|_| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let (bits, _) = leading_decimal(trim_start(line.get(colon + 1..)?))?;
        u32::try_from(bits).ok()
    })
}

/// The frequency in MHz on this line, without what stands behind the point, if it is one of `cpu MHz`.
pub fn frequency_mhz(line: &[u8]) -> Option<u32> {
    let rest = c_string(line).strip_prefix(b"cpu MHz")?;
    let colon = rest.iter().position(|&byte| byte == b':')?;
    let (mhz, _) = leading_decimal(trim_start(rest.get(colon + 1..)?))?;
    u32::try_from(mhz).ok()
}

/// Cuts a stream into lines of at most 1023 bytes, as libvirt reads this file.
#[derive(Debug, Default)]
pub struct LineCutter {
    line: heapless::Vec<u8, 1023, u16>,
}

impl LineCutter {
    /// At the beginning of a line.
    pub const fn new() -> Self {
        Self { line: heapless::Vec::new() }
    }

    /// Takes more of the stream and hands each full line to `visit` until that returns something.
    pub fn feed<T>(
        &mut self,
        bytes: &[u8],
        mut visit: impl FnMut(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = self.line.capacity() - self.line.len();
            let line = rest.get(..room).unwrap_or(rest);
            let end = memchr(b'\n', line);
            let line = end.and_then(|end| line.get(..end)).unwrap_or(line);
            rest = rest.get(line.len() + usize::from(end.is_some())..).unwrap_or(&[]);
            let _ = self.line.extend_from_slice(line);
            if end.is_none() && !self.line.is_full() {
                break;
            }
            let found = visit(&self.line);
            self.line.clear();
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// What is left behind the last newline.
    pub fn rest(&self) -> &[u8] {
        &self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn microcode_is_the_first_number_behind_its_name() {
        assert_eq!(microcode(b"model name: microcode foo : 99\nmicrocode : 0x1\n"), Some(99));
        assert_eq!(microcode(b"processor : 0\n\0microcode : 0x1\n"), None);
        assert_eq!((microcode(b"microcode"), microcode(b"microcode : x")), (None, None));
    }

    #[test]
    fn address_sizes_in_any_case() {
        assert_eq!(
            address_bits(b"Address Sizes\t: 46 bits physical, 57 bits virtual"),
            Some(Some(46))
        );
        assert_eq!(address_bits(b"address sizes : many"), Some(None));
        assert_eq!(address_bits(b"address sizes\0 : 46"), Some(None));
        assert_eq!(address_bits(b"the address sizes : 46"), None);
    }

    #[test]
    fn frequencies_are_cut_at_the_point() {
        assert_eq!(frequency_mhz(b"cpu MHz\t\t: 2596.952"), Some(2596));
        assert_eq!(
            (frequency_mhz(b"cpu MHz : x"), frequency_mhz(b"bogomips : 5192.30")),
            (None, None)
        );
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_the_chunks(text in "([a-z]{0,30}\n){0,9}[a-z]{0,9}", cut in 1_usize..9) {
            let mut cutter = LineCutter::new();
            let mut lines: Vec<Vec<u8>> = Vec::new();
            for chunk in text.as_bytes().chunks(cut) {
                let none: Option<()> = cutter.feed(chunk, |line| { lines.push(line.into()); None });
                prop_assert!(none.is_none());
            }
            lines.push(cutter.rest().into());
            prop_assert!(lines.iter().map(Vec::as_slice).eq(text.as_bytes().split(|&byte| byte == b'\n')));
        }

        #[test]
        fn long_lines_are_cut(lens in proptest::collection::vec(prop_oneof![0..9_usize, 1010..1040_usize, 2040..2060_usize], 0..6)) {
            let text: Vec<u8> = lens.iter().flat_map(|&len| [vec![b'x'; len], vec![b'\n']].concat()).collect();
            let (mut cutter, mut lines) = (LineCutter::new(), Vec::new());
            let none: Option<()> = cutter.feed(&text, |line| { lines.push(line.len()); None });
            prop_assert!(none.is_none());
            let cut = |&len: &usize| vec![1023; len / 1023].into_iter().chain([len % 1023]);
            prop_assert_eq!(lines, lens.iter().flat_map(cut).collect::<Vec<usize>>());
        }
    }
}
