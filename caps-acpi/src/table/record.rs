//! Records of a table that each begin with a byte for their kind and a byte for their length.

use crate::bytes::u8_at;
use crate::error::Fault;

/// A record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'t> {
    pub(crate) kind: u8,
    /// Where it begins in the table.
    pub(crate) offset: u32,
    /// All of it: kind and length included.
    pub(crate) bytes: &'t [u8],
}

/// The records of a table from an offset on. Ends at the first that reaches beyond the end.
#[derive(Clone, Debug)]
pub(crate) struct Records<'t> {
    table: &'t [u8],
    offset: usize,
}

impl<'t> Records<'t> {
    /// Records that were checked before.
    pub(crate) const fn new(table: &'t [u8], offset: usize) -> Self {
        Self { table, offset }
    }

    /// Records that fill the rest of the table without a gap, none of them shorter than `least` says for its kind.
    pub(crate) fn checked(
        table: &'t [u8],
        offset: usize,
        least: impl Fn(u8) -> usize,
    ) -> Result<Self, Fault> {
        let records = Self::new(table, offset);
        let mut walk = records.clone();
        for record in walk.by_ref() {
            if record.bytes.len() < least(record.kind) {
                return Err(Fault::Record(record.offset));
            }
        }
        if walk.offset == table.len() {
            Ok(records)
        } else {
            Err(Fault::Record(walk.offset as u32))
        }
    }
}

impl<'t> Iterator for Records<'t> {
    type Item = Record<'t>;

    fn next(&mut self) -> Option<Record<'t>> {
        let (kind, len) = (u8_at(self.table, self.offset)?, u8_at(self.table, self.offset + 1)?);
        let end = self.offset.checked_add(len.into()).filter(|_| len >= 2)?;
        let bytes = self.table.get(self.offset..end)?;
        let record = Record { kind, offset: self.offset as u32, bytes };
        self.offset = end;
        Some(record)
    }
}
