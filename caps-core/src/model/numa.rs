//! NUMA cells and what connects them: `<topology>`.

use crate::code::Cursor;
use crate::pool::{Pen, Span};
use crate::set::{CpuSet, Run, put_set};

/// `<topology>` of a finished document.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TopologyHead {
    pub(crate) cell_count: u32,
    pub(crate) cells: Span,
    pub(crate) interconnects: Span,
}

/// A NUMA cell: `<cell>`.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// `id`: the number of the kernel's node. Cells of a made-up topology all have 0.
    pub id: u32,
    /// `<memory unit='KiB'>`: `MemTotal` of the node; 0 is not printed.
    pub memory_kib: u64,
    /// Number of [`cpus`](Self::cpus): `<cpus num=''>`.
    pub cpu_count: u32,
    pages: &'a [u8],
    distances: &'a [u8],
    caches: &'a [u8],
    cpus: &'a [u8],
}

/// Bytes of the numbers that a cell begins with: id, memory, number of CPUs, and the bytes of its four lists, which follow.
pub(crate) const CELL_SIZE: usize = 32;

impl<'a> Cell<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Self {
        let (id, memory_kib, cpu_count) = (cursor.u32(), cursor.u64(), cursor.u32());
        let lens: [usize; 4] = core::array::from_fn(|_| cursor.u32() as usize);
        let [pages, distances, caches, cpus] = lens.map(|len| cursor.take(len));
        Self { id, memory_kib, cpu_count, pages, distances, caches, cpus }
    }

    /// `<pages>`, ascending by size.
    pub fn pages(&self) -> PagePools<'a> {
        PagePools { cursor: Cursor::new(self.pages) }
    }

    /// `<distances>`, ascending by cell.
    pub fn distances(&self) -> Distances<'a> {
        Distances { cursor: Cursor::new(self.distances), id: 0 }
    }

    /// Memory side caches, ascending by level.
    pub fn memory_caches(&self) -> MemoryCaches<'a> {
        MemoryCaches { cursor: Cursor::new(self.caches) }
    }

    /// `<cpus>`, ascending by id.
    pub fn cpus(&self) -> CellCpus<'a> {
        CellCpus { cursor: Cursor::new(self.cpus) }
    }
}

/// Pages of one size in a cell: `<pages unit='KiB' size=''>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PagePool {
    /// `size`, in KiB.
    pub size_kib: u64,
    /// Number of pages: `nr_hugepages`, or what is left of the memory for base pages. It wraps where pools exceed the memory.
    pub count: u64,
}

impl PagePool {
    pub(crate) const SIZE: usize = 16;

    /// The size comes first, most significant byte first, so that rows sort as bytes.
    pub(crate) fn put(&self, pen: &mut Pen<'_, '_>) {
        pen.u64(self.size_kib.swap_bytes());
        pen.u64(self.count);
    }

    fn read(cursor: &mut Cursor<'_>) -> Self {
        Self { size_kib: cursor.u64().swap_bytes(), count: cursor.u64() }
    }
}

/// How far another cell is: `<sibling id='' value=''/>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Distance {
    /// `id` of the other cell.
    pub id: u32,
    /// `value`: 10 is local, 255 unreachable. Never 0.
    pub value: u32,
}

/// A cache in front of a cell's memory: `<cache level='' associativity='' policy=''>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MemoryCache {
    /// `level`, counted from the memory.
    pub level: u32,
    /// `associativity`.
    pub associativity: Associativity,
    /// `policy` of writes.
    pub policy: WritePolicy,
    /// `<size unit='KiB'>`.
    pub size_kib: u64,
    /// `<line unit='B'>`, in bytes; 0 is not printed.
    pub line_bytes: u32,
}

/// `indexing` of a memory side cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Associativity {
    /// 0: `direct`
    Direct,
    /// 1: `full`
    Full,
    /// 2: `none`
    None,
}

/// `write_policy` of a memory side cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum WritePolicy {
    /// 0: `writeback`
    Writeback,
    /// 1: `writethrough`
    Writethrough,
    /// 2: `none`
    None,
}

impl Associativity {
    /// By the kernel's number.
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Direct),
            1 => Some(Self::Full),
            2 => Some(Self::None),
            _ => None,
        }
    }

    /// The word of the document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Full => "full",
            Self::None => "none",
        }
    }
}

impl WritePolicy {
    /// By the kernel's number.
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Writeback),
            1 => Some(Self::Writethrough),
            2 => Some(Self::None),
            _ => None,
        }
    }

    /// The word of the document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Writeback => "writeback",
            Self::Writethrough => "writethrough",
            Self::None => "none",
        }
    }
}

impl MemoryCache {
    pub(crate) const SIZE: usize = 18;

    /// The level comes first, most significant byte first, so that rows sort as bytes.
    pub(crate) fn put(&self, pen: &mut Pen<'_, '_>) {
        pen.u32(self.level.swap_bytes());
        pen.u8(self.associativity as u8);
        pen.u8(self.policy as u8);
        pen.u32(self.line_bytes);
        pen.u64(self.size_kib);
    }

    fn read(cursor: &mut Cursor<'_>) -> Self {
        let level = cursor.u32().swap_bytes();
        let associativity =
            Associativity::from_number(cursor.u8().into()).unwrap_or(Associativity::None);
        let policy = WritePolicy::from_number(cursor.u8().into()).unwrap_or(WritePolicy::None);
        let (line_bytes, size_kib) = (cursor.u32(), cursor.u64());
        Self { level, associativity, policy, size_kib, line_bytes }
    }
}

/// A CPU of a cell: `<cpu id='' socket_id='' die_id='' cluster_id='' core_id='' siblings=''/>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CellCpu<'a> {
    /// `id`
    pub id: u32,
    /// `socket_id`: `physical_package_id`.
    pub socket_id: u32,
    /// `die_id`
    pub die_id: u32,
    /// `cluster_id`; kernels say 65535 where there is none.
    pub cluster_id: u32,
    /// `core_id`; printed as a signed number.
    pub core_id: u32,
    /// `siblings`: the threads of the core.
    pub siblings: CpuSet<'a>,
}

/// How fast one cell reaches the memory of another: `<latency>` or `<bandwidth>` of `<interconnects>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Interconnect {
    /// What the value is.
    pub kind: InterconnectKind,
    /// `initiator`: the cell that asks.
    pub initiator: u32,
    /// `target`: the cell that answers.
    pub target: u32,
    /// `type`: write, or else read.
    pub write: bool,
    /// `value`: latency in ns, bandwidth in KiB/s.
    pub value: u32,
}

/// What an [`Interconnect`] measures. Latencies are printed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum InterconnectKind {
    /// `<latency>`, in ns.
    Latency,
    /// `<bandwidth unit='KiB'>`, in KiB/s.
    Bandwidth,
}

impl Interconnect {
    pub(crate) const SIZE: usize = 14;

    /// Fields in the order of printing, most significant byte first, so that rows sort as bytes.
    pub(crate) fn put(&self, pen: &mut Pen<'_, '_>) {
        pen.u8(self.kind as u8);
        pen.u32(self.initiator.swap_bytes());
        pen.u32(self.target.swap_bytes());
        pen.u8(u8::from(self.write));
        pen.u32(self.value.swap_bytes());
    }

    fn read(cursor: &mut Cursor<'_>) -> Self {
        let kind =
            if cursor.u8() == 0 { InterconnectKind::Latency } else { InterconnectKind::Bandwidth };
        let (initiator, target) = (cursor.u32().swap_bytes(), cursor.u32().swap_bytes());
        let write = cursor.u8() != 0;
        Self { kind, initiator, target, write, value: cursor.u32().swap_bytes() }
    }
}

impl<'a> CellCpu<'a> {
    /// The fields as numbers of variable length. The siblings come from elsewhere: `runs` that ascend.
    pub(crate) fn put(&self, pen: &mut Pen<'_, '_>, siblings: impl IntoIterator<Item = Run>) {
        for field in [self.id, self.socket_id, self.die_id, self.cluster_id, self.core_id] {
            pen.varint(field.into());
        }
        put_set(pen, siblings);
    }

    fn read(cursor: &mut Cursor<'a>) -> Self {
        let [id, socket_id, die_id, cluster_id, core_id] =
            core::array::from_fn(|_| cursor.varint32());
        Self { id, socket_id, die_id, cluster_id, core_id, siblings: CpuSet::new(cursor.set()) }
    }
}

/// Iterators over records that lie one behind the other.
macro_rules! records {
    ($($(#[$doc:meta])* $iterator:ident => $item:ty, $read:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $iterator<'a> {
            cursor: Cursor<'a>,
        }

        impl<'a> Iterator for $iterator<'a> {
            type Item = $item;

            fn next(&mut self) -> Option<$item> {
                let read: fn(&mut Cursor<'a>) -> $item = $read;
                (!self.cursor.is_empty()).then(|| read(&mut self.cursor))
            }
        }
    )*};
}

records! {
    /// Iterator over the cells of a document.
    Cells => Cell<'a>, Cell::read;
    /// Iterator over the [page pools](Cell::pages) of a cell.
    PagePools => PagePool, PagePool::read;
    /// Iterator over the [memory side caches](Cell::memory_caches) of a cell.
    MemoryCaches => MemoryCache, MemoryCache::read;
    /// Iterator over the [CPUs](Cell::cpus) of a cell.
    CellCpus => CellCpu<'a>, CellCpu::read;
    /// Iterator over the interconnects of a document, in the order of printing.
    Interconnects => Interconnect, Interconnect::read;
}

impl<'a> Cells<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { cursor: Cursor::new(bytes) }
    }
}

impl<'a> Interconnects<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { cursor: Cursor::new(bytes) }
    }
}

/// Iterator over the [distances](Cell::distances) of a cell.
#[derive(Clone, Debug)]
pub struct Distances<'a> {
    cursor: Cursor<'a>,
    id: u32,
}

impl Iterator for Distances<'_> {
    type Item = Distance;

    fn next(&mut self) -> Option<Distance> {
        if self.cursor.is_empty() {
            return None;
        }
        self.id = self.id.wrapping_add(self.cursor.varint32());
        Some(Distance { id: self.id, value: self.cursor.varint32() })
    }
}
