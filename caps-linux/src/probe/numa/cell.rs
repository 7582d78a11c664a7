//! `<cell>`: one node.

use super::Walk;
use crate::parse::mask::{IdMask, MAX_IDS, cpumap};
use crate::parse::meminfo::total_kib;
use crate::path::at;
use crate::probe::Probe;
use crate::probe::cpu_topology::{Place, add_member, end_node};
use crate::probe::pages::Pools;
use crate::probe::read::{Bad, TEXT_BYTES};
use crate::report::{Outcome, Topic};
use caps_core::{CellBuilder, CellCpu, CpuSet, PagePool, Run, TopologyBuilder};
use core::ops::ControlFlow;

/// Bytes of a `cpumap` with all CPUs that a host can have: 9 for every 32.
const CPUMAP_BYTES: usize = MAX_IDS as usize / 32 * 9;

/// What the directory of a node holds.
struct NodeEntries {
    node: u32,
    cpus: Result<IdMask, Bad>,
    may_have_caches: bool,
    may_be_accessed: bool,
}

/// The online CPUs of a node that are to be counted; begins to count it.
fn count_members(walk: &mut Walk<'_>, entries: &NodeEntries) -> IdMask {
    let Ok(count) = &mut walk.count else { return IdMask::default() };
    count.node();
    let members = entries.cpus.as_ref().map_err(|&bad| bad);
    match members.and_then(|members| walk.ground.sets.split(members)) {
        Ok((online, offline)) => {
            count.add_offline(offline);
            online
        }
        Err(bad) => {
            walk.count = Err(bad);
            IdMask::default()
        }
    }
}

/// Base pages that `huge_kib` leave of the memory. It wraps where they exceed it. `None` where the size is not known.
pub(in crate::probe) const fn base_pages(
    page_bytes: u64,
    total_kib: u64,
    huge_kib: u64,
) -> Option<u64> {
    total_kib.wrapping_sub(huge_kib).wrapping_mul(1024).checked_div(page_bytes)
}

impl Probe<'_> {
    /// Walks `node`: counts its CPUs, adds its memory, and makes it a cell as long as cells make sense.
    pub(super) fn node(
        &mut self,
        topology: &mut TopologyBuilder<'_, '_>,
        walk: &mut Walk<'_>,
        node: u32,
    ) {
        let entries = self.node_entries(node);
        let online = count_members(walk, &entries);
        if entries.may_be_accessed {
            walk.accessed.set(node, true);
        }
        let total_kib = if walk.memory_kib.is_some() { self.node_memory(node) } else { None };
        walk.memory_kib = walk.memory_kib.and_then(|sum| sum.checked_add(total_kib?));
        let mapped = if walk.cells.is_ok() { self.mapped_cpus(node) } else { None };
        let mut cell = topology.cell();
        let lists = match &mapped {
            Some(_) => self.cell_lists(&mut cell, walk, &entries, total_kib),
            None => Ok(()),
        };
        let cpus = self.cell_cpus(&mut cell, walk, &online, mapped.as_ref());
        if let Err(bad) = lists.and(cpus) {
            walk.cells = Err(bad);
        }
        // A node whose CPUs are not known is passed over.
        if walk.cells.is_ok() && mapped.is_some() {
            cell.finish(node, total_kib.unwrap_or(0));
        }
    }

    /// Lists the node. Its CPUs here need not be those of its map: nodes that `numa=fake` makes share the CPUs of a real one
    /// in their maps (`mm/numa_emulation.c`, `numa_add_cpu`), while each CPU is linked from one node only
    /// (`drivers/base/node.c`, `register_cpu_under_node`).
    fn node_entries(&mut self, node: u32) -> NodeEntries {
        let mut cpus = IdMask::default();
        let (mut has_caches, mut is_accessed) = (false, false);
        let directory = at!("/sys/devices/system/node/node", node);
        let listed = self.list(Topic::CpuTopology, &directory, &mut |_, name| {
            match name {
                b"memory_side_cache" => has_caches = true,
                b"access1" => is_accessed = true,
                _ => add_member(&mut cpus, name),
            }
            ControlFlow::Continue(())
        });
        let unlisted = listed != Ok(Some(()));
        NodeEntries {
            node,
            cpus: if unlisted { Err(Bad) } else { Ok(cpus) },
            may_have_caches: has_caches || unlisted,
            may_be_accessed: is_accessed || unlisted,
        }
    }

    /// `MemTotal` of the node in KiB.
    fn node_memory(&mut self, node: u32) -> Option<u64> {
        let path = at!("/sys/devices/system/node/node", node, "/meminfo");
        self.value::<{ TEXT_BYTES + 1 }, _>(Topic::Numa, &path, total_kib).ok().flatten()
    }

    /// The CPUs of the node; `None` where the map is missing or malformed.
    fn mapped_cpus(&mut self, node: u32) -> Option<IdMask> {
        let path = at!("/sys/devices/system/node/node", node, "/cpumap");
        let mut buffer = [0; CPUMAP_BYTES + 1];
        let text = self.contents(Topic::Numa, &path, &mut buffer).ok().flatten()?;
        let mapped = cpumap(text);
        self.note(
            Topic::Numa,
            &path,
            if mapped.is_some() { Outcome::Filled } else { Outcome::Odd },
        );
        mapped
    }

    /// All lists of the cell but its CPUs.
    fn cell_lists(
        &mut self,
        cell: &mut CellBuilder<'_, '_>,
        walk: &mut Walk<'_>,
        entries: &NodeEntries,
        total_kib: Option<u64>,
    ) -> Result<(), Bad> {
        let node = entries.node;
        let pools = self.node_pools(node)?;
        self.cell_pages(cell, &pools, total_kib.ok_or(Bad)?);
        self.distances(cell, walk, node);
        if entries.may_have_caches { self.memory_caches(cell, node) } else { Ok(()) }
    }

    /// Huge pages, and as base pages what they leave of the memory.
    fn cell_pages(&self, cell: &mut CellBuilder<'_, '_>, pools: &Pools, total_kib: u64) {
        let page_bytes = self.host.facts.page_bytes;
        let huge_kib = pools.iter().map(|pool| pool.size_kib.wrapping_mul(pool.count));
        let huge_kib = huge_kib.fold(0, u64::wrapping_add);
        if let Some(count) = base_pages(page_bytes, total_kib, huge_kib) {
            cell.pages(PagePool { size_kib: page_bytes / 1024, count });
        }
        pools.iter().for_each(|&pool| cell.pages(pool));
    }

    /// Reads each CPU once: for the cell if it is `mapped`, for the count if it is `online`.
    fn cell_cpus(
        &mut self,
        cell: &mut CellBuilder<'_, '_>,
        walk: &mut Walk<'_>,
        online: &IdMask,
        mapped: Option<&IdMask>,
    ) -> Result<(), Bad> {
        let stash = cell.pool().stash();
        let mut cells = Ok(());
        for cpu in mapped.unwrap_or(&IdMask::default()).or(online).iter() {
            let place = self.place(cpu);
            if online.contains(cpu) {
                walk.count = walk.count.and_then(|count| count.with_cpu(cell.pool(), &place));
            }
            if cells.is_ok() && mapped.is_some_and(|mapped| mapped.contains(cpu)) {
                cells = self.cell_cpu(cell, cpu, &place);
            }
        }
        end_node(&mut walk.count, cell.pool(), stash);
        cells
    }

    fn cell_cpu(
        &mut self,
        cell: &mut CellBuilder<'_, '_>,
        id: u32,
        place: &Place,
    ) -> Result<(), Bad> {
        let (socket_id, core_id) = (place.socket?, place.core?);
        let (die_id, cluster_id) = (self.id(id, "die_id")?, self.id(id, "cluster_id")?);
        let siblings = CpuSet::EMPTY;
        let cpu = CellCpu { id, socket_id, die_id, cluster_id, core_id, siblings };
        match place.siblings.as_ref().map_err(|&bad| bad)? {
            Some(siblings) => cell.cpu(&cpu, siblings.runs()),
            None => cell.cpu(&cpu, [Run { first: id, last: id }]),
        }
        Ok(())
    }
}
