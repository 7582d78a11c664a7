//! The storage while it is being filled: a document grows from the front, scratch from the back.

use crate::code::varint_bytes;
use crate::error::{Full, Table};
use crate::sort::heapsort;

/// Bytes of the caller, filled from both ends.
///
/// Nothing is stored any more once something did not fit, but everything goes on being counted: [`Pool::full`] then tells
/// the size that suffices.
#[derive(Debug)]
pub struct Pool<'s> {
    bytes: &'s mut [u8],
    front: usize,
    back: usize,
    peak: usize,
    overflow: Option<Table>,
}

/// A place in the document, as an offset from its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark(u32);

impl Mark {
    pub(crate) const fn offset(self) -> u32 {
        self.0
    }

    pub(crate) const fn after(self, bytes: usize) -> Self {
        Self(self.0.saturating_add(bytes as u32))
    }
}

/// Bytes of the document: offset and length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Span {
    offset: u32,
    len: u32,
}

impl Span {
    pub(crate) const EMPTY: Self = Self { offset: 0, len: 0 };

    /// The bytes of the span; empty where `bytes` is not the storage that it was made in.
    pub(crate) fn of(self, bytes: &[u8]) -> &[u8] {
        let start = self.offset as usize;
        bytes.get(start..start.saturating_add(self.len as usize)).unwrap_or(&[])
    }

    /// As [`of`](Self::of), for writing.
    pub(crate) fn of_mut(self, bytes: &mut [u8]) -> &mut [u8] {
        let start = self.offset as usize;
        bytes.get_mut(start..start.saturating_add(self.len as usize)).unwrap_or(&mut [])
    }

    /// What lies between two places.
    pub(crate) const fn between(start: Mark, end: Mark) -> Self {
        Self { offset: start.0, len: end.0.saturating_sub(start.0) }
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// An open stack of numbers at the back of a [`Pool`].
#[derive(Debug)]
pub struct Stash {
    base: usize,
}

/// Offsets are 32 bits wide.
const LIMIT: usize = u32::MAX as usize;

impl<'s> Pool<'s> {
    pub(crate) fn new(bytes: &'s mut [u8]) -> Self {
        let usable = bytes.len().min(LIMIT);
        let (bytes, _) = bytes.split_at_mut(usable);
        Self { bytes, front: 0, back: 0, peak: 0, overflow: None }
    }

    /// What did not fit, if anything: the first table and the bytes that suffice for the whole.
    pub const fn full(&self) -> Option<Full> {
        match self.overflow {
            Some(table) => Some(Full { table, needed: self.peak }),
            None => None,
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.front.min(LIMIT) as u32)
    }

    /// Everything since `mark`.
    pub(crate) fn since(&self, mark: Mark) -> Span {
        Span::between(mark, self.mark())
    }

    /// Forgets everything since `mark`.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.front = self.front.min(mark.0 as usize);
    }

    /// The document so far. Meaningless bytes once the pool is full.
    pub(crate) fn written(&self) -> &[u8] {
        self.bytes.get(..self.front).unwrap_or(&[])
    }

    pub(crate) fn written_mut(&mut self, span: Span) -> &mut [u8] {
        span.of_mut(self.bytes)
    }

    /// What was written before `span`, and the span itself.
    pub(crate) fn split_written(&mut self, span: Span) -> (&[u8], &mut [u8]) {
        let start = (span.offset as usize).min(self.bytes.len());
        let (before, rest) = self.bytes.split_at_mut(start);
        (before, rest.get_mut(..span.len as usize).unwrap_or(&mut []))
    }

    pub(crate) fn freeze(self) -> Result<&'s [u8], Full> {
        match self.full() {
            Some(full) => Err(full),
            None => Ok(self.bytes.get(..self.front).unwrap_or(&[])),
        }
    }

    /// Appends to `table` of the document.
    pub(crate) const fn pen(&mut self, table: Table) -> Pen<'_, 's> {
        Pen { pool: self, table }
    }

    fn put(&mut self, table: Table, data: &[u8]) {
        let start = self.front;
        self.front = start.saturating_add(data.len());
        self.account(table);
        if self.overflow.is_none()
            && let Some(rest) = self.bytes.get_mut(start..)
            && let Some(room) = rest.get_mut(..data.len())
        {
            room.copy_from_slice(data);
        }
    }

    /// Overwrites what was put at `mark`.
    pub(crate) fn patch(&mut self, mark: Mark, data: &[u8]) {
        let start = mark.0 as usize;
        if let Some(room) = self.bytes.get_mut(start..start.saturating_add(data.len())) {
            room.copy_from_slice(data);
        }
    }

    /// What is still free, for passing through: whatever is built next may overwrite it.
    pub fn spare(&mut self) -> &mut [u8] {
        let end = self.bytes.len().saturating_sub(self.back);
        self.bytes.get_mut(self.front..end).unwrap_or(&mut [])
    }

    /// Opens a stack of numbers for working space. Stashes close in the reverse order of their opening.
    pub const fn stash(&self) -> Stash {
        Stash { base: self.back }
    }

    /// Pushes a number. A number that does not fit is counted, not kept.
    pub fn stash_push(&mut self, value: u64) {
        self.back = self.back.saturating_add(size_of::<u64>());
        self.account(Table::Scratch);
        if self.overflow.is_none()
            && let Some(start) = self.bytes.len().checked_sub(self.back)
            && let Some(room) = self.bytes.get_mut(start..start.saturating_add(size_of::<u64>()))
        {
            room.copy_from_slice(&value.to_ne_bytes());
        }
    }

    /// Sorts the numbers of the stash, the largest to be read first.
    pub fn stash_sort(&mut self, stash: &Stash) {
        let number = |bytes: &[u8; 8]| u64::from_ne_bytes(*bytes);
        heapsort(self.stash_slots(stash), |a, b| number(a) > number(b));
    }

    /// The numbers of the stash, last pushed first. None once the pool is full.
    pub fn stashed(&mut self, stash: &Stash) -> impl Iterator<Item = u64> {
        self.stash_slots(stash).iter().map(|bytes| u64::from_ne_bytes(*bytes))
    }

    /// The slot of the stash that `hash` falls into. `None` once the pool is full.
    pub(crate) fn stash_slot(&mut self, stash: &Stash, hash: u64) -> Option<&mut [u8; 8]> {
        let slots = self.stash_slots(stash);
        let index = hash.checked_rem(slots.len() as u64)?;
        slots.get_mut(index as usize)
    }

    fn stash_slots(&mut self, stash: &Stash) -> &mut [[u8; 8]] {
        let len = self.bytes.len();
        let range = len.saturating_sub(self.back)..len.saturating_sub(stash.base);
        if self.overflow.is_some() {
            return &mut [];
        }
        self.bytes.get_mut(range).unwrap_or(&mut []).as_chunks_mut().0
    }

    /// Gives the working space of the stash back.
    pub fn unstash(&mut self, stash: Stash) {
        self.back = stash.base;
    }

    fn account(&mut self, table: Table) {
        let used = self.front.saturating_add(self.back);
        if used > self.peak {
            self.peak = used;
        }
        if used > self.bytes.len() && self.overflow.is_none() {
            self.overflow = Some(table);
        }
    }
}

/// Writes fields one behind the other; [`Cursor`](crate::code::Cursor) reads them in the same order.
#[derive(Debug)]
pub(crate) struct Pen<'p, 's> {
    pool: &'p mut Pool<'s>,
    table: Table,
}

impl Pen<'_, '_> {
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.pool.put(self.table, bytes);
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.bytes(&[value]);
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    pub(crate) fn varint(&mut self, value: u64) {
        let (bytes, len) = varint_bytes(value);
        self.bytes(bytes.get(..len).unwrap_or(&bytes));
    }

    /// `text` behind its length.
    pub(crate) fn text(&mut self, text: &[u8]) {
        self.varint(text.len() as u64);
        self.bytes(text);
    }
}
