//! `<cpu>`

use crate::escape::Escaped;
use crate::out::{Out, put};
use caps_core::{Caps, HostCpu, Sink};

pub(crate) fn cpu<S: Sink>(out: &mut Out<'_, S>, caps: &Caps<'_>) {
    put!(out, "    <cpu>\n");
    if let Some(arch) = caps.arch() {
        put!(out, "      <arch>", arch.name(), "</arch>\n");
    }
    if let Some(cpu) = caps.cpu() {
        model(out, &cpu);
        identity(out, &cpu);
        counter(out, &cpu);
        topology(out, &cpu);
        maxphysaddr(out, &cpu);
    }
    for name in caps.cpu_features() {
        put!(out, "      <feature name='", name, "'/>\n");
    }
    for size_kib in caps.page_sizes() {
        put!(out, "      <pages unit='KiB' size='", size_kib, "'/>\n");
    }
    put!(out, "    </cpu>\n");
}

fn model<S: Sink>(out: &mut Out<'_, S>, cpu: &HostCpu<'_>) {
    if let Some(model) = cpu.model {
        put!(out, "      <model>", Escaped(model), "</model>\n");
    }
    if let Some(vendor) = cpu.vendor {
        put!(out, "      <vendor>", Escaped(vendor), "</vendor>\n");
    }
}

fn identity<S: Sink>(out: &mut Out<'_, S>, cpu: &HostCpu<'_>) {
    if cpu.microcode != 0 {
        put!(out, "      <microcode version='", cpu.microcode, "'/>\n");
    }
    if let Some(signature) = cpu.signature.filter(|signature| signature.family != 0) {
        put!(out, "      <signature family='", signature.family);
        put!(out, "' model='", signature.model, "' stepping='", signature.stepping, "'/>\n");
    }
}

fn counter<S: Sink>(out: &mut Out<'_, S>, cpu: &HostCpu<'_>) {
    if let Some(counter) = cpu.counter {
        let scaling = if counter.scaling { "yes" } else { "no" };
        put!(out, "      <counter name='tsc' frequency='", counter.frequency_hz);
        put!(out, "' scaling='", scaling, "'/>\n");
    }
}

fn topology<S: Sink>(out: &mut Out<'_, S>, cpu: &HostCpu<'_>) {
    let topology = cpu.topology;
    if topology.sockets != 0 && topology.cores != 0 && topology.threads != 0 {
        put!(out, "      <topology sockets='", topology.sockets, "' dies='1' clusters='1' cores='");
        put!(out, topology.cores, "' threads='", topology.threads, "'/>\n");
    }
}

fn maxphysaddr<S: Sink>(out: &mut Out<'_, S>, cpu: &HostCpu<'_>) {
    if let Some(bits) = cpu.maxphysaddr_bits {
        put!(out, "      <maxphysaddr mode='emulate' bits='", bits, "'/>\n");
    }
}
