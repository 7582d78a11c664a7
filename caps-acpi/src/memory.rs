//! Physical memory, as far as it is read.

/// Physical memory that can be read.
///
/// The one door to it: whoever embeds this decides which addresses exist, and hands out nothing else.
pub trait PhysMem {
    /// The `len` bytes at the physical `address`; `None` unless all of them can be read.
    fn bytes(&self, address: u64, len: usize) -> Option<&[u8]>;
}

/// A range of physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Region {
    /// Physical address of its first byte.
    pub base: u64,
    /// Its length in bytes.
    pub len: u64,
}

impl Region {
    /// Physical address behind its last byte; one beyond 64 bits is cut to the largest.
    pub const fn end(self) -> u64 {
        self.base.saturating_add(self.len)
    }

    /// Bytes that lie in both.
    pub fn overlap(self, other: Self) -> u64 {
        let (start, end) = (self.base.max(other.base), self.end().min(other.end()));
        end.saturating_sub(start)
    }
}

/// Bytes that stand for the memory from an address on: a dump, or one table in a test.
impl PhysMem for (u64, &[u8]) {
    fn bytes(&self, address: u64, len: usize) -> Option<&[u8]> {
        let start = usize::try_from(address.checked_sub(self.0)?).ok()?;
        self.1.get(start..start.checked_add(len)?)
    }
}
