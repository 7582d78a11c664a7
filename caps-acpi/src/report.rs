//! What a probe met on its way, source by source: filled, absent or odd.

use crate::error::Fault;

/// What a part of the document comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Source {
    /// CPUID and MSRs of the boot CPU: `<cpu>`, `<cache>`.
    Cpuid,
    /// The firmware's map of the RAM: `<memory>`.
    MemoryMap,
    /// RSDP: where the others are.
    Rsdp,
    /// RSDT or XSDT: where the others are.
    Root,
    /// MADT: `<cpus>`.
    Madt,
    /// SRAT: `<cells>`.
    Srat,
    /// SLIT: `<distances>`.
    Slit,
    /// HMAT: `<interconnects>`, `<cache>` of a cell.
    Hmat,
    /// PPTT: nothing on a machine with CPUID.
    Pptt,
    /// SMBIOS: `<uuid>`.
    Smbios,
}

impl Source {
    /// All sources, in the order in which they are asked.
    pub const ALL: [Self; 10] = [
        Self::Cpuid,
        Self::MemoryMap,
        Self::Rsdp,
        Self::Root,
        Self::Madt,
        Self::Srat,
        Self::Slit,
        Self::Hmat,
        Self::Pptt,
        Self::Smbios,
    ];

    /// The source in a word or two.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpuid => "CPUID",
            Self::MemoryMap => "memory map",
            Self::Rsdp => "RSDP",
            Self::Root => "RSDT or XSDT",
            Self::Madt => "MADT",
            Self::Srat => "SRAT",
            Self::Slit => "SLIT",
            Self::Hmat => "HMAT",
            Self::Pptt => "PPTT",
            Self::Smbios => "SMBIOS",
        }
    }
}

/// How a source answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Outcome {
    /// It was read and understood.
    Filled,
    /// It is not there.
    Absent,
    /// It, or a part of it, was skipped.
    Odd(Fault),
}

/// Is told of every source that a probe asks.
pub trait Observer {
    /// `source` answered like this.
    fn note(&mut self, source: Source, outcome: Outcome);
}

/// Nobody is told.
impl Observer for () {
    fn note(&mut self, _: Source, _: Outcome) {}
}

/// How often each source was which, and the last fault of each.
#[derive(Clone, Debug, Default)]
pub struct Report {
    tallies: [Tally; Source::ALL.len()],
}

/// How a source answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tally {
    /// Times that it was read.
    pub filled: u32,
    /// Times that it was not there.
    pub absent: u32,
    /// Times that it was skipped, and why the last time.
    pub odd: u32,
    /// Why it was skipped the last time.
    pub fault: Option<Fault>,
}

impl Report {
    /// How `source` answered.
    pub fn tally(&self, source: Source) -> Tally {
        self.tallies.get(source as usize).copied().unwrap_or_default()
    }
}

impl Observer for Report {
    fn note(&mut self, source: Source, outcome: Outcome) {
        let Some(tally) = self.tallies.get_mut(source as usize) else { return };
        match outcome {
            Outcome::Filled => tally.filled = tally.filled.saturating_add(1),
            Outcome::Absent => tally.absent = tally.absent.saturating_add(1),
            Outcome::Odd(fault) => {
                tally.odd = tally.odd.saturating_add(1);
                tally.fault = Some(fault);
            }
        }
    }
}
