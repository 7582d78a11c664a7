//! SRAT: which proximity domain each CPU and each range of memory is in.

use super::Table;
use super::record::{Record, Records};
use crate::bytes::{array_at, u8_at, u32_at, u64_at};
use crate::error::Fault;
use crate::memory::Region;

/// Where records begin: behind the header and 12 reserved bytes.
const RECORDS: usize = 48;
const CPU: u8 = 0;
const MEMORY: u8 = 1;
const CPU_X2APIC: u8 = 2;
/// The flag of a record that counts.
const ENABLED: u32 = 1;
/// The most ranges of memory that are believed: each is held against all others.
const MAX_RANGES: usize = 1024;

/// The table of affinities.
#[derive(Clone, Debug)]
pub struct Srat<'t> {
    records: Records<'t>,
    /// Before revision 2 a domain has 8 bits; what stands in the others means nothing.
    narrow: bool,
}

/// A record that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Affinity {
    /// The CPU with this APIC id.
    Cpu {
        /// The APIC id.
        apic_id: u32,
        /// The domain that it is in.
        domain: u32,
    },
    /// A range of memory, whether RAM is there or may come to be.
    Memory {
        /// The range.
        region: Region,
        /// The domain that it is in.
        domain: u32,
    },
}

impl Affinity {
    /// The domain.
    pub const fn domain(self) -> u32 {
        match self {
            Self::Cpu { domain, .. } | Self::Memory { domain, .. } => domain,
        }
    }
}

impl<'t> Srat<'t> {
    /// Of a table `SRAT`.
    ///
    /// # Errors
    /// [`Fault::Signature`], [`Fault::Record`]; [`Fault::Value`] where ranges of memory overlap, reach beyond 64 bits, or
    /// are more than 1024.
    pub fn parse(table: Table<'t>) -> Result<Self, Fault> {
        let bytes = table.called(b"SRAT")?.bytes();
        let least = |kind| match kind {
            CPU => 16,
            MEMORY => 40,
            CPU_X2APIC => 24,
            _ => 2,
        };
        let records = Records::checked(bytes, RECORDS, least)?;
        let srat = Self { records, narrow: table.revision() < 2 };
        srat.agrees().map(|()| srat)
    }

    /// The records that count: those of CPUs first, as Linux numbers domains, each in the firmware's order.
    pub fn affinities(&self) -> impl Iterator<Item = Affinity> + '_ {
        self.cpus()
            .chain(self.memories().map(|(region, domain)| Affinity::Memory { region, domain }))
    }

    /// Ranges of memory with their domains, in the firmware's order.
    pub fn memories(&self) -> impl Iterator<Item = (Region, u32)> + Clone + '_ {
        self.counted().filter_map(|(_, affinity)| match affinity {
            Affinity::Memory { region, domain } => Some((region, domain)),
            Affinity::Cpu { .. } => None,
        })
    }

    fn cpus(&self) -> impl Iterator<Item = Affinity> + '_ {
        let all = self.counted().map(|(_, affinity)| affinity);
        all.filter(|affinity| matches!(affinity, Affinity::Cpu { .. }))
    }

    fn counted(&self) -> impl Iterator<Item = (u32, Affinity)> + Clone + '_ {
        let narrow = self.narrow;
        let records = self.records.clone();
        records.filter_map(move |record| Some((record.offset, affinity(record, narrow)?)))
    }

    /// Every range against those before it.
    fn agrees(&self) -> Result<(), Fault> {
        let mut ranges = 0;
        for (offset, this) in self.counted() {
            let Affinity::Memory { region, .. } = this else { continue };
            let mut before = self.memories().take(ranges);
            let clashes = before.any(|(other, _)| other.overlap(region) != 0);
            ranges += 1;
            if clashes || ranges > MAX_RANGES || region.base.checked_add(region.len).is_none() {
                return Err(Fault::Value(offset));
            }
        }
        Ok(())
    }
}

fn affinity(Record { kind, bytes, .. }: Record<'_>, narrow: bool) -> Option<Affinity> {
    let mask = if narrow { 0xff } else { u32::MAX };
    let (flags, affinity) = match kind {
        CPU => {
            let [high @ .., _] = array_at::<4>(bytes, 9)?;
            let [second, third, fourth] = high;
            let domain = u32::from_le_bytes([u8_at(bytes, 2)?, second, third, fourth]);
            let apic_id = u8_at(bytes, 3)?.into();
            (u32_at(bytes, 4)?, Affinity::Cpu { apic_id, domain: domain & mask })
        }
        MEMORY => {
            let region = Region { base: u64_at(bytes, 8)?, len: u64_at(bytes, 16)? };
            (u32_at(bytes, 28)?, Affinity::Memory { region, domain: u32_at(bytes, 2)? & mask })
        }
        CPU_X2APIC => {
            let (apic_id, domain) = (u32_at(bytes, 8)?, u32_at(bytes, 4)?);
            (u32_at(bytes, 12)?, Affinity::Cpu { apic_id, domain })
        }
        _ => return None,
    };
    (flags & ENABLED != 0).then_some(affinity)
}
