//! HMAT: how fast domains reach each other's memory, and what caches stand in front of it.

use super::Table;
use crate::bytes::{u8_at, u16_at, u32_at, u64_at};
use crate::error::Fault;

/// Where structures begin: behind the header and 4 reserved bytes.
const STRUCTURES: usize = 40;
const MEMORY_DOMAIN: u16 = 0;
const LOCALITY: u16 = 1;
const SIDE_CACHE: u16 = 2;
/// Where the lists of a locality begin.
const LISTS: usize = 32;

/// The table of memory attributes.
#[derive(Clone, Copy, Debug)]
pub struct Hmat<'t> {
    bytes: &'t [u8],
    revision: u8,
}

/// Which domain of CPUs a domain of memory is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MemoryDomain {
    /// The domain of the memory.
    pub memory: u32,
    /// The domain whose memory controller it is; `None` where that is not said.
    pub initiator: Option<u32>,
}

/// What a [`Locality`] measures. Open: the table may come to have others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Measure {
    /// Latency, in ns.
    Latency {
        /// Whether it is that of reads.
        read: bool,
        /// Whether it is that of writes.
        write: bool,
    },
    /// Bandwidth, in MiB/s as Linux calls it.
    Bandwidth {
        /// Whether it is that of reads.
        read: bool,
        /// Whether it is that of writes.
        write: bool,
    },
    /// Something else.
    Other(u8),
}

/// A matrix of latencies or bandwidths from initiators to targets.
#[derive(Clone, Copy, Debug)]
pub struct Locality<'t> {
    bytes: &'t [u8],
    revision: u8,
    initiators: usize,
    targets: usize,
}

/// A cache in front of the memory of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SideCache {
    /// The domain of the memory.
    pub memory: u32,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Level, counted from the memory.
    pub level: u32,
    /// 1 direct mapped, 2 indexed in another way, else none.
    pub associativity: u32,
    /// 1 write back, 2 write through, else none.
    pub write_policy: u32,
    /// Bytes of a line.
    pub line_bytes: u32,
}

/// A structure: its kind, where it begins, all of it.
type Structure<'t> = (u16, usize, &'t [u8]);

impl<'t> Hmat<'t> {
    /// Of a table `HMAT`.
    ///
    /// # Errors
    /// [`Fault::Signature`]; [`Fault::Record`] where a structure is shorter than what it holds.
    pub fn parse(table: Table<'t>) -> Result<Self, Fault> {
        let bytes = table.called(b"HMAT")?.bytes();
        let hmat = Self { bytes, revision: table.revision() };
        let mut end = STRUCTURES;
        for (kind, offset, structure) in hmat.structures() {
            end = offset + structure.len();
            let fits = match kind {
                MEMORY_DOMAIN => structure.len() >= 40,
                LOCALITY => Locality::of(structure, hmat.revision).is_some(),
                SIDE_CACHE => structure.len() >= 32,
                _ => true,
            };
            if !fits {
                return Err(Fault::Record(offset as u32));
            }
        }
        if end == bytes.len() { Ok(hmat) } else { Err(Fault::Record(end as u32)) }
    }

    /// The domains of memory, in the firmware's order.
    pub fn memory_domains(self) -> impl Iterator<Item = MemoryDomain> + 't {
        self.of_kind(MEMORY_DOMAIN).filter_map(|bytes| {
            let initiator = u32_at(bytes, 12).filter(|_| u16_at(bytes, 8).unwrap_or(0) & 1 != 0);
            Some(MemoryDomain { memory: u32_at(bytes, 16)?, initiator })
        })
    }

    /// The matrices that are about memory, not about a cache in front of it, in the firmware's order.
    pub fn localities(self) -> impl Iterator<Item = Locality<'t>> {
        let revision = self.revision;
        let all = self.of_kind(LOCALITY).filter_map(move |bytes| Locality::of(bytes, revision));
        all.filter(|locality| u8_at(locality.bytes, 8).unwrap_or(0) & 0xf == 0)
    }

    /// The caches in front of memory, in the firmware's order.
    pub fn side_caches(self) -> impl Iterator<Item = SideCache> + 't {
        self.of_kind(SIDE_CACHE).filter_map(|bytes| {
            let attributes = u32_at(bytes, 24)?;
            Some(SideCache {
                memory: u32_at(bytes, 8)?,
                size_bytes: u64_at(bytes, 16)?,
                level: attributes >> 4 & 0xf,
                associativity: attributes >> 8 & 0xf,
                write_policy: attributes >> 12 & 0xf,
                line_bytes: attributes >> 16,
            })
        })
    }

    fn of_kind(self, wanted: u16) -> impl Iterator<Item = &'t [u8]> {
        self.structures().filter(move |&(kind, ..)| kind == wanted).map(|(.., bytes)| bytes)
    }

    /// Ends at the first structure that reaches beyond the end.
    fn structures(self) -> impl Iterator<Item = Structure<'t>> {
        let (bytes, mut offset) = (self.bytes, STRUCTURES);
        core::iter::from_fn(move || {
            let kind = u16_at(bytes, offset)?;
            let len = u32_at(bytes, offset.checked_add(4)?)? as usize;
            let end = offset.checked_add(len).filter(|_| len >= 8)?;
            let structure = (kind, offset, bytes.get(offset..end)?);
            offset = end;
            Some(structure)
        })
    }
}

impl<'t> Locality<'t> {
    /// `None` where the matrix is larger than the structure.
    fn of(bytes: &'t [u8], revision: u8) -> Option<Self> {
        let (initiators, targets) = (u32_at(bytes, 12)? as usize, u32_at(bytes, 16)? as usize);
        let lists = initiators.checked_add(targets)?.checked_mul(4)?;
        let entries = initiators.checked_mul(targets)?.checked_mul(2)?;
        let needed = LISTS.checked_add(lists)?.checked_add(entries)?;
        (needed <= bytes.len()).then_some(Self { bytes, revision, initiators, targets })
    }

    /// What it measures.
    pub fn measure(self) -> Measure {
        match u8_at(self.bytes, 9).unwrap_or(u8::MAX) {
            0 => Measure::Latency { read: true, write: true },
            1 => Measure::Latency { read: true, write: false },
            2 => Measure::Latency { read: false, write: true },
            3 => Measure::Bandwidth { read: true, write: true },
            4 => Measure::Bandwidth { read: true, write: false },
            5 => Measure::Bandwidth { read: false, write: true },
            other => Measure::Other(other),
        }
    }

    /// The value from one domain to another, in ns or MiB/s. `None` where the table does not have the pair, and for values
    /// that say that there is none, or are beyond 32 bits.
    pub fn value(self, initiator: u32, target: u32) -> Option<u32> {
        let row = self.place(LISTS, self.initiators, initiator)?;
        let column = self.place(LISTS + 4 * self.initiators, self.targets, target)?;
        let entries = LISTS + 4 * (self.initiators + self.targets);
        let entry = u16_at(self.bytes, entries + 2 * (row * self.targets + column))?;
        let base = u64_at(self.bytes, 24)?;
        if entry == 0 || entry == u16::MAX {
            return None;
        }
        let raw = u32::try_from(base.checked_mul(entry.into())?).ok()?;
        Some(match (self.measure(), self.revision) {
            (Measure::Latency { .. }, 1) => raw.div_ceil(10),
            (Measure::Latency { .. }, _) => raw.div_ceil(1000),
            _ => raw,
        })
    }

    /// Where `domain` stands in the list at `at`.
    fn place(self, at: usize, len: usize, domain: u32) -> Option<usize> {
        (0..len).find(|index| u32_at(self.bytes, at + 4 * index) == Some(domain))
    }
}
