//! What the PVH entry hands over: the start info and its map of the memory.

use caps_acpi::{Fault, Observer, Outcome, PhysMem, Region, Source};
use core::fmt;

/// The number that a start info begins with.
const MAGIC: u32 = 0x336e_c578;
/// Bytes of a start info of version 1, the first with a map.
const BYTES: usize = 56;
/// Bytes of an entry of the map, and the type of RAM.
const ENTRY_BYTES: usize = 24;
const RAM: u32 = 1;

/// The most ranges of RAM that a machine may have. They are kept on the stack, 16 bytes each.
pub const MAX_RANGES: usize = 128;

/// Ranges of RAM.
pub type Ram = heapless::Vec<Region, MAX_RANGES, u16>;

/// Why a start info cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StartError {
    /// There is no start info at the address.
    Missing,
    /// It is of this version, which has no map of the memory.
    Version(u32),
    /// Its map, of this many entries, lies where there is no memory.
    Map(u32),
    /// There are more ranges of RAM than [`MAX_RANGES`].
    Ranges,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("no PVH start info"),
            Self::Version(version) => write!(f, "start info of version {version} has no map"),
            Self::Map(entries) => write!(f, "map of {entries} entries cannot be read"),
            Self::Ranges => write!(f, "more than {MAX_RANGES} ranges of RAM"),
        }
    }
}

impl core::error::Error for StartError {}

/// The start info of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StartInfo {
    /// Physical address of the ACPI root pointer, if the loader knows it.
    pub rsdp: Option<u64>,
    map: u64,
    entries: u32,
}

impl StartInfo {
    /// The start info at a physical address: EBX of the PVH entry.
    ///
    /// # Errors
    /// [`StartError::Missing`], [`StartError::Version`].
    pub fn at<M: PhysMem + ?Sized>(memory: &M, address: u64) -> Result<Self, StartError> {
        let bytes = memory.bytes(address, BYTES).ok_or(StartError::Missing)?;
        let word = |at: usize| array(bytes, at).map(u32::from_le_bytes).ok_or(StartError::Missing);
        let long = |at: usize| array(bytes, at).map(u64::from_le_bytes).ok_or(StartError::Missing);
        match (word(0)?, word(4)?) {
            (MAGIC, 1..) => {}
            (MAGIC, version) => return Err(StartError::Version(version)),
            _ => return Err(StartError::Missing),
        }
        let rsdp = Some(long(32)?).filter(|&address| address != 0);
        Ok(Self { rsdp, map: long(40)?, entries: word(48)? })
    }

    /// The RAM of the map. Entries that overlap an earlier one or reach beyond 64 bits are skipped and reported.
    ///
    /// # Errors
    /// [`StartError::Map`], [`StartError::Ranges`].
    pub fn ram<M: PhysMem + ?Sized>(
        &self,
        memory: &M,
        observer: &mut dyn Observer,
    ) -> Result<Ram, StartError> {
        let unreadable = StartError::Map(self.entries);
        let len = (self.entries as usize).checked_mul(ENTRY_BYTES).ok_or(unreadable)?;
        let map = memory.bytes(self.map, len).ok_or(unreadable)?;
        let mut ram = Ram::new();
        for (at, entry) in map.as_chunks::<ENTRY_BYTES>().0.iter().enumerate() {
            let Some(region) = usable(entry) else { continue };
            if let Some(fault) = fault(&ram, region, at) {
                observer.note(Source::MemoryMap, Outcome::Odd(fault));
            } else {
                ram.push(region).map_err(|_| StartError::Ranges)?;
            }
        }
        Ok(ram)
    }
}

/// The range of an entry, if it is RAM and not empty.
fn usable(entry: &[u8; ENTRY_BYTES]) -> Option<Region> {
    let region = Region {
        base: u64::from_le_bytes(array(entry, 0)?),
        len: u64::from_le_bytes(array(entry, 8)?),
    };
    let kind = u32::from_le_bytes(array(entry, 16)?);
    (kind == RAM && region.len != 0).then_some(region)
}

/// What is wrong with the range of the entry `at`.
fn fault(ram: &Ram, region: Region, at: usize) -> Option<Fault> {
    if region.base.checked_add(region.len).is_none() {
        return Some(Fault::Value(at.saturating_mul(ENTRY_BYTES) as u32));
    }
    ram.iter().any(|other| other.overlap(region) != 0).then_some(Fault::Overlap)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}
