//! `<cache>` and `<memory_bandwidth>`

use super::monitor;
use crate::out::{Out, put};
use caps_core::{BandwidthControl, Bank, BankSize, CacheControl, Caps, Sink};

pub(crate) fn cache<S: Sink>(out: &mut Out<'_, S>, caps: &Caps<'_>) {
    let monitor = caps.cache_monitor();
    if monitor.is_none() && caps.banks().next().is_none() {
        return;
    }
    put!(out, "    <cache>\n");
    for bank in caps.banks() {
        bank_element(out, caps, &bank);
    }
    if let Some(monitor) = monitor {
        put!(out, "      <monitor level='3' reuseThreshold='", monitor.reuse_threshold_bytes);
        monitor::monitor(out, "' maxMonitors='", &monitor);
    }
    put!(out, "    </cache>\n");
}

fn bank_element<S: Sink>(out: &mut Out<'_, S>, caps: &Caps<'_>, bank: &Bank<'_>) {
    let size = BankSize::of(bank.size_bytes);
    put!(out, "      <bank id='", bank.id, "' level='", bank.level, "' type='", bank.kind.name());
    put!(out, "' size='", size.value, "' unit='", size.unit.name(), "' cpus='", bank.cpus);
    let mut controls = caps.controls(bank.level).peekable();
    if controls.peek().is_none() {
        return put!(out, "'/>\n");
    }
    put!(out, "'>\n");
    controls.for_each(|control| cache_control(out, &control));
    put!(out, "      </bank>\n");
}

fn cache_control<S: Sink>(out: &mut Out<'_, S>, control: &CacheControl) {
    let (granularity, min, unit) = control.sizes();
    put!(out, "        <control granularity='", granularity);
    if min != 0 {
        put!(out, "' min='", min);
    }
    put!(out, "' unit='", unit.name(), "' type='", control.kind.name());
    put!(out, "' maxAllocs='", control.max_allocs, "'/>\n");
}

pub(crate) fn memory_bandwidth<S: Sink>(out: &mut Out<'_, S>, caps: &Caps<'_>) {
    let monitor = caps.bandwidth_monitor();
    if monitor.is_none() && caps.bandwidth_nodes().next().is_none() {
        return;
    }
    put!(out, "    <memory_bandwidth>\n");
    if let Some(control) = caps.bandwidth_control() {
        caps.bandwidth_nodes().for_each(|bank| bandwidth_node(out, &bank, control));
    }
    if let Some(monitor) = monitor {
        monitor::monitor(out, "      <monitor maxMonitors='", &monitor);
    }
    put!(out, "    </memory_bandwidth>\n");
}

fn bandwidth_node<S: Sink>(out: &mut Out<'_, S>, bank: &Bank<'_>, control: BandwidthControl) {
    put!(out, "      <node id='", bank.id, "' cpus='", bank.cpus, "'>\n");
    put!(out, "        <control granularity='", control.granularity, "' min='", control.min);
    put!(out, "' maxAllocs='", control.max_allocs, "'/>\n      </node>\n");
}
