//! What changes on a running host: a few numbers of its cells, which are read again, and its shape, which tells whether more
//! did.

use super::numa::cell::base_pages;
use crate::parse::cpulist::cpulist;
use crate::parse::int::decimal_line;
use crate::parse::line;
use crate::parse::meminfo::total_kib;
use crate::path::{Path, at};
use crate::sys::{Errno, Stat};
use crate::tree::{HeldFile, Tree};
use caps_core::sink::HashSink;
use caps_core::{Caps, CellMut, Sink};

/// The first files: which CPUs and nodes there are.
const LISTS: [&str; 3] =
    [NODES, "/sys/devices/system/cpu/online", "/sys/devices/system/cpu/present"];
const NODES: &str = "/sys/devices/system/node/online";

/// Room for a file: `meminfo` of a node and any list take less.
const FILE_BYTES: usize = 4097;

/// The files that are read again, by number: the lists, then for each cell its memory and its huge page pools. They are held
/// open as far as there is room in `files`; the others are opened each time.
pub(crate) struct Again<'s> {
    pub(crate) tree: &'s dyn Tree,
    pub(crate) files: &'s mut [Option<HeldFile>],
    pub(crate) page_bytes: u64,
}

impl Again<'_> {
    /// Opens the files of a host that has the cells of `caps`. `None` where these are not the nodes of the kernel, so that
    /// reading those again would tell nothing.
    pub(crate) fn hold(&mut self, caps: &Caps<'_>) -> Option<()> {
        let nodes = self.nodes()?;
        let base_kib = Some(self.page_bytes / 1024);
        let based = |cell: &caps_core::Cell<'_>| cell.pages().next().map(|base| base.size_kib);
        let alike = nodes.iter().eq(caps.cells().map(|cell| cell.id))
            && caps.cells().all(|cell| based(&cell) == base_kib);
        alike.then(|| self.hold_each(caps))
    }

    fn hold_each(&mut self, caps: &Caps<'_>) {
        let cells = caps.cells().flat_map(|cell| {
            let pools = cell.pages().skip(1).map(move |pool| page_count(cell.id, pool.size_kib));
            core::iter::once(memory(cell.id)).chain(pools)
        });
        let paths = LISTS.iter().map(|path| at!(*path)).chain(cells);
        for (room, path) in self.files.iter_mut().zip(paths) {
            *room = self.tree.hold(&path).ok();
        }
    }

    fn nodes(&self) -> Option<crate::parse::mask::IdMask> {
        cpulist(line::value(self.read(0, || at!(NODES), &mut [0; FILE_BYTES]).ok()?))
    }

    fn read<'b>(
        &self,
        number: usize,
        path: impl FnOnce() -> Path,
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], Errno> {
        match self.files.get(number) {
            Some(Some(file)) => file.read(buffer),
            _ => self.tree.read(&path(), buffer),
        }
    }

    /// A number that is another once CPUs or nodes come or go, the first IOMMU group comes, or resctrl is mounted, unmounted
    /// or set. The rest of a host stays until it is started again, by the kernel's own doing:
    ///
    /// - ids, siblings and caches of a CPU are set when it comes up (`drivers/base/arch_topology.c` or `smpboot.c` of the
    ///   architecture; `drivers/base/cacheinfo.c`, `cacheinfo_cpu_online`), and so is its node (`drivers/base/node.c`);
    /// - sizes of huge pages are added at boot (`mm/hugetlb.c`, `hugetlb_add_hstate`, which is `__init`);
    /// - a directory has a link for each one in it (`fs/kernfs/inode.c`, `kernfs_refresh_inode`), as IOMMU groups and what
    ///   resctrl can allocate are directories.
    ///
    /// `None` if a source fails.
    pub(crate) fn shape(&self) -> Option<u64> {
        let (mut hash, mut buffer) = (HashSink::default(), [0; FILE_BYTES]);
        for (number, path) in LISTS.iter().enumerate() {
            add(&mut hash, self.read(number, || at!(*path), &mut buffer))?;
        }
        add_stat(&mut hash, self.tree.stat(&at!("/sys/kernel/iommu_groups")))?;
        let resctrl = self.tree.stat(&at!("/sys/fs/resctrl/info"));
        add_stat(&mut hash, resctrl)?;
        // A file that is held would keep resctrl from being unmounted.
        if resctrl.is_ok() {
            let threshold = at!("/sys/fs/resctrl/info/L3_MON/max_threshold_occupancy");
            add(&mut hash, self.tree.read(&threshold, &mut buffer))?;
        }
        Some(hash.hash)
    }

    /// Writes what a node says now into its cell, and returns whether that is anything new. `number` is that of the cell's
    /// first file, then that of the next cell's. `None` where the node does not tell.
    pub(crate) fn look_at(&self, cell: &mut CellMut<'_>, number: &mut usize) -> Option<bool> {
        let (id, mut buffer) = (cell.id, [0; FILE_BYTES]);
        let mut next = || core::mem::replace(number, *number + 1);
        let text = self.read(next(), || memory(id), &mut buffer).ok()?;
        let total_kib = total_kib(text).filter(|_| text.len() < FILE_BYTES)?;
        let (mut changed, mut huge_kib) = (cell.set_memory_kib(total_kib), 0_u64);
        let mut pages = cell.pages();
        let mut base = pages.next()?;
        for mut pool in pages {
            let size_kib = pool.size_kib;
            let text = self.read(next(), || page_count(id, size_kib), &mut buffer).ok()?;
            let count = decimal_line(text)?;
            huge_kib = huge_kib.wrapping_add(size_kib.wrapping_mul(count));
            changed |= pool.set_count(count);
        }
        changed |= base.set_count(base_pages(self.page_bytes, total_kib, huge_kib)?);
        Some(changed)
    }
}

/// The number of the first cell's first file.
pub(crate) const FIRST_OF_CELLS: usize = LISTS.len();

fn memory(node: u32) -> Path {
    at!("/sys/devices/system/node/node", node, "/meminfo")
}

/// As the probe of a node reads it.
fn page_count(node: u32, size_kib: u64) -> Path {
    at!("/sys/devices/system/node/node", node, "/hugepages/hugepages-", size_kib, "kB/nr_hugepages")
}

fn add(hash: &mut HashSink, read: Result<&[u8], Errno>) -> Option<()> {
    let (text, number) = match read {
        Ok(text) => (text, text.len()),
        Err(errno) if errno.is_trouble() => return None,
        Err(Errno(number)) => (&[][..], number.into()),
    };
    hash.write(text).and_then(|()| hash.write(&number.to_le_bytes())).ok()
}

fn add_stat(hash: &mut HashSink, stat: Result<Stat, Errno>) -> Option<()> {
    match stat {
        Ok(Stat { mode, mtime_s, links, .. }) => [mode.into(), links.into(), mtime_s as u64]
            .into_iter()
            .try_for_each(|number: u64| add(hash, Ok(&number.to_le_bytes()))),
        Err(errno) => add(hash, Err(errno)),
    }
}
