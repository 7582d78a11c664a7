//! `<guest>`

use crate::out::{Out, Piece, Signed, Tray, put};
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
    machines::<false, S>(out, entry.machines);
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
    machines::<true, S>(out, entry.machines);
    put!(out, "      </domain>\n");
}

/// Most of a document is these lines: they are put without a detour through `out`, by a function that has all registers.
#[inline(never)]
fn machines<const IN_DOMAIN: bool, S: Sink>(out: &mut Out<'_, S>, machines: Machines<'_>) {
    out.add(|tray, mut len| {
        for machine in machines {
            len = Line::<IN_DOMAIN>(machine).put(tray, len);
        }
        len
    });
}

/// `<machine>`
struct Line<'a, const IN_DOMAIN: bool>(Machine<'a>);

impl<const IN_DOMAIN: bool> Piece for Line<'_, IN_DOMAIN> {
    #[inline(always)]
    fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, mut len: usize) -> usize {
        let Machine { name, canonical, max_cpus, deprecated } = self.0;
        if IN_DOMAIN {
            len = "  ".put(tray, len);
        }
        len = match (canonical, max_cpus) {
            (None, 1..) => "      <machine maxCpus='".put(tray, len),
            (None, 0) => "      <machine".put(tray, len),
            (Some(canonical), 1..) => {
                ("      <machine canonical='", canonical, "' maxCpus='").put(tray, len)
            }
            (Some(canonical), 0) => ("      <machine canonical='", canonical, "'").put(tray, len),
        };
        len = match (max_cpus, deprecated) {
            (1.., false) => (Signed(max_cpus), "'>").put(tray, len),
            (1.., true) => (Signed(max_cpus), "' deprecated='yes'>").put(tray, len),
            (0, false) => ">".put(tray, len),
            (0, true) => " deprecated='yes'>".put(tray, len),
        };
        (name, "</machine>\n").put(tray, len)
    }
}

fn features<S: Sink>(out: &mut Out<'_, S>, features: &[GuestFeature]) {
    if features.is_empty() {
        return;
    }
    put!(out, "    <features>\n");
    for feature in features {
        put!(out, "      <", feature.name());
        match feature.toggle() {
            None => put!(out, "/>\n"),
            Some(true) => put!(out, " default='on' toggle='yes'/>\n"),
            Some(false) => put!(out, " default='on' toggle='no'/>\n"),
        }
    }
    put!(out, "    </features>\n");
}
