//! What all tables begin with: signature, length, revision, checksum.

use crate::bytes::{adds_up, array_at, u8_at, u32_at};
use crate::error::Fault;
use crate::memory::{PhysMem, Region};

/// The most bytes that a table is believed to have: a HMAT with all six matrices of 256 domains has 0.8 MiB.
pub const MAX_TABLE_BYTES: usize = 1 << 20;

/// Bytes of the header that all tables share.
pub(crate) const HEADER_BYTES: usize = 36;

/// A table whose header was looked at: it has the length that it claims, and its bytes add up to 0.
#[derive(Clone, Copy, Debug)]
pub struct Table<'t> {
    bytes: &'t [u8],
}

impl<'t> Table<'t> {
    /// The table that `bytes` begin with; they may go on behind it.
    ///
    /// # Errors
    /// [`Fault::Length`] where they end before it, [`Fault::Checksum`].
    pub fn parse(bytes: &'t [u8]) -> Result<Self, Fault> {
        let claimed = u32_at(bytes, 4).ok_or(Fault::Length(HEADER_BYTES as u32))?;
        let len = claimed as usize;
        if !(HEADER_BYTES..=MAX_TABLE_BYTES).contains(&len) {
            return Err(Fault::Length(claimed));
        }
        let bytes = bytes.get(..len).ok_or(Fault::Length(claimed))?;
        if adds_up(bytes) { Ok(Self { bytes }) } else { Err(Fault::Checksum) }
    }

    /// The table at a physical address.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); [`Fault::Unreadable`].
    pub fn at<M: PhysMem + ?Sized>(memory: &'t M, address: u64) -> Result<Self, Fault> {
        let header = memory.bytes(address, HEADER_BYTES).ok_or(Fault::Unreadable)?;
        let claimed = u32_at(header, 4).unwrap_or(0);
        if !(HEADER_BYTES..=MAX_TABLE_BYTES).contains(&(claimed as usize)) {
            return Err(Fault::Length(claimed));
        }
        let bytes = memory.bytes(address, claimed as usize).ok_or(Fault::Length(claimed))?;
        Self::parse(bytes)
    }

    /// Its four letters.
    pub fn signature(self) -> [u8; 4] {
        array_at(self.bytes, 0).unwrap_or_default()
    }

    /// Its revision, by which the meaning of some fields changes.
    pub fn revision(self) -> u8 {
        u8_at(self.bytes, 8).unwrap_or(0)
    }

    /// All of it, header included: offsets in tables count from there.
    pub const fn bytes(self) -> &'t [u8] {
        self.bytes
    }

    /// Where it lies if it begins at `address`.
    pub(crate) const fn region(self, address: u64) -> Region {
        Region { base: address, len: self.bytes.len() as u64 }
    }

    /// What it is called must be `signature`.
    pub(crate) fn called(self, signature: &[u8; 4]) -> Result<Self, Fault> {
        if self.signature() == *signature { Ok(self) } else { Err(Fault::Signature) }
    }
}
