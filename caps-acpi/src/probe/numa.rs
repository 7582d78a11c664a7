//! `<topology>`: the cells, as Linux would show them as nodes.

use super::Ground;
use super::cpu::page_sizes_kib;
use super::cpus::Cpu;
use super::level::Leaves;
use crate::table::{LOCAL, REMOTE, SideCache};
use caps_core::{
    Associativity, Builder, CellBuilder, CellCpu, CpuSet, Distance, MemoryCache, PagePool,
    WritePolicy,
};

/// KiB of a base page.
const PAGE_KIB: u64 = 4;

impl Ground<'_> {
    /// The cells, then what connects them.
    pub(super) fn topology(&self, builder: &mut Builder<'_>) {
        let mut topology = builder.topology();
        for node in self.nodes() {
            let mut cell = topology.cell();
            self.pages(&mut cell, node);
            self.distances(&mut cell, node);
            self.memory_caches(&mut cell, node);
            self.cell_cpus(&mut cell, node);
            cell.finish(node.into(), self.domains.memory_kib(node));
        }
        self.interconnects(&mut topology);
        topology.finish();
    }

    /// The nodes that have RAM or a CPU, ascending.
    pub(super) fn nodes(&self) -> impl Iterator<Item = u16> + '_ {
        let all = 0..self.domains.len();
        all.filter(|&node| self.domains.memory_kib(node) != 0 || self.has_cpu(node))
    }

    /// The CPUs of a node, ascending. One that no table places is in the first.
    pub(super) fn cpus_of(&self, node: u16) -> impl Iterator<Item = &Cpu> + '_ {
        self.cpus.iter().filter(move |cpu| cpu.node.unwrap_or(0) == node)
    }

    pub(super) fn has_cpu(&self, node: u16) -> bool {
        self.cpus_of(node).next().is_some()
    }

    /// Nobody has reserved larger pages: all memory is in base pages.
    fn pages(&self, cell: &mut CellBuilder<'_, '_>, node: u16) {
        let base = self.domains.memory_kib(node) / PAGE_KIB;
        for size_kib in page_sizes_kib(Leaves::of(self.machine.cpuid)) {
            let count = if size_kib == PAGE_KIB { base } else { 0 };
            cell.pages(PagePool { size_kib, count });
        }
    }

    fn distances(&self, cell: &mut CellBuilder<'_, '_>, from: u16) {
        for to in self.nodes() {
            cell.distance(Distance { id: to.into(), value: self.distance(from, to).into() });
        }
    }

    fn distance(&self, from: u16, to: u16) -> u8 {
        let told = self
            .tables
            .slit
            .and_then(|slit| slit.distance(self.domains.number(from)?, self.domains.number(to)?));
        told.unwrap_or(if from == to { LOCAL } else { REMOTE })
    }

    /// Of two caches of a level the first counts.
    fn memory_caches(&self, cell: &mut CellBuilder<'_, '_>, node: u16) {
        let Some((hmat, domain)) = self.tables.hmat.zip(self.domains.number(node)) else { return };
        let mut levels = 0_u32;
        for cache in hmat.side_caches().filter(|cache| cache.memory == domain) {
            if levels >> cache.level & 1 == 0 {
                levels |= 1 << cache.level;
                cell.memory_cache(memory_cache(cache));
            }
        }
    }

    fn cell_cpus(&self, cell: &mut CellBuilder<'_, '_>, node: u16) {
        for (id, cpu) in (0..).zip(self.cpus.iter()) {
            if cpu.node.unwrap_or(0) != node {
                continue;
            }
            let place = self.levels.place(cpu.apic_id);
            let element = CellCpu {
                id,
                socket_id: place.socket,
                die_id: place.die,
                cluster_id: place.cluster,
                core_id: place.core,
                siblings: CpuSet::EMPTY,
            };
            cell.cpu(&element, self.cpus.sharing(cpu.apic_id, self.levels.thread_bits));
        }
    }
}

fn memory_cache(cache: SideCache) -> MemoryCache {
    MemoryCache {
        level: cache.level,
        associativity: match cache.associativity {
            1 => Associativity::Direct,
            2 => Associativity::Full,
            _ => Associativity::None,
        },
        policy: match cache.write_policy {
            1 => WritePolicy::Writeback,
            2 => WritePolicy::Writethrough,
            _ => WritePolicy::None,
        },
        size_kib: cache.size_bytes >> 10,
        line_bytes: cache.line_bytes,
    }
}
