//! Sets of CPU and node numbers while they are being read.

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
pub fn cpumap(text: &[u8]) -> Option<IdMask> {
    let end = text.iter().position(|&byte| byte == b'\n')?;
    let mut mask = IdMask::default();
    for (index, word) in text.get(..end)?.rsplit(|&byte| byte == b',').enumerate() {
        let bits = hex_word(word)?;
        for bit in (0..32).filter(|bit| bits >> bit & 1 != 0) {
            mask.set(u32::try_from(index).ok()?.checked_mul(32)?.checked_add(bit)?, true)?;
        }
    }
    Some(mask)
}

fn hex_word(word: &[u8]) -> Option<u32> {
    let text = core::str::from_utf8(word).ok().filter(|text| !text.starts_with('+'))?;
    u32::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::vec::Vec;

    #[test]
    fn a_map_is_read_from_its_end() {
        let cpus: Vec<u32> = cpumap(b"1,00000000,80000003\n").unwrap().iter().collect();
        assert_eq!(cpus, [0, 1, 31, 64]);
        assert!(cpumap(b"00000000\n").unwrap().is_empty());
    }

    #[test]
    fn malformed_maps_are_none() {
        for text in [b"3".as_slice(), b"", b"\n", b"3,\n", b"x\n", b"+3\n", b"100000000\n"] {
            assert!(cpumap(text).is_none(), "{text:?}");
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
