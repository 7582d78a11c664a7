//! `<guest>`

use crate::out::{Out, Signed, put};
use caps_core::{Caps, DomainEntry, GuestEntry, GuestFeature, Machine, Machines, Sink};

pub(crate) fn guests<S: Sink>(out: &mut Out<'_, S>, caps: &Caps<'_>) {
    for entry in caps.guests() {
        guest(out, &entry);
    }
}

fn guest<S: Sink>(out: &mut Out<'_, S>, entry: &GuestEntry<'_>) {
    let guest = &entry.guest;
    put!(out, "  <guest>\n    <os_type>", guest.os_type.name(), "</os_type>\n");
    put!(out, "    <arch name='", guest.arch.name(), "'>\n");
    put!(out, "      <wordsize>", guest.word_bits, "</wordsize>\n");
    put!(out, "      <emulator>", guest.emulator, "</emulator>\n");
    if let Some(loader) = guest.loader {
        put!(out, "      <loader>", loader, "</loader>\n");
    }
    machines(out, "      <machine", entry.machines);
    entry.domains.clone().for_each(|domain_entry| domain(out, &domain_entry));
    put!(out, "    </arch>\n");
    features(out, &guest.features);
    put!(out, "  </guest>\n\n");
}

fn domain<S: Sink>(out: &mut Out<'_, S>, entry: &DomainEntry<'_>) {
    put!(out, "      <domain type='", entry.domain.virt.name());
    if entry.domain.emulator.is_none() && entry.machines.is_empty() {
        return put!(out, "'/>\n");
    }
    put!(out, "'>\n");
    if let Some(emulator) = entry.domain.emulator {
        put!(out, "        <emulator>", emulator, "</emulator>\n");
    }
    machines(out, "        <machine", entry.machines);
    put!(out, "      </domain>\n");
}

fn machines<S: Sink>(out: &mut Out<'_, S>, start: &str, machines: Machines<'_>) {
    for machine in machines {
        put!(out, start);
        attributes(out, &machine);
        put!(out, ">", machine.name, "</machine>\n");
    }
}

fn attributes<S: Sink>(out: &mut Out<'_, S>, machine: &Machine<'_>) {
    if let Some(canonical) = machine.canonical {
        put!(out, " canonical='", canonical, "'");
    }
    if machine.max_cpus != 0 {
        put!(out, " maxCpus='", Signed(machine.max_cpus), "'");
    }
    if machine.deprecated {
        put!(out, " deprecated='yes'");
    }
}

fn features<S: Sink>(out: &mut Out<'_, S>, features: &[GuestFeature]) {
    if features.is_empty() {
        return;
    }
    put!(out, "    <features>\n");
    for feature in features {
        put!(out, "      <", feature.name());
        if let Some(toggle) = feature.toggle() {
            put!(out, " default='on' toggle='", if toggle { "yes" } else { "no" }, "'");
        }
        put!(out, "/>\n");
    }
    put!(out, "    </features>\n");
}
