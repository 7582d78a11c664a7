//! Sets of CPU and node numbers while they are being read.

use super::line::is_blank;
use caps_core::Run;

/// Numbers of CPUs and nodes that a host can have: 0 to 16383, twice the CPUs that Linux is built for.
pub const MAX_IDS: u32 = 16384;
const WORDS: usize = MAX_IDS as usize / 64;

/// A set of numbers below [`MAX_IDS`]: 2 KiB, for the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdMask {
    words: [u64; WORDS],
}

impl Default for IdMask {
    fn default() -> Self {
        Self { words: [0; WORDS] }
    }
}

impl IdMask {
    /// Adds `id`, or takes it out. `None` where no host has such a number.
    pub fn set(&mut self, id: u32, on: bool) -> Option<()> {
        let word = self.words.get_mut(id as usize / 64)?;
        let bit = 1 << (id % 64);
        *word = if on { *word | bit } else { *word & !bit };
        Some(())
    }

    /// Whether `id` is in the set.
    pub fn contains(&self, id: u32) -> bool {
        self.words.get(id as usize / 64).is_some_and(|word| word >> (id % 64) & 1 != 0)
    }

    /// How many numbers it holds.
    pub fn len(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether it holds no number.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// The lowest number.
    pub fn first(&self) -> Option<u32> {
        self.next_from(0, true)
    }

    /// What both sets hold.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
        both
    }

    /// What either set holds.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let mut either = self.clone();
        either.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
        either
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.runs().flat_map(|run| run.first..=run.last)
    }

    /// The runs, ascending.
    pub fn runs(&self) -> impl Iterator<Item = Run> + Clone {
        let mut from = 0;
        core::iter::from_fn(move || {
            let first = self.next_from(from, true)?;
            from = self.next_from(first, false).unwrap_or(MAX_IDS);
            Some(Run { first, last: from - 1 })
        })
    }

    /// The lowest number not below `from` that is in the set, or not in it.
    fn next_from(&self, from: u32, on: bool) -> Option<u32> {
        let start = from as usize / 64;
        let mut ignored = u64::MAX << (from % 64);
        for (index, &word) in self.words.iter().enumerate().skip(start) {
            let found =
                (if on { word } else { !word }) & core::mem::replace(&mut ignored, u64::MAX);
            if found != 0 {
                return Some(index as u32 * 64 + found.trailing_zeros());
            }
        }
        None
    }
}

/// The first line of a `cpumap`: words of 32 bits in hexadecimal, the most significant first, comma separated. `None` without
/// a newline, where it is malformed, and where it holds a CPU that no host has.
///
/// As libnuma reads it: from the end, two words at a time as if no comma were between them, each pair by `strtoul`, which
/// allows blanks, a sign and `0x` in front. A word that is not there is 0.
pub fn cpumap(text: &[u8]) -> Option<IdMask> {
    let line = text.get(..memchr::memchr(b'\n', text)?)?;
    let mut words = line.strip_prefix(b",").unwrap_or(line).rsplit(|&byte| byte == b',');
    let mut mask = IdMask::default();
    for first in (0..).step_by(64) {
        let Some(low) = words.next() else { break };
        let bits = hexadecimal(words.next().unwrap_or(&[]), low)?;
        for bit in (0..64).filter(|bit| bits >> bit & 1 != 0) {
            mask.set(u32::checked_add(first, bit)?, true)?;
        }
    }
    Some(mask)
}

/// The number of these digits, those of `high` first. One that is too large is the largest, a negative one wraps.
fn hexadecimal(high: &[u8], low: &[u8]) -> Option<u64> {
    let mut bytes = high.iter().chain(low).copied().peekable();
    if bytes.peek().is_none() {
        return Some(0);
    }
    while bytes.next_if(|&byte| is_blank(byte)).is_some() {}
    let negative = bytes.next_if(|byte| matches!(byte, b'+' | b'-')) == Some(b'-');
    let zero = bytes.next_if_eq(&b'0').is_some();
    // Behind `0x` there has to be a digit, and without it there has to be one before.
    let prefixed = zero && bytes.next_if(|byte| matches!(byte, b'x' | b'X')).is_some();
    if bytes.peek().is_none() && (prefixed || !zero) {
        return None;
    }
    let magnitude = bytes.try_fold(Some(0_u64), |number: Option<u64>, byte| {
        let digit = char::from(byte).to_digit(16)?;
        Some(number.and_then(|number| number.checked_mul(16)?.checked_add(digit.into())))
    })?;
    let number = magnitude.map(|number| if negative { number.wrapping_neg() } else { number });
    Some(number.unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::format;
    use std::vec::Vec;

    #[test]
    fn a_map_is_read_from_its_end() {
        let cpus: Vec<u32> = cpumap(b"1,00000000,80000003\n").unwrap().iter().collect();
        assert_eq!(cpus, [0, 1, 31, 64]);
        assert!(cpumap(b"00000000\n").unwrap().is_empty());
    }

    #[test]
    fn maps_are_read_as_c_reads_numbers() {
        let cpus = |text: &[u8]| cpumap(text).map(|mask| mask.iter().collect::<Vec<u32>>());
        for text in ["3", "0x3", "0X3", " 3", "+3", "0,00000003", "0x0,00000003", "3,", ",3"] {
            assert_eq!(cpus(format!("{text}\n").as_bytes()), Some([0, 1].into()), "{text}");
        }
        assert_eq!(cpus(b"100000000\n"), Some([32].into()));
        assert_eq!(cpus(b"0x1,00000000,0x1\n"), None);
        assert_eq!(cpus(b"0x1,00000000,00000001\n\0\0"), Some([0, 64].into()));
        assert_eq!(cpus(b"-1\n"), Some((0..64).collect()));
        assert_eq!((cpus(b"\n"), cpus(b"0\n")), (Some([].into()), Some([].into())));
    }

    #[test]
    fn malformed_maps_are_none() {
        for text in
            ["3", "", "x\n", "0x\n", "-\n", " \n", "3 \n", "3\r\n", "3\0\n", "00000001,0x3\n"]
        {
            assert!(cpumap(text.as_bytes()).is_none(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_mask_is_a_set(cpus in proptest::collection::btree_set(0..MAX_IDS, 0..40)) {
            let mut mask = IdMask::default();
            cpus.iter().for_each(|&cpu| mask.set(cpu, true).unwrap());
            prop_assert_eq!(mask.iter().collect::<BTreeSet<_>>(), cpus.clone());
            prop_assert_eq!(mask.len() as usize, cpus.len());
            prop_assert_eq!(mask.first(), cpus.first().copied());
        }

        #[test]
        fn any_bytes_are_a_map_or_none(bytes: Vec<u8>) {
            let _ = cpumap(&bytes);
        }
    }
}
