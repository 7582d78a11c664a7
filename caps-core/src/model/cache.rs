//! CPU caches and what can be allocated of them: `<cache>`.

use crate::code::Cursor;
use crate::model::{BandwidthControl, MonitorHead};
use crate::pool::{Pen, Span};
use crate::set::{CpuSet, Run, put_set};

/// `<cache>`, `<memory_bandwidth>` and `<energy>` of a finished document.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CacheHead {
    /// Offsets of the banks, in the order of printing.
    pub(crate) index: Span,
    pub(crate) controls: Span,
    /// The highest level of a bank.
    pub(crate) top_level: u32,
    pub(crate) cache_monitor: Option<MonitorHead>,
    pub(crate) bandwidth: Option<BandwidthControl>,
    pub(crate) bandwidth_monitor: Option<MonitorHead>,
    pub(crate) energy_monitor: Option<MonitorHead>,
}

/// What a cache holds: `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum CacheKind {
    /// `both`: the kernel's `Unified`.
    Both,
    /// `code`: the kernel's `Instruction`.
    Code,
    /// `data`: the kernel's `Data`.
    Data,
}

impl CacheKind {
    /// All kinds, in the order in which controls are printed.
    pub const ALL: [Self; 3] = [Self::Both, Self::Code, Self::Data];

    /// The word of the document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Code => "code",
            Self::Data => "data",
        }
    }

    fn from_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or(Self::Both)
    }
}

/// A cache that some CPUs share: `<bank id='' level='' type='' size='' unit='' cpus=''>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bank<'a> {
    /// `id`, distinct within a level on a sane host.
    pub id: u32,
    /// `level`
    pub level: u32,
    /// `type`
    pub kind: CacheKind,
    /// `size` with `unit`, in bytes.
    pub size_bytes: u64,
    /// `cpus`
    pub cpus: CpuSet<'a>,
}

impl<'a> Bank<'a> {
    /// The link of a chain, then the fields. The CPUs come from elsewhere: `runs` that ascend.
    pub(crate) fn put(
        &self,
        pen: &mut Pen<'_, '_>,
        link: u32,
        runs: impl IntoIterator<Item = Run>,
    ) {
        pen.u32(link);
        pen.u32(self.id);
        pen.u32(self.level);
        pen.u64(self.size_bytes);
        pen.u8(self.kind as u8);
        put_set(pen, runs);
    }

    /// The bank at `offset` of the storage.
    pub(crate) fn at(bytes: &'a [u8], offset: u32) -> Self {
        let mut cursor = Cursor::new(bytes.get(offset as usize..).unwrap_or(&[]));
        let _link = cursor.u32();
        let (id, level, size_bytes) = (cursor.u32(), cursor.u32(), cursor.u64());
        let kind = CacheKind::from_number(cursor.u8());
        Self { id, level, kind, size_bytes, cpus: CpuSet::new(cursor.set()) }
    }

    /// The link of the bank at `offset`.
    pub(crate) fn link(bytes: &[u8], offset: u32) -> u32 {
        Cursor::new(bytes.get(offset as usize..).unwrap_or(&[])).u32()
    }

    pub(crate) fn stored_bytes(&self) -> u32 {
        const FIXED: u32 = 4 + 4 + 4 + 8 + 1;
        FIXED.saturating_add(self.cpus.bytes().len() as u32)
    }
}

/// Iterator over the banks of a document, in the order of printing.
#[derive(Clone, Debug)]
pub struct Banks<'a> {
    bytes: &'a [u8],
    index: Cursor<'a>,
}

impl<'a> Banks<'a> {
    pub(crate) fn new(bytes: &'a [u8], index: Span) -> Self {
        Self { bytes, index: Cursor::new(index.of(bytes)) }
    }
}

impl<'a> Iterator for Banks<'a> {
    type Item = Bank<'a>;

    fn next(&mut self) -> Option<Bank<'a>> {
        (!self.index.is_empty()).then(|| Bank::at(self.bytes, self.index.u32()))
    }
}

/// How a kind of cache of one level can be allocated; `<control>` of each of its banks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CacheControl {
    /// Level of the banks.
    pub level: u32,
    /// `type`
    pub kind: CacheKind,
    /// `maxAllocs`: `num_closids`.
    pub max_allocs: u32,
    /// Bits set in `cbm_mask`: the portions that a bank is divided in.
    pub portions: u32,
    /// `min_cbm_bits`: the least portions of an allocation.
    pub min_portions: u32,
    /// Size of every bank of the level, in bytes; 0 before the first one is known.
    pub bank_bytes: u64,
}

impl CacheControl {
    /// The last 8 bytes are those of `bank_bytes`.
    pub(crate) const SIZE: usize = 25;

    pub(crate) fn put(&self, pen: &mut Pen<'_, '_>) {
        for field in [self.level, self.max_allocs, self.portions, self.min_portions] {
            pen.u32(field);
        }
        pen.u8(self.kind as u8);
        pen.u64(self.bank_bytes);
    }

    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Self {
        let [level, max_allocs, portions, min_portions] = core::array::from_fn(|_| cursor.u32());
        let kind = CacheKind::from_number(cursor.u8());
        Self { level, kind, max_allocs, portions, min_portions, bank_bytes: cursor.u64() }
    }

    /// `granularity`: bytes of a portion.
    pub const fn granularity_bytes(&self) -> u64 {
        match self.bank_bytes.checked_div(self.portions as u64) {
            Some(bytes) => bytes,
            None => 0,
        }
    }

    /// `min`: bytes of the smallest allocation; 0 where a single portion will do, and then it is not printed.
    pub const fn min_bytes(&self) -> u64 {
        match self.min_portions {
            1 => 0,
            portions => self.granularity_bytes().wrapping_mul(portions as u64),
        }
    }

    /// `granularity`, `min` and their common `unit`.
    pub const fn sizes(&self) -> (u64, u64, SizeUnit) {
        let granularity = BankSize::of(self.granularity_bytes());
        let min = BankSize::of(self.min_bytes());
        let (granularity_unit, min_unit) = (granularity.unit.bytes(), min.unit.bytes());
        if min.value == 0 || granularity_unit == min_unit {
            (granularity.value, min.value, granularity.unit)
        } else if min_unit > granularity_unit {
            (
                granularity.value,
                min.value.wrapping_mul(min_unit / granularity_unit),
                granularity.unit,
            )
        } else {
            (granularity.value.wrapping_mul(granularity_unit / min_unit), min.value, min.unit)
        }
    }
}

/// Iterator over the controls of the banks of one level.
#[derive(Clone, Debug)]
pub struct Controls<'a> {
    cursor: Cursor<'a>,
    level: u32,
    kind: u8,
    all: &'a [u8],
}

impl<'a> Controls<'a> {
    pub(crate) const fn new(all: &'a [u8], level: u32) -> Self {
        Self { cursor: Cursor::new(all), level, kind: 0, all }
    }
}

impl Iterator for Controls<'_> {
    type Item = CacheControl;

    fn next(&mut self) -> Option<CacheControl> {
        while let Some(&kind) = CacheKind::ALL.get(usize::from(self.kind)) {
            while !self.cursor.is_empty() {
                let control = CacheControl::read(&mut self.cursor);
                if control.level == self.level && control.kind == kind {
                    return Some(control);
                }
            }
            self.kind += 1;
            self.cursor = Cursor::new(self.all);
        }
        None
    }
}

/// A size in the largest unit that leaves it whole: `size='' unit=''`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BankSize {
    /// In `unit`.
    pub value: u64,
    /// `unit`
    pub unit: SizeUnit,
}

/// `unit` of a cache size: a power of 1024.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SizeUnit(u8);

impl SizeUnit {
    const NAMES: [&'static str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// The unit's name.
    pub fn name(self) -> &'static str {
        Self::NAMES.get(usize::from(self.0)).copied().unwrap_or("B")
    }

    /// Bytes of the unit.
    pub const fn bytes(self) -> u64 {
        1 << (10 * self.0 as u32)
    }
}

impl BankSize {
    /// `bytes` in the largest unit up to PiB that leaves it whole. 0 is 0 B.
    pub const fn of(bytes: u64) -> Self {
        let mut unit = 0;
        while bytes != 0 && unit < 5 && (bytes >> (10 * unit)).is_multiple_of(1024) {
            unit += 1;
        }
        Self { value: bytes >> (10 * unit), unit: SizeUnit(unit as u8) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(bank_bytes: u64, portions: u32, min_portions: u32) -> (u64, u64, &'static str) {
        let control = CacheControl {
            level: 3,
            kind: CacheKind::Both,
            max_allocs: 16,
            portions,
            min_portions,
            bank_bytes,
        };
        let (granularity, min, unit) = control.sizes();
        (granularity, min, unit.name())
    }

    #[test]
    fn sizes_of_controls() {
        assert_eq!(sizes(15 << 20, 20, 2), (768, 1536, "KiB"));
        assert_eq!(sizes(33 << 20, 11, 1), (3, 0, "MiB"));
        assert_eq!(sizes(256 << 10, 12, 3), (21845, 65535, "B"));
        assert_eq!(sizes(16 << 20, 16, 0), (1, 0, "MiB"));
        assert_eq!(sizes(16 << 20, 0, 2), (0, 0, "B"));
        assert_eq!(sizes(8 << 20, 16, 2), (512, 1024, "KiB"));
    }

    #[test]
    fn sizes_take_the_largest_whole_unit() {
        let size = |bytes| (BankSize::of(bytes).value, BankSize::of(bytes).unit.name());
        assert_eq!(size(0), (0, "B"));
        assert_eq!(size(1536 << 10), (1536, "KiB"));
        assert_eq!(size(8192 << 10), (8, "MiB"));
        assert_eq!(size(3000), (3000, "B"));
        assert_eq!(size(1 << 60), (1024, "PiB"));
    }
}
