//! Model-specific registers.

use super::{Errno, Fd};

/// `/dev/cpu/0/msr`: MSRs of the first CPU, from the `msr` module.
#[derive(Debug)]
pub(crate) struct Msrs(Fd);

impl Msrs {
    pub(crate) fn open() -> Result<Self, Errno> {
        Fd::open_cwd(c"/dev/cpu/0/msr", 0).map(Self)
    }

    /// [`Errno::IO`] for an MSR that the CPU does not have.
    pub(crate) fn read(&self, index: u32) -> Result<u64, Errno> {
        let mut bytes = [0; 8];
        match self.0.read_at(&mut bytes, index.into())? {
            8 => Ok(u64::from_le_bytes(bytes)),
            _ => Err(Errno::NOENT),
        }
    }
}
