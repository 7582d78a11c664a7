//! RSDP: where the root table is.

use crate::bytes::{adds_up, u8_at, u32_at, u64_at};
use crate::error::Fault;
use crate::memory::PhysMem;

const SIGNATURE: &[u8; 8] = b"RSD PTR ";
/// Bytes of revision 0, which the first checksum covers.
const BYTES: usize = 20;
/// Bytes of revision 2, which the second checksum covers.
const BYTES_2: usize = 36;
/// Where BIOSes leave it, at a multiple of 16.
const BIOS: core::ops::Range<u64> = 0xe_0000..0x10_0000;

/// The root pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rsdp {
    /// Physical address of the RSDT, whose entries are of 32 bits.
    pub rsdt: u32,
    /// Physical address of the XSDT, whose entries are of 64 bits; `None` before revision 2.
    pub xsdt: Option<u64>,
}

impl Rsdp {
    /// The pointer at a physical address.
    ///
    /// # Errors
    /// [`Fault::Unreadable`], [`Fault::Signature`], [`Fault::Checksum`]; [`Fault::Length`] where it claims less than revision
    /// 2 has.
    pub fn at<M: PhysMem + ?Sized>(memory: &M, address: u64) -> Result<Self, Fault> {
        let first = memory.bytes(address, BYTES).ok_or(Fault::Unreadable)?;
        if !first.starts_with(SIGNATURE) {
            return Err(Fault::Signature);
        }
        if !adds_up(first) {
            return Err(Fault::Checksum);
        }
        let rsdt = u32_at(first, 16).unwrap_or(0);
        if u8_at(first, 15) < Some(2) {
            return Ok(Self { rsdt, xsdt: None });
        }
        let xsdt = Self::xsdt(memory, address)?;
        Ok(Self { rsdt, xsdt: Some(xsdt).filter(|&address| address != 0) })
    }

    fn xsdt<M: PhysMem + ?Sized>(memory: &M, address: u64) -> Result<u64, Fault> {
        let fixed = memory.bytes(address, BYTES_2).ok_or(Fault::Unreadable)?;
        let claimed = u32_at(fixed, 20).unwrap_or(0);
        if !(BYTES_2..=4096).contains(&(claimed as usize)) {
            return Err(Fault::Length(claimed));
        }
        let whole = memory.bytes(address, claimed as usize).ok_or(Fault::Unreadable)?;
        if adds_up(whole) { Ok(u64_at(fixed, 24).unwrap_or(0)) } else { Err(Fault::Checksum) }
    }

    /// The first good pointer in the area where BIOSes leave it.
    pub fn search<M: PhysMem + ?Sized>(memory: &M) -> Option<Self> {
        BIOS.step_by(16).find_map(|address| Self::at(memory, address).ok())
    }
}
