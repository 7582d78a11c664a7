//! SLIT: how far domains are from each other.

use super::Table;
use super::header::HEADER_BYTES;
use crate::bytes::u64_at;
use crate::error::Fault;

/// Where the matrix begins: behind the header and the number of its rows.
const MATRIX: usize = HEADER_BYTES + 8;

/// The distance of a domain to itself.
pub(crate) const LOCAL: u8 = 10;
/// The distance to another domain where nobody tells.
pub(crate) const REMOTE: u8 = 20;

/// The table of distances: a square.
#[derive(Clone, Copy, Debug)]
pub struct Slit<'t> {
    domains: usize,
    matrix: &'t [u8],
}

impl<'t> Slit<'t> {
    /// Of a table `SLIT`.
    ///
    /// # Errors
    /// [`Fault::Signature`]; [`Fault::Record`] where the square is larger than the table; [`Fault::Value`] where a domain is
    /// not 10 from itself, or not farther from another.
    pub fn parse(table: Table<'t>) -> Result<Self, Fault> {
        let bytes = table.called(b"SLIT")?.bytes();
        let domains = u64_at(bytes, HEADER_BYTES).and_then(|count| usize::try_from(count).ok());
        let cut = Fault::Record(HEADER_BYTES as u32);
        let domains = domains.ok_or(cut)?;
        let end =
            domains.checked_mul(domains).and_then(|area| area.checked_add(MATRIX)).ok_or(cut)?;
        let matrix = bytes.get(MATRIX..end).ok_or(cut)?;
        for (at, &distance) in matrix.iter().enumerate() {
            let local = at.checked_div(domains) == at.checked_rem(domains);
            if (local && distance != LOCAL) || (!local && distance <= LOCAL) {
                return Err(Fault::Value((MATRIX + at) as u32));
            }
        }
        Ok(Self { domains, matrix })
    }

    /// The distance from one domain to another; `None` for a domain that the table does not have.
    pub fn distance(self, from: u32, to: u32) -> Option<u8> {
        let (from, to) = (from as usize, to as usize);
        if to >= self.domains {
            return None;
        }
        self.matrix.get(from.checked_mul(self.domains)?.checked_add(to)?).copied()
    }
}
