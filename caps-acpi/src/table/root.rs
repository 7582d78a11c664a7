//! RSDT and XSDT: the physical addresses of all other tables.

use super::Table;
use super::header::HEADER_BYTES;
use crate::error::Fault;

/// The root table.
#[derive(Clone, Copy, Debug)]
pub struct Root<'t> {
    entries: &'t [u8],
    /// Bytes of an entry: 4 or 8.
    width: usize,
}

impl<'t> Root<'t> {
    /// Of a table of either kind.
    ///
    /// # Errors
    /// [`Fault::Signature`]; [`Fault::Record`] where the last address is cut off.
    pub fn parse(table: Table<'t>) -> Result<Self, Fault> {
        let width = match &table.signature() {
            b"RSDT" => 4,
            b"XSDT" => 8,
            _ => return Err(Fault::Signature),
        };
        let entries = table.bytes().get(HEADER_BYTES..).unwrap_or(&[]);
        match entries.len() % width {
            0 => Ok(Self { entries, width }),
            rest => Err(Fault::Record((table.bytes().len() - rest) as u32)),
        }
    }

    /// The addresses, in the firmware's order.
    pub fn addresses(self) -> impl Iterator<Item = u64> + 't {
        self.entries.chunks_exact(self.width).map(|entry| {
            let mut wide = [0; 8];
            wide.iter_mut().zip(entry).for_each(|(byte, &given)| *byte = given);
            u64::from_le_bytes(wide)
        })
    }
}
