//! `<topology>`

use crate::out::{Out, Signed, put};
use caps_core::{Caps, Cell, Interconnect, InterconnectKind, MemoryCache, Sink};

pub(crate) fn topology<S: Sink>(out: &mut Out<'_, S>, caps: &Caps<'_>) {
    let Some(count) = caps.cell_count() else { return };
    put!(out, "    <topology>\n      <cells num='", count, "'>\n");
    for cell in caps.cells() {
        cell_element(out, &cell);
    }
    put!(out, "      </cells>\n");
    interconnects(out, caps);
    put!(out, "    </topology>\n");
}

fn cell_element<S: Sink>(out: &mut Out<'_, S>, cell: &Cell<'_>) {
    put!(out, "        <cell id='", cell.id, "'>\n");
    if cell.memory_kib != 0 {
        put!(out, "          <memory unit='KiB'>", cell.memory_kib, "</memory>\n");
    }
    for pages in cell.pages() {
        put!(out, "          <pages unit='KiB' size='", pages.size_kib, "'>");
        put!(out, pages.count, "</pages>\n");
    }
    distances(out, cell);
    for cache in cell.memory_caches() {
        memory_cache(out, &cache);
    }
    cpus(out, cell);
    put!(out, "        </cell>\n");
}

fn distances<S: Sink>(out: &mut Out<'_, S>, cell: &Cell<'_>) {
    if cell.distances().next().is_none() {
        return;
    }
    put!(out, "          <distances>\n");
    for distance in cell.distances() {
        put!(out, "            <sibling id='", distance.id, "' value='", distance.value, "'/>\n");
    }
    put!(out, "          </distances>\n");
}

fn memory_cache<S: Sink>(out: &mut Out<'_, S>, cache: &MemoryCache) {
    put!(out, "          <cache level='", cache.level);
    put!(out, "' associativity='", cache.associativity.name());
    put!(out, "' policy='", cache.policy.name(), "'>\n");
    put!(out, "            <size value='", cache.size_kib, "' unit='KiB'/>\n");
    if cache.line_bytes != 0 {
        put!(out, "            <line value='", cache.line_bytes, "' unit='B'/>\n");
    }
    put!(out, "          </cache>\n");
}

fn cpus<S: Sink>(out: &mut Out<'_, S>, cell: &Cell<'_>) {
    if cell.cpu_count == 0 {
        return put!(out, "          <cpus num='0'/>\n");
    }
    put!(out, "          <cpus num='", cell.cpu_count, "'>\n");
    for cpu in cell.cpus() {
        put!(out, "            <cpu id='", Signed(cpu.id), "' socket_id='", Signed(cpu.socket_id));
        put!(out, "' die_id='", Signed(cpu.die_id), "' cluster_id='", Signed(cpu.cluster_id));
        put!(out, "' core_id='", Signed(cpu.core_id), "' siblings='", cpu.siblings, "'/>\n");
    }
    put!(out, "          </cpus>\n");
}

fn interconnects<S: Sink>(out: &mut Out<'_, S>, caps: &Caps<'_>) {
    if caps.interconnects().next().is_none() {
        return;
    }
    put!(out, "      <interconnects>\n");
    for interconnect in caps.interconnects() {
        interconnect_element(out, &interconnect);
    }
    put!(out, "      </interconnects>\n");
}

fn interconnect_element<S: Sink>(out: &mut Out<'_, S>, interconnect: &Interconnect) {
    let (name, end) = match interconnect.kind {
        InterconnectKind::Latency => ("latency", "'/>\n"),
        InterconnectKind::Bandwidth => ("bandwidth", "' unit='KiB'/>\n"),
    };
    let direction = if interconnect.write { "write" } else { "read" };
    put!(out, "        <", name, " initiator='", interconnect.initiator);
    put!(out, "' target='", interconnect.target, "' type='", direction);
    put!(out, "' value='", interconnect.value, end);
}
