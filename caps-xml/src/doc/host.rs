//! `<host>`, and its children that are a line or two.

use super::{cache, cpu, monitor, numa, security};
use crate::out::{Out, Piece, Tray, put};
use caps_core::{Caps, Flags, Sink, Uuid};

pub(crate) fn host<S: Sink>(out: &mut Out<'_, S>, caps: &Caps<'_>) {
    put!(out, "  <host>\n");
    if let Some(uuid) = caps.uuid() {
        put!(out, "    <uuid>", uuid, "</uuid>\n");
    }
    cpu::cpu(out, caps, "    ");
    power_management(out, caps.flags());
    iommu(out, caps.flags());
    migration_features(out, caps);
    numa::topology(out, caps);
    cache::cache(out, caps);
    cache::memory_bandwidth(out, caps);
    monitor::energy(out, caps);
    security::secmodels(out, caps);
    put!(out, "  </host>\n\n");
}

fn power_management<S: Sink>(out: &mut Out<'_, S>, flags: Flags) {
    const STATES: [(Flags, &str); 3] = [
        (Flags::SUSPEND_MEM, "      <suspend_mem/>\n"),
        (Flags::SUSPEND_DISK, "      <suspend_disk/>\n"),
        (Flags::SUSPEND_HYBRID, "      <suspend_hybrid/>\n"),
    ];
    if !STATES.iter().any(|(state, _)| flags.contains(*state)) {
        return put!(out, "    <power_management/>\n");
    }
    put!(out, "    <power_management>\n");
    for (_, line) in STATES.iter().filter(|(state, _)| flags.contains(*state)) {
        put!(out, line);
    }
    put!(out, "    </power_management>\n");
}

fn iommu<S: Sink>(out: &mut Out<'_, S>, flags: Flags) {
    let support = if flags.contains(Flags::IOMMU) { "yes" } else { "no" };
    put!(out, "    <iommu support='", support, "'/>\n");
}

fn migration_features<S: Sink>(out: &mut Out<'_, S>, caps: &Caps<'_>) {
    if !caps.flags().contains(Flags::MIGRATE_OFFLINE) {
        return;
    }
    put!(out, "    <migration_features>\n");
    if caps.flags().contains(Flags::MIGRATE_LIVE) {
        put!(out, "      <live/>\n");
    }
    if !caps.transports().is_empty() {
        put!(out, "      <uri_transports>\n");
        for transport in caps.transports() {
            put!(out, "        <uri_transport>", transport.name(), "</uri_transport>\n");
        }
        put!(out, "      </uri_transports>\n");
    }
    put!(out, "    </migration_features>\n");
}

impl Piece for Uuid {
    fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, mut len: usize) -> usize {
        for (at, byte) in self.0.iter().enumerate() {
            if let 4 | 6 | 8 | 10 = at {
                len = tray.raw(len, b"-");
            }
            len = tray.raw(len, &[hex(byte >> 4), hex(byte & 0xf)]);
        }
        len
    }
}

const fn hex(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble }
}
