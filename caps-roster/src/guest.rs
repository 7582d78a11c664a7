//! `<guest>`s of a roster.

use crate::list::List;
use crate::record::{Emulator, Offer, Verdict};
use crate::roster::Roster;
use caps_core::{
    Arch, Builder, Domain, Guest, GuestFeature, GuestFeatures, MAX_GUEST_FEATURES, Machines, OsType,
};

use GuestFeature::{
    Acpi, Apic, CpuSelection, DeviceBoot, DiskSnapshot, ExternalSnapshot, NonPae, Pae,
};

impl Roster<'_> {
    /// Adds the guests to the document, after everything else of it. An emulator that is left out has none.
    pub fn add_guests(&self, builder: &mut Builder<'_>) {
        let mut place = Place::default();
        for slot in self.slots().iter() {
            place = place.moved(self, slot.emulator.into());
            if let (Some(emulator), Some(arch)) = (place.emulator, Arch::from_name(slot.arch))
                && let Verdict::Offers(offer) = emulator.verdict
            {
                add_guest(builder, arch, &emulator, &offer);
            }
        }
    }
}

/// Where in the list of emulators one is. Slots name them in about the order in which they stand there.
#[derive(Default)]
struct Place<'r> {
    emulator: Option<Emulator<'r>>,
    next: usize,
    rest: List<'r, Emulator<'r>>,
}

impl<'r> Place<'r> {
    fn moved(self, roster: &Roster<'r>, index: usize) -> Self {
        let whole = Self { rest: roster.emulators(), ..Self::default() };
        let mut place = if self.next > 0 && index + 1 >= self.next { self } else { whole };
        while place.next <= index {
            let Some((emulator, rest)) = place.rest.split_first() else { return Self::default() };
            place = Self { emulator: Some(emulator), next: place.next + 1, rest };
        }
        place
    }
}

fn add_guest(builder: &mut Builder<'_>, arch: Arch, emulator: &Emulator<'_>, offer: &Offer<'_>) {
    let mut entry = builder.guest(&Guest {
        os_type: OsType::Hvm,
        arch,
        word_bits: arch.word_bits(),
        emulator: emulator.file.path,
        loader: None,
        emulator_mtime: emulator.file.identity.0.mtime_ns.div_euclid(1_000_000_000),
        features: features(arch),
    });
    entry.machines(&Machines::of_stored(offer.machines));
    for virt in offer.domains() {
        entry.domain(&Domain { virt, emulator: None, emulator_mtime: 0 });
    }
}

/// `<features>` of a guest, in the order of printing.
fn features(arch: Arch) -> GuestFeatures {
    let own: &[GuestFeature] = match arch.name() {
        "i686" => &[Pae, NonPae, Acpi, Apic],
        "x86_64" => &[Acpi, Apic],
        "aarch64" | "loongarch64" => &[Acpi],
        _ => &[],
    };
    let all = own.iter().chain(&[CpuSelection, DeviceBoot, DiskSnapshot, ExternalSnapshot]);
    all.copied().take(MAX_GUEST_FEATURES).collect()
}
