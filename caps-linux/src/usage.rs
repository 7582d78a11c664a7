//! What a host has free and what it has done: what is asked of a host beside its document.

use crate::parse::cpuinfo::{LineCutter, frequency_mhz};
use crate::parse::cpulist::cpulist;
use crate::parse::int::decimal_line;
use crate::parse::line;
use crate::parse::mask::IdMask;
use crate::parse::meminfo::kib;
use crate::parse::stat::{CpuTicks, cpu_ticks};
use crate::path::{Path, at};
use crate::probe::numbered;
use crate::sys::Errno;
use crate::tree::Tree;
use core::cell::Cell;
use core::ops::ControlFlow;

/// Reads the usage of a host, anew at each call. `None` is what cannot be read; [`failure`](Self::failure) is there where it may
/// be the next time.
pub struct Usage<'h> {
    tree: &'h dyn Tree,
    numa: bool,
    failure: Cell<Option<Errno>>,
}

/// Memory in KiB. Of a cell only the first two are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// `MemTotal`
    pub total_kib: u64,
    /// `MemFree`
    pub free_kib: u64,
    /// `Buffers`
    pub buffers_kib: u64,
    /// `Cached`
    pub cached_kib: u64,
}

impl core::fmt::Debug for Usage<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Usage").field("numa", &self.numa).finish_non_exhaustive()
    }
}

/// Most bytes of a file with one number or one list.
const TEXT_BYTES: usize = 4096;

impl<'h> Usage<'h> {
    /// Of the host whose files are in `tree`, and which has cells of its own if it has `numa`
    /// ([`Facts::numa`](crate::Facts::numa)): without, all memory is one cell.
    pub const fn new(tree: &'h dyn Tree, numa: bool) -> Self {
        Self { tree, numa, failure: Cell::new(None) }
    }

    /// The last [trouble](Errno::is_trouble) in reading: without one, what was not there is absent.
    pub const fn failure(&self) -> Option<Errno> {
        self.failure.get()
    }

    /// What was read, if anything; keeps the failure.
    fn kept<T>(&self, read: Result<T, Errno>) -> Option<T> {
        if let Err(errno) = read.as_ref()
            && errno.is_trouble()
        {
            self.failure.set(Some(*errno));
        }
        read.ok()
    }

    /// The cells by their numbers.
    pub fn cells(&self) -> Option<IdMask> {
        let mut cells = IdMask::default();
        if !self.numa {
            cells.set(0, true)?;
            return Some(cells);
        }
        let listed = self.tree.list(&at!("/sys/devices/system/node"), &mut |name| {
            if let Some(cell) = numbered(name, b"node") {
                cells.set(cell, true);
            }
            ControlFlow::Continue(())
        });
        self.kept(listed).filter(|()| !cells.is_empty()).map(|()| cells)
    }

    /// Memory of the whole host as `/proc/meminfo` tells it.
    pub fn memory(&self) -> Option<Memory> {
        self.text(&at!("/proc/meminfo"), |text| {
            Some(Memory {
                buffers_kib: kib(text, b"Buffers")?,
                cached_kib: kib(text, b"Cached")?,
                ..memory(text)?
            })
        })
    }

    /// Memory of one cell, total and free.
    pub fn cell_memory(&self, cell: u32) -> Option<Memory> {
        match self.numa {
            true => self.text(&at!("/sys/devices/system/node/node", cell, "/meminfo"), memory),
            false => self.memory().filter(|_| cell == 0),
        }
    }

    /// Memory of all cells together, total and free.
    pub fn all_cells_memory(&self) -> Option<Memory> {
        self.cells()?.iter().try_fold(Memory::default(), |sum, cell| {
            let memory = self.cell_memory(cell)?;
            Some(Memory {
                total_kib: sum.total_kib.saturating_add(memory.total_kib),
                free_kib: sum.free_kib.saturating_add(memory.free_kib),
                ..sum
            })
        })
    }

    /// Free huge pages of `size_kib` in a cell; `None` where it has no pool of that size.
    pub fn free_huge_pages(&self, cell: u32, size_kib: u32) -> Option<u64> {
        let file = match self.numa {
            true => at!("/sys/devices/system/node/node", cell, "/hugepages/hugepages-", size_kib),
            false => at!("/sys/kernel/mm/hugepages/hugepages-", size_kib),
        };
        self.text(&at!(file, "kB/free_hugepages"), decimal_line)
    }

    /// Time that a CPU, or all together, spent. `Some(None)` where there is no such CPU.
    pub fn cpu_ticks(&self, cpu: Option<u32>) -> Option<Option<CpuTicks>> {
        self.line(&at!("/proc/stat"), |line| cpu_ticks(line, cpu))
    }

    /// The frequency of the first CPU in MHz; `None` where the kernel does not tell.
    pub fn frequency_mhz(&self) -> Option<u32> {
        self.line(&at!("/proc/cpuinfo"), frequency_mhz).flatten()
    }

    /// The CPUs that are there.
    pub fn present_cpus(&self) -> Option<IdMask> {
        self.text(&at!("/sys/devices/system/cpu/present"), |list| cpulist(line::value(list)))
    }

    /// The CPUs that run.
    pub fn online_cpus(&self) -> Option<IdMask> {
        self.text(&at!("/sys/devices/system/cpu/online"), |list| cpulist(line::value(list)))
    }

    fn text<T>(&self, path: &Path, parse: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        let mut buffer = [0; TEXT_BYTES];
        self.kept(self.tree.read(path, &mut buffer)).and_then(parse)
    }

    /// What `parse` makes of the first line that it makes anything of.
    fn line<T>(&self, path: &Path, mut parse: impl FnMut(&[u8]) -> Option<T>) -> Option<Option<T>> {
        let (mut lines, mut found) = (LineCutter::new(), None);
        let read = self.tree.stream(path, &mut [0; TEXT_BYTES], &mut |chunk| {
            found = lines.feed(chunk, &mut parse);
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        self.kept(read).map(|()| found)
    }
}

fn memory(text: &[u8]) -> Option<Memory> {
    let (total_kib, free_kib) = (kib(text, b"MemTotal")?, kib(text, b"MemFree")?);
    Some(Memory { total_kib, free_kib, ..Memory::default() })
}
