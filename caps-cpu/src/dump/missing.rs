//! Leaves that a dump announces and does not have.
use core::iter::once;

use super::{Dump, Record};
use crate::source::CpuidSource;
use crate::tables::REGISTERS;
use crate::x86::Source;

/// First leaves of the ranges; each announces the last leaf of its range in EAX.
const RANGES: [u32; 3] = [0, 0x8000_0000, 0xc000_0000];
/// Processors whose last basic leaf is this or more have extended leaves.
const HAS_EXTENDED: u32 = 5;
/// Most leaves after the end of a range that are listed.
const MOST: usize = 64;

impl Dump<'_> {
    /// Returns leaf and subleaf of what the processor has, and the dump does not: all leaves after the last one of a range,
    /// at most 64 of each, and before it those that features are read from.
    ///
    /// ```
    /// use caps_cpu::dump::Dump;
    ///
    /// let dump = Dump::parse(b"cpuid 0x0 0x0 0x3 0x756e6547 0x6c65746e 0x49656e69\ncpuid 0x2 0x0 0x0 0x0 0x0 0x0\n")?;
    /// assert!(dump.missing().eq([(1, 0), (3, 0)]));
    /// # Ok::<(), caps_cpu::dump::DumpError>(())
    /// ```
    pub fn missing(&self) -> impl Iterator<Item = (u32, u32)> {
        RANGES.into_iter().flat_map(|first| self.missing_from(first))
    }

    fn missing_from(&self, first: u32) -> impl Iterator<Item = (u32, u32)> {
        let announced = self.announced(first);
        let recorded = self.last(first);
        let after = recorded.map_or(first, |leaf| leaf.saturating_add(1));
        let holes = move |&(leaf, subleaf): &(u32, u32)| {
            recorded.is_some_and(|last| (first..=last).contains(&leaf))
                && announced.is_some_and(|announced| leaf <= announced)
                && self.lacks(leaf, subleaf)
        };
        let tail = announced.into_iter().flat_map(move |last| after..=last).take(MOST);
        sources().filter(holes).chain(tail.map(|leaf| (leaf, 0)))
    }

    /// Returns the last leaf of the range, `None` if the processor has no such range.
    fn announced(&self, first: u32) -> Option<u32> {
        self.records().next()?;
        let last = self.cpuid(first, 0).eax;
        match (first..=first | 0xffff).contains(&last) {
            true => Some(last),
            false if first == 0 => Some(0),
            // Extended leaves follow the basic ones: a dump that was cut has none of them.
            false if first == 0x8000_0000 && self.last(first).is_none() => {
                (self.announced(0)? >= HAS_EXTENDED).then_some(first)
            }
            false => None,
        }
    }

    /// Returns the highest leaf of the range that was recorded.
    fn last(&self, first: u32) -> Option<u32> {
        self.leaves()
            .map(|(leaf, _)| leaf)
            .filter(|leaf| (first..=first | 0xffff).contains(leaf))
            .max()
    }

    fn leaves(&self) -> impl Iterator<Item = (u32, u32)> {
        self.records().filter_map(|record| match record {
            Record::Cpuid { leaf, subleaf, .. } => Some((leaf, subleaf)),
            Record::Msr { .. } => None,
        })
    }

    /// Returns `true` if the processor is known to have the subleaf and the dump does not have it.
    fn lacks(&self, leaf: u32, subleaf: u32) -> bool {
        let must_have = match (leaf, subleaf) {
            (_, 0) => true,
            // Some dumps leave out subleaves that are 0: this one counts if nothing at all follows.
            (0xd, 1) => {
                !self.leaves().any(|(other, _)| other == 0xd)
                    || self.leaves().last() == Some((0xd, 0))
            }
            (7, _) => subleaf <= self.cpuid(7, 0).eax,
            _ => false,
        };
        must_have && !self.leaves().any(|place| place == (leaf, subleaf))
    }
}

/// Leaf 0, and leaves and subleaves that features are read from, each once.
fn sources() -> impl Iterator<Item = (u32, u32)> {
    let places = || {
        REGISTERS.iter().filter_map(|row| match row.source {
            Source::Cpuid { leaf, subleaf } => Some((leaf, u32::from(subleaf))),
            Source::Msr { .. } => None,
        })
    };
    let is_first = move |(at, place): &(usize, (u32, u32))| {
        !places().take(*at).any(|earlier| earlier == *place)
    };
    once((0, 0)).chain(places().enumerate().filter(is_first).map(|(_, place)| place))
}
