//! The fence: reading physical memory that is mapped at its own address.
#![allow(unsafe_code, reason = "the only place of the library that makes memory of numbers")]

use caps_acpi::{PhysMem, Region};
use core::{ptr, slice};

/// Physical memory that is mapped where it is, but for what the program itself lies in.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// Mapped up to here.
    end: u64,
    own: Region,
}

/// Nothing is below: a slice cannot begin at address 0. BIOSes leave things in the first page.
const START: u64 = 1;

impl Identity {
    /// All memory below `end`, in bytes, but not `own`: code, data and stack of the program.
    ///
    /// # Safety
    /// As long as this is in use, all addresses from 1 to `end` are mapped to the same physical address, can be read, and
    /// are not written but for `own`.
    pub const unsafe fn new(end: u64, own: Region) -> Self {
        Self { end, own }
    }
}

impl PhysMem for Identity {
    fn bytes(&self, address: u64, len: usize) -> Option<&[u8]> {
        let wanted = Region { base: address, len: u64::try_from(len).ok()? };
        let end = address.checked_add(wanted.len)?;
        if address < START || end > self.end || self.own.overlap(wanted) != 0 {
            return None;
        }
        let start = ptr::with_exposed_provenance(usize::try_from(address).ok()?);
        // SAFETY: the range is mapped, readable and nobody writes to it, by the contract of `new`; it does not hold address 0,
        // and bytes need no alignment.
        Some(unsafe { slice::from_raw_parts(start, len) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_promised_is_handed_out() {
        let there = [7, 8, 9, 10];
        let start = there.as_ptr().expose_provenance() as u64;
        let own = Region { base: start + 3, len: 1 };
        // SAFETY: only addresses of `there` are asked for, or such as are refused.
        let memory = unsafe { Identity::new(start + 4, own) };
        assert_eq!(memory.bytes(start, 3), Some(&there[..3]));
        assert_eq!(memory.bytes(start, 4), None, "the program's own");
        assert_eq!(memory.bytes(start + 4, 1), None, "behind the end");
        assert_eq!(memory.bytes(0, 1), None);
        assert_eq!(memory.bytes(u64::MAX, 2), None);
        assert_eq!(memory.bytes(1, usize::MAX), None);
    }
}
