//! Building `<topology>`.

use super::Builder;
use crate::error::Table;
use crate::model::{
    CELL_SIZE, CellCpu, Distance, Interconnect, MemoryCache, PagePool, TopologyHead,
};
use crate::pool::{Mark, Pool, Span};
use crate::set::Run;
use crate::sort::heapsort;

/// `<topology>` in the making. Dropped without [`finish`](Self::finish), nothing of it stays.
#[derive(Debug)]
pub struct TopologyBuilder<'b, 's> {
    builder: &'b mut Builder<'s>,
    start: Mark,
    interconnects: Option<Mark>,
    cell_count: u32,
}

impl<'s> Builder<'s> {
    /// `<topology>`: its cells first, then its interconnects.
    pub fn topology(&mut self) -> TopologyBuilder<'_, 's> {
        let start = self.pool.mark();
        TopologyBuilder { builder: self, start, interconnects: None, cell_count: 0 }
    }
}

impl<'s> TopologyBuilder<'_, 's> {
    /// `<cell>`, ascending by node. Dropped without [`finish`](CellBuilder::finish), nothing of it stays.
    pub fn cell(&mut self) -> CellBuilder<'_, 's> {
        let start = self.builder.pool.mark();
        self.builder.pool.pen(Table::Cells).bytes(&[0; CELL_SIZE]);
        let lists = [self.builder.pool.mark(); 4];
        CellBuilder {
            pool: &mut self.builder.pool,
            cells: &mut self.cell_count,
            start,
            lists,
            cpu_count: 0,
            last_distance: 0,
            done: false,
        }
    }

    /// A latency or bandwidth of `<interconnects>`, in any order, after all cells.
    pub fn interconnect(&mut self, interconnect: Interconnect) {
        let pool = &mut self.builder.pool;
        self.interconnects.get_or_insert_with(|| pool.mark());
        interconnect.put(&mut pool.pen(Table::Interconnects));
    }

    /// The storage, for working space.
    pub const fn pool(&mut self) -> &mut Pool<'s> {
        &mut self.builder.pool
    }

    /// Makes it the document's.
    pub fn finish(mut self) {
        let pool = &mut self.builder.pool;
        let middle = self.interconnects.unwrap_or(pool.mark());
        let (cells, interconnects) = (Span::between(self.start, middle), pool.since(middle));
        let (rows, _) = pool.written_mut(interconnects).as_chunks_mut::<{ Interconnect::SIZE }>();
        heapsort(rows, |a, b| a < b);
        self.builder.head.topology =
            Some(TopologyHead { cell_count: self.cell_count, cells, interconnects });
        self.start = self.builder.pool.mark();
    }
}

impl Drop for TopologyBuilder<'_, '_> {
    fn drop(&mut self) {
        self.builder.pool.rewind(self.start);
    }
}

/// `<cell>` in the making: pages, distances, memory side caches and CPUs, in this order.
#[derive(Debug)]
pub struct CellBuilder<'c, 's> {
    pool: &'c mut Pool<'s>,
    cells: &'c mut u32,
    start: Mark,
    /// Where each list ends so far.
    lists: [Mark; 4],
    cpu_count: u32,
    last_distance: u32,
    done: bool,
}

/// The lists of a cell, in their order.
#[derive(Clone, Copy)]
enum List {
    Pages,
    Distances,
    Caches,
    Cpus,
}

impl<'s> CellBuilder<'_, 's> {
    /// `<pages>` of one size, in any order.
    pub fn pages(&mut self, pages: PagePool) {
        pages.put(&mut self.pool.pen(Table::Cells));
        self.ended(List::Pages);
    }

    /// `<sibling>`, ascending by cell. A distance of 0 is none.
    pub fn distance(&mut self, distance: Distance) {
        if distance.value == 0 {
            return;
        }
        let mut pen = self.pool.pen(Table::Cells);
        pen.varint(distance.id.wrapping_sub(self.last_distance).into());
        pen.varint(distance.value.into());
        self.last_distance = distance.id;
        self.ended(List::Distances);
    }

    /// A memory side cache, in any order.
    pub fn memory_cache(&mut self, cache: MemoryCache) {
        cache.put(&mut self.pool.pen(Table::Cells));
        self.ended(List::Caches);
    }

    /// `<cpu>`, ascending by id. `siblings` ascend too and stand for those of `cpu`, which are not looked at.
    pub fn cpu(&mut self, cpu: &CellCpu<'_>, siblings: impl IntoIterator<Item = Run>) {
        cpu.put(&mut self.pool.pen(Table::Cpus), siblings);
        self.cpu_count = self.cpu_count.wrapping_add(1);
        self.ended(List::Cpus);
    }

    /// The storage, for working space.
    pub const fn pool(&mut self) -> &mut Pool<'s> {
        self.pool
    }

    /// Makes it the topology's: `id` is the node, `memory_kib` its memory in KiB.
    pub fn finish(mut self, id: u32, memory_kib: u64) {
        let first = self.start.after(CELL_SIZE);
        let mut header = [0; CELL_SIZE];
        let (head, lens) = header.split_at_mut(CELL_SIZE / 2);
        let fixed = id
            .to_le_bytes()
            .into_iter()
            .chain(memory_kib.to_le_bytes())
            .chain(self.cpu_count.to_le_bytes());
        head.iter_mut().zip(fixed).for_each(|(room, byte)| *room = byte);
        let starts = [first].into_iter().chain(self.lists);
        for ((room, start), end) in lens.as_chunks_mut().0.iter_mut().zip(starts).zip(self.lists) {
            *room = end.offset().saturating_sub(start.offset()).to_le_bytes();
        }
        self.pool.patch(self.start, &header);
        self.sort();
        *self.cells += 1;
        self.done = true;
    }

    /// A list grew: it and those behind it end here.
    fn ended(&mut self, list: List) {
        let end = self.pool.mark();
        self.lists.iter_mut().skip(list as usize).for_each(|mark| *mark = end);
    }

    fn sort(&mut self) {
        let [pages, distances, caches, _] = self.lists;
        let all = Span::between(self.start.after(CELL_SIZE), pages);
        heapsort(self.pool.written_mut(all).as_chunks_mut::<{ PagePool::SIZE }>().0, |a, b| a < b);
        let all = Span::between(distances, caches);
        heapsort(self.pool.written_mut(all).as_chunks_mut::<{ MemoryCache::SIZE }>().0, |a, b| {
            a < b
        });
    }
}

impl Drop for CellBuilder<'_, '_> {
    fn drop(&mut self) {
        if !self.done {
            self.pool.rewind(self.start);
        }
    }
}
