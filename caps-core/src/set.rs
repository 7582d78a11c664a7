//! Sets of CPU numbers as the document prints them: ascending runs.

use crate::code::Cursor;
use crate::pool::Pen;

/// A run of consecutive numbers, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Run {
    /// The lowest number.
    pub first: u32,
    /// The highest number, not below `first`.
    pub last: u32,
}

/// A set of CPU numbers: `siblings='0-1'`, `cpus='0-7,16-23'`.
///
/// Stored as the gaps and lengths of its runs, so that equal sets are equal bytes: 3 bytes for a pair of siblings, where a
/// bitmap of 8192 CPUs takes 1 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CpuSet<'a> {
    /// Pairs of (gap from the end of the run before + 1, length - 1), then a zero.
    bytes: &'a [u8],
}

impl<'a> CpuSet<'a> {
    /// The set without a CPU.
    pub const EMPTY: Self = Self { bytes: &[0] };

    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) const fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The runs, ascending, with at least one missing number between two of them.
    pub const fn runs(self) -> Runs<'a> {
        Runs { cursor: Cursor::new(self.bytes), next: 0 }
    }

    /// The CPU numbers, ascending.
    pub fn iter(self) -> impl Iterator<Item = u32> + 'a {
        self.runs().flat_map(|run| run.first..=run.last)
    }

    /// Number of CPUs.
    pub fn len(self) -> u32 {
        self.runs().map(|run| run.last - run.first + 1).fold(0, u32::wrapping_add)
    }

    /// Whether it holds no CPU.
    pub fn is_empty(self) -> bool {
        self.first().is_none()
    }

    /// The lowest number.
    pub fn first(self) -> Option<u32> {
        self.runs().next().map(|run| run.first)
    }

    /// Whether `cpu` is in the set.
    pub fn contains(self, cpu: u32) -> bool {
        self.runs().any(|run| run.first <= cpu && cpu <= run.last)
    }
}

/// Iterator over the [runs](CpuSet::runs) of a set.
#[derive(Clone, Debug)]
pub struct Runs<'a> {
    cursor: Cursor<'a>,
    next: u32,
}

impl Iterator for Runs<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        let gap = self.cursor.varint32().checked_sub(1)?;
        let first = self.next.saturating_add(gap);
        let last = first.saturating_add(self.cursor.varint32());
        self.next = last.saturating_add(1);
        Some(Run { first, last })
    }
}

/// Appends the set of `runs`, which ascend. Runs that touch are joined.
pub(crate) fn put_set(pen: &mut Pen<'_, '_>, runs: impl IntoIterator<Item = Run>) {
    let mut next = 0;
    let mut runs = runs.into_iter();
    let mut open = runs.next();
    while let Some(mut run) = open {
        open = runs.next();
        while let Some(following) =
            open.filter(|following| following.first <= run.last.saturating_add(1))
        {
            run.last = run.last.max(following.last);
            open = runs.next();
        }
        pen.varint(u64::from(run.first.saturating_sub(next)) + 1);
        pen.varint(u64::from(run.last - run.first));
        next = run.last.saturating_add(1);
    }
    pen.varint(0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Table;
    use crate::pool::Pool;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::vec::Vec;

    fn encode<'s>(runs: &[Run], storage: &'s mut [u8]) -> CpuSet<'s> {
        let mut pool = Pool::new(storage);
        put_set(&mut pool.pen(Table::Cpus), runs.iter().copied());
        CpuSet::new(pool.freeze().unwrap())
    }

    #[test]
    fn touching_runs_are_joined() {
        let mut storage = [0; 64];
        let set = encode(
            &[Run { first: 0, last: 1 }, Run { first: 2, last: 2 }, Run { first: 9, last: 9 }],
            &mut storage,
        );
        assert!(set.runs().eq([Run { first: 0, last: 2 }, Run { first: 9, last: 9 }]));
        assert_eq!((set.len(), set.first()), (4, Some(0)));
    }

    #[test]
    fn a_pair_of_siblings_takes_five_bytes_at_most() {
        let mut storage = [0; 64];
        let set = encode(
            &[Run { first: 4095, last: 4095 }, Run { first: 8191, last: 8191 }],
            &mut storage,
        );
        assert_eq!(set.bytes().len(), 7);
        assert_eq!(CpuSet::EMPTY.len(), 0);
    }

    proptest! {
        #[test]
        fn a_set_reads_back(cpus: BTreeSet<u16>) {
            let runs: Vec<Run> = cpus.iter().map(|&cpu| Run { first: cpu.into(), last: cpu.into() }).collect();
            let mut storage = vec![0; 16 + 8 * cpus.len()];
            let set = encode(&runs, &mut storage);
            prop_assert!(set.iter().eq(cpus.iter().map(|&cpu| u32::from(cpu))));
            prop_assert_eq!(set.len() as usize, cpus.len());
            prop_assert!(cpus.iter().all(|&cpu| set.contains(cpu.into())));
        }

        #[test]
        fn foreign_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(CpuSet::new(&bytes).runs().count() <= bytes.len());
        }
    }
}
