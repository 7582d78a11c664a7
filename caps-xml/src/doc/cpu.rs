//! `<cpu>`

use crate::escape::Escaped;
use crate::out::{Out, put};
use caps_core::{Caps, HostCpu, Sink};

/// The element with `margin` in front of each line.
pub(crate) fn cpu<S: Sink>(out: &mut Out<'_, S>, caps: &Caps<'_>, margin: &str) {
    put!(out, margin, "<cpu>\n");
    if let Some(arch) = caps.arch() {
        put!(out, margin, "  <arch>", arch.name(), "</arch>\n");
    }
    if let Some(cpu) = caps.cpu() {
        model(out, &cpu, margin);
        identity(out, &cpu, margin);
        counter(out, &cpu, margin);
        topology(out, &cpu, margin);
        maxphysaddr(out, &cpu, margin);
    }
    for name in caps.cpu_features() {
        put!(out, margin, "  <feature name='", name, "'/>\n");
    }
    for size_kib in caps.page_sizes() {
        put!(out, margin, "  <pages unit='KiB' size='", size_kib, "'/>\n");
    }
    put!(out, margin, "</cpu>\n");
}

fn model<S: Sink>(out: &mut Out<'_, S>, cpu: &HostCpu<'_>, margin: &str) {
    if let Some(model) = cpu.model {
        put!(out, margin, "  <model>", Escaped(model), "</model>\n");
    }
    if let Some(vendor) = cpu.vendor {
        put!(out, margin, "  <vendor>", Escaped(vendor), "</vendor>\n");
    }
}

fn identity<S: Sink>(out: &mut Out<'_, S>, cpu: &HostCpu<'_>, margin: &str) {
    if cpu.microcode != 0 {
        put!(out, margin, "  <microcode version='", cpu.microcode, "'/>\n");
    }
    if let Some(signature) = cpu.signature.filter(|signature| signature.family != 0) {
        put!(out, margin, "  <signature family='", signature.family);
        put!(out, "' model='", signature.model, "' stepping='", signature.stepping, "'/>\n");
    }
}

fn counter<S: Sink>(out: &mut Out<'_, S>, cpu: &HostCpu<'_>, margin: &str) {
    if let Some(counter) = cpu.counter {
        let scaling = if counter.scaling { "yes" } else { "no" };
        put!(out, margin, "  <counter name='tsc' frequency='", counter.frequency_hz);
        put!(out, "' scaling='", scaling, "'/>\n");
    }
}

fn topology<S: Sink>(out: &mut Out<'_, S>, cpu: &HostCpu<'_>, margin: &str) {
    let topology = cpu.topology;
    if topology.sockets != 0 && topology.cores != 0 && topology.threads != 0 {
        put!(out, margin, "  <topology sockets='", topology.sockets, "' dies='1' clusters='1'");
        put!(out, " cores='", topology.cores, "' threads='", topology.threads, "'/>\n");
    }
}

fn maxphysaddr<S: Sink>(out: &mut Out<'_, S>, cpu: &HostCpu<'_>, margin: &str) {
    if let Some(bits) = cpu.maxphysaddr_bits {
        put!(out, margin, "  <maxphysaddr mode='emulate' bits='", bits, "'/>\n");
    }
}
