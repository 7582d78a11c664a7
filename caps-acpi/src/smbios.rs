//! SMBIOS: the UUID of the machine.

use crate::bytes::{adds_up, array_at, u8_at, u16_at, u32_at, u64_at};
use crate::error::Fault;
use crate::memory::PhysMem;
use caps_core::Uuid;

/// Where BIOSes leave the entry point, at a multiple of 16.
const BIOS: core::ops::Range<u64> = 0xf_0000..0x10_0000;
/// Bytes of the structures that are looked at.
const MAX_BYTES: u32 = 1 << 20;
/// The structure with the UUID, and where it stands in it.
const SYSTEM: u8 = 1;
const UUID_AT: usize = 8;
const END: u8 = 127;

/// Where the structures are.
struct Entry {
    address: u64,
    len: u32,
    /// Whether the first three fields of a UUID are little-endian: since version 2.6.
    swapped: bool,
}

/// The UUID that the firmware gives, in text order: `<uuid>`. `None` without an entry point or a UUID that is set.
///
/// # Errors
/// What is wrong with the structures.
pub fn uuid<M: PhysMem + ?Sized>(memory: &M) -> Result<Option<Uuid>, Fault> {
    let Some(entry) = BIOS.step_by(16).find_map(|address| entry(memory, address)) else {
        return Ok(None);
    };
    let structures = memory.bytes(entry.address, entry.len as usize).ok_or(Fault::Unreadable)?;
    let found = system(structures)?.and_then(|structure| array_at(structure, UUID_AT));
    let uuid = found.map(|bytes| Uuid(if entry.swapped { swapped(bytes) } else { bytes }));
    // All 0 is not set, all 1 not present.
    Ok(uuid.filter(Uuid::is_valid))
}

/// An entry point of either kind that is good.
fn entry<M: PhysMem + ?Sized>(memory: &M, address: u64) -> Option<Entry> {
    let head = memory.bytes(address, 16)?;
    if head.starts_with(b"_SM3_") {
        let entry = whole(memory, address, u8_at(head, 6)?, 24)?;
        let version = (u8_at(entry, 7)?, u8_at(entry, 8)?);
        let (address, len) = (u64_at(entry, 16)?, u32_at(entry, 12)?.min(MAX_BYTES));
        Some(Entry { address, len, swapped: version >= (2, 6) })
    } else if head.starts_with(b"_SM_") {
        let entry = whole(memory, address, u8_at(head, 5)?, 31)?;
        let version = (u8_at(entry, 6)?, u8_at(entry, 7)?);
        let (address, len) = (u32_at(entry, 24)?.into(), u16_at(entry, 22)?.into());
        Some(Entry { address, len, swapped: version >= (2, 6) })
    } else {
        None
    }
}

/// An entry point of as many bytes as it claims, if that is enough and they add up.
fn whole<M: PhysMem + ?Sized>(memory: &M, address: u64, claimed: u8, least: u8) -> Option<&[u8]> {
    let bytes = memory.bytes(address, claimed.into())?;
    (claimed >= least && adds_up(bytes)).then_some(bytes)
}

/// The formatted part of the system structure; `None` where there is none.
fn system(structures: &[u8]) -> Result<Option<&[u8]>, Fault> {
    let mut offset = 0;
    while let Some(kind) = u8_at(structures, offset).filter(|&kind| kind != END) {
        let cut = Fault::Record(offset as u32);
        let len = usize::from(u8_at(structures, offset + 1).ok_or(cut)?);
        let rest = structures.get(offset..).unwrap_or(&[]);
        let formatted = rest.get(..len).filter(|_| len >= 4).ok_or(cut)?;
        if kind == SYSTEM {
            return Ok(Some(formatted));
        }
        // Strings follow, and then two zeros.
        let strings = rest.get(len..).unwrap_or(&[]);
        offset += len + 2 + strings.windows(2).position(|pair| pair == [0, 0]).ok_or(cut)?;
    }
    Ok(None)
}

fn swapped(uuid: [u8; 16]) -> [u8; 16] {
    let [a0, a1, a2, a3, b0, b1, c0, c1, rest @ ..] = uuid;
    let mut text = [a3, a2, a1, a0, b1, b0, c1, c0, 0, 0, 0, 0, 0, 0, 0, 0];
    text.iter_mut().skip(8).zip(rest).for_each(|(byte, given)| *byte = given);
    text
}
