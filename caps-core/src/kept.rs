//! A document apart from its storage: for whoever holds both, and writes into it what changes on a running host.

use crate::caps::{Caps, Head};
use crate::model::{CELL_SIZE, PagePool};

/// A finished document without its storage, from [`Caps::keep`].
#[derive(Clone, Debug)]
pub struct Kept {
    head: Head,
    len: usize,
}

impl Caps<'_> {
    /// The document without its storage, which is free for its owner until [`Kept::caps`] joins them again.
    pub fn keep(&self) -> Kept {
        Kept { head: self.head.clone(), len: self.bytes.len() }
    }
}

impl Kept {
    /// The document in the storage that it was built in. In another one it is some document or other.
    pub fn caps<'s>(&self, storage: &'s [u8]) -> Caps<'s> {
        Caps { bytes: storage.get(..self.len).unwrap_or(storage), head: self.head.clone() }
    }

    /// Its `<cell>`s, ascending by node, in the storage that it was built in.
    pub fn cells_mut<'s>(&self, storage: &'s mut [u8]) -> CellsMut<'s> {
        CellsMut { rest: self.head.topology.unwrap_or_default().cells.of_mut(storage) }
    }
}

/// Iterator over the cells of a document that is held.
#[derive(Debug)]
pub struct CellsMut<'s> {
    rest: &'s mut [u8],
}

/// Size, most significant byte first, and count, least significant byte first.
type PageRow = [[u8; PagePool::SIZE / 2]; 2];

/// A cell with the numbers that change on a running host.
#[derive(Debug)]
pub struct CellMut<'s> {
    /// `id`: the number of the kernel's node.
    pub id: u32,
    memory_kib: &'s mut [u8; 8],
    pages: &'s mut [PageRow],
}

/// `<pages unit='KiB' size=''>` of a cell.
#[derive(Debug)]
pub struct PagePoolMut<'s> {
    /// `size`, in KiB.
    pub size_kib: u64,
    count: &'s mut [u8; 8],
}

impl<'s> Iterator for CellsMut<'s> {
    type Item = CellMut<'s>;

    fn next(&mut self) -> Option<CellMut<'s>> {
        let (header, rest) =
            core::mem::take(&mut self.rest).split_first_chunk_mut::<CELL_SIZE>()?;
        let (numbers, lens) = header.split_first_chunk_mut::<{ CELL_SIZE / 2 }>()?;
        let (id, numbers) = numbers.split_first_chunk_mut()?;
        let (memory_kib, _) = numbers.split_first_chunk_mut()?;
        let mut lens = lens.as_chunks().0.iter().map(|len| u32::from_le_bytes(*len) as usize);
        let (pages, rest) = rest.split_at_mut_checked(lens.next()?)?;
        self.rest = rest.get_mut(lens.sum()..).unwrap_or_default();
        Some(CellMut {
            id: u32::from_le_bytes(*id),
            memory_kib,
            pages: pages.as_chunks_mut().0.as_chunks_mut().0,
        })
    }
}

impl CellMut<'_> {
    /// Writes `<memory unit='KiB'>`. Returns whether it was another.
    pub fn set_memory_kib(&mut self, memory_kib: u64) -> bool {
        replace(self.memory_kib, memory_kib)
    }

    /// `<pages>`, ascending by size.
    pub fn pages(&mut self) -> impl ExactSizeIterator<Item = PagePoolMut<'_>> {
        self.pages
            .iter_mut()
            .map(|[size, count]| PagePoolMut { size_kib: u64::from_be_bytes(*size), count })
    }
}

impl PagePoolMut<'_> {
    /// Writes the number of pages. Returns whether it was another.
    pub const fn set_count(&mut self, count: u64) -> bool {
        replace(self.count, count)
    }
}

const fn replace(room: &mut [u8; 8], number: u64) -> bool {
    let before = u64::from_le_bytes(*room);
    *room = number.to_le_bytes();
    before != number
}
