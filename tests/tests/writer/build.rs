//! Plain values into a document.

use crate::facts::{Cell, Cpu, Document, Guest, Machine};
use caps_core::{
    Arch, Associativity, Bank, Builder, CacheBuilder, CacheKind, Caps, CellBuilder, CellCpu,
    CpuSet, Distance, Domain, Guest as CapsGuest, GuestBuilder, GuestFeatures, HostCpu,
    Interconnect, InterconnectKind, Machine as CapsMachine, MemoryCache, OsType, PagePool, Run,
    TopologyBuilder, Uuid, VirtType, WritePolicy,
};
use std::collections::BTreeSet;

pub(crate) fn build<'s>(facts: &Document, storage: &'s mut [u8]) -> Caps<'s> {
    let mut builder = Builder::new(storage);
    builder.arch(Arch::from_machine("x86_64"));
    builder.uuid(facts.uuid.map(Uuid));
    let cpu = HostCpu { model: facts.model.as_deref(), ..HostCpu::default() };
    builder.cpu(&cpu, facts.features.iter().map(|name| name.as_bytes()));
    // Whatever the order of adding, that of the document is sorted: so add in reverse.
    builder.page_sizes(facts.page_sizes.iter().rev().copied());
    topology(builder.topology(), facts);
    cache(builder.cache(), facts);
    for guest in &facts.guests {
        self::guest(&mut builder, guest);
    }
    builder.finish().unwrap()
}

fn topology(mut topology: TopologyBuilder<'_, '_>, facts: &Document) {
    for (&id, cell) in &facts.cells {
        let mut builder = topology.cell();
        self::cell(&mut builder, cell);
        builder.finish(id, cell.memory_kib);
    }
    for (&(bandwidth, initiator, target, write), &value) in facts.interconnects.iter().rev() {
        let kind = if bandwidth { InterconnectKind::Bandwidth } else { InterconnectKind::Latency };
        topology.interconnect(Interconnect { kind, initiator, target, write, value });
    }
    topology.finish();
}

fn cell(builder: &mut CellBuilder<'_, '_>, cell: &Cell) {
    for (&size_kib, &count) in cell.pages.iter().rev() {
        builder.pages(PagePool { size_kib, count });
    }
    for (&id, &value) in &cell.distances {
        builder.distance(Distance { id, value });
    }
    for (&level, &(associativity, policy, size_kib, line_bytes)) in cell.memory_caches.iter().rev()
    {
        builder.memory_cache(MemoryCache {
            level,
            associativity: Associativity::from_number(associativity).unwrap(),
            policy: WritePolicy::from_number(policy).unwrap(),
            size_kib,
            line_bytes,
        });
    }
    for (&id, cpu) in &cell.cpus {
        builder.cpu(&cell_cpu(id, cpu), runs(&cpu.siblings));
    }
}

fn cell_cpu(id: u32, cpu: &Cpu) -> CellCpu<'static> {
    let [socket_id, die_id, cluster_id, core_id] = cpu.place.map(|id| id as u32);
    CellCpu { id, socket_id, die_id, cluster_id, core_id, siblings: CpuSet::EMPTY }
}

/// One run a CPU: joining them is for the model.
fn runs(cpus: &BTreeSet<u32>) -> impl Iterator<Item = Run> + Clone {
    cpus.iter().map(|&cpu| Run { first: cpu, last: cpu })
}

/// As long as they can be: what banks are compared by.
fn whole_runs(cpus: &BTreeSet<u32>) -> impl Iterator<Item = Run> + Clone {
    let begins = |cpu: u32| cpu.checked_sub(1).is_none_or(|before| !cpus.contains(&before));
    let end = |first: u32| (first..).take_while(|cpu| cpus.contains(cpu)).last().unwrap_or(first);
    cpus.iter().filter(move |cpu| begins(**cpu)).map(move |&first| Run { first, last: end(first) })
}

fn cache(mut cache: CacheBuilder<'_, '_>, facts: &Document) {
    if let Some(monitor) = &facts.cache_monitor {
        cache.cache_monitor(monitor.max, 7, monitor.features.iter().map(|name| name.as_bytes()));
    }
    if let Some(monitor) = &facts.energy_monitor {
        cache.energy_monitor(monitor.max, monitor.features.iter().map(|name| name.as_bytes()));
    }
    for (&(level, id), bank) in facts.banks.iter().rev() {
        let kind = CacheKind::ALL[bank.kind];
        let view = Bank { id, level, kind, size_bytes: bank.size_bytes, cpus: CpuSet::EMPTY };
        // Twice: the second is the same one.
        cache.bank(&view, whole_runs(&bank.cpus)).unwrap();
        cache.bank(&view, whole_runs(&bank.cpus)).unwrap();
    }
    cache.finish();
}

fn guest(builder: &mut Builder<'_>, guest: &Guest) {
    let mut entry = builder.guest(&CapsGuest {
        os_type: OsType::Hvm,
        arch: Arch::X86_64,
        word_bits: 64,
        emulator: guest.emulator.as_bytes(),
        loader: None,
        emulator_mtime: 1,
        features: GuestFeatures::new(),
    });
    machines(&mut entry, &guest.machines);
    for (emulator, own) in &guest.domains {
        let emulator = emulator.as_deref().map(str::as_bytes);
        entry.domain(&Domain { virt: VirtType::Kvm, emulator, emulator_mtime: 1 });
        machines(&mut entry, own);
    }
}

fn machines(entry: &mut GuestBuilder<'_, '_>, machines: &[Machine]) {
    for machine in machines {
        entry.machine(&CapsMachine {
            name: machine.name.as_bytes(),
            canonical: machine.canonical.as_deref().map(str::as_bytes),
            max_cpus: machine.max_cpus as u32,
            deprecated: machine.deprecated,
        });
    }
}
