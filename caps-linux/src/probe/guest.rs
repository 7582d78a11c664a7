//! `<guest>`s by looking for files: what QEMU of old offered, no emulator started.

use super::Probe;
use crate::path::{Path, at};
use crate::report::{Outcome, Topic};
use crate::sys::Stat;
use caps_core::{
    Arch, Builder, Caps, Domain, Guest, GuestBuilder, GuestFeature, GuestFeatures, Machine, OsType,
    VirtType,
};

/// A guest that an emulator can run.
struct Offer {
    arch: Arch,
    /// Names of its emulator, the first that is found.
    emulators: &'static [&'static str],
    features: &'static [GuestFeature],
}

use GuestFeature::{Acpi, Apic, NonPae, Pae};

/// Hardware guests, in document order. `arm` and `itanium` go by the names that documents have for them today.
const HVM: [Offer; 9] = [
    Offer {
        arch: Arch::I686,
        emulators: &["qemu", "qemu-system-x86_64"],
        features: &[Pae, NonPae, Acpi, Apic],
    },
    Offer { arch: Arch::X86_64, emulators: &["qemu-system-x86_64"], features: &[Acpi, Apic] },
    Offer { arch: Arch::ARMV7L, emulators: &["qemu-system-arm"], features: &[] },
    Offer { arch: Arch::MIPS, emulators: &["qemu-system-mips"], features: &[] },
    Offer { arch: Arch::MIPSEL, emulators: &["qemu-system-mipsel"], features: &[] },
    Offer { arch: Arch::SPARC, emulators: &["qemu-system-sparc"], features: &[] },
    Offer { arch: Arch::PPC, emulators: &["qemu-system-ppc"], features: &[] },
    Offer { arch: Arch::IA64, emulators: &["qemu-system-ia64"], features: &[] },
    Offer { arch: Arch::S390X, emulators: &["qemu-system-s390x"], features: &[] },
];

/// Xen guests without Xen.
const XENNER: [Offer; 2] = [
    Offer { arch: Arch::I686, emulators: &["xenner"], features: &[Pae, NonPae, Acpi, Apic] },
    Offer { arch: Arch::X86_64, emulators: &["xenner"], features: &[Acpi, Apic] },
];

/// Emulators that use KVM, the first that is found.
const KVM_EMULATORS: [&str; 3] = ["/usr/libexec/qemu-kvm", "qemu-kvm", "kvm"];

/// An executable and when it was changed, in seconds of the epoch.
struct Emulator {
    path: Path,
    mtime_s: i64,
}

/// What the host's own guests can be accelerated with.
struct Accelerators {
    kvm: Option<Emulator>,
    has_kvm: bool,
    has_kqemu: bool,
}

impl Probe<'_> {
    /// Guests whose emulators are there. Machines come from `old`, as far as its emulators are still the same.
    pub(super) fn guests(&mut self, builder: &mut Builder<'_>, old: Option<&Caps<'_>>) {
        let host = Arch::from_machine(self.host.facts.machine);
        let accelerators = self.accelerators();
        for offer in &HVM {
            let native = accelerators.for_guest(host, offer.arch);
            self.hvm_guest(builder, old, offer, native);
        }
        for offer in &XENNER {
            if accelerators.for_guest(host, offer.arch).is_some_and(|native| native.has_kvm) {
                self.xenner_guest(builder, offer);
            }
        }
    }

    fn accelerators(&mut self) -> Accelerators {
        let has_kvm = self.host.facts.kvm || self.is_device(&at!("/dev/kvm"));
        let kvm =
            if has_kvm { KVM_EMULATORS.iter().find_map(|name| self.emulator(name)) } else { None };
        Accelerators { kvm, has_kvm, has_kqemu: self.is_device(&at!("/dev/kqemu")) }
    }

    fn is_device(&mut self, path: &Path) -> bool {
        matches!(self.stat(Topic::Guests, path), Ok(Some(_)))
    }

    fn hvm_guest(
        &mut self,
        builder: &mut Builder<'_>,
        old: Option<&Caps<'_>>,
        offer: &Offer,
        native: Option<&Accelerators>,
    ) {
        let own = offer.emulators.iter().find_map(|name| self.emulator(name));
        let kvm = native.and_then(|native| native.kvm.as_ref());
        let Some(emulator) = own.as_ref().or(kvm) else { return };
        let guest = emulator.guest(OsType::Hvm, offer);
        let mut entry = builder.guest(&guest);
        known_machines(&mut entry, old, &guest);
        entry.domain(&bare_domain(VirtType::Qemu));
        if native.is_some_and(|native| native.has_kqemu) {
            entry.domain(&bare_domain(VirtType::Kqemu));
        }
        if let Some(kvm) = kvm {
            kvm_domain(&mut entry, old, guest, kvm);
        }
    }

    fn xenner_guest(&mut self, builder: &mut Builder<'_>, offer: &Offer) {
        let Some(emulator) = offer.emulators.iter().find_map(|name| self.emulator(name)) else {
            return;
        };
        let mut entry = builder.guest(&emulator.guest(OsType::Xen, offer));
        entry.machine(&Machine { name: b"xenner", ..Machine::default() });
        entry.domain(&bare_domain(VirtType::Kvm));
    }

    /// The first executable of this name along the host's `PATH`; a name with a slash is a path.
    fn emulator(&mut self, name: &str) -> Option<Emulator> {
        if name.starts_with('/') {
            return self.executable(at!(name));
        }
        let absolute = self
            .host
            .facts
            .path
            .split(|&byte| byte == b':')
            .filter(|place| place.starts_with(b"/"));
        let mut places = absolute.map(|place| place.strip_suffix(b"/").unwrap_or(place));
        let found = places.find_map(|place| self.executable(at!(place, "/", name)));
        if found.is_none() {
            self.note(Topic::Guests, &at!(name), Outcome::Absent);
        }
        found
    }

    fn executable(&mut self, path: Path) -> Option<Emulator> {
        match self.host.tree.executable(&path) {
            Ok(None) => None,
            Ok(Some(Stat { mtime_s, .. })) => {
                self.note(Topic::Guests, &path, Outcome::Filled);
                Some(Emulator { path, mtime_s })
            }
            Err(errno) => {
                self.failed(Topic::Guests, &path, errno);
                None
            }
        }
    }
}

/// The domain that has its own emulator, and its own machines if that is another one than the guest's.
fn kvm_domain(
    entry: &mut GuestBuilder<'_, '_>,
    old: Option<&Caps<'_>>,
    guest: Guest<'_>,
    kvm: &Emulator,
) {
    let (emulator, emulator_mtime) = (kvm.path.as_bytes(), kvm.mtime_s);
    entry.domain(&Domain { virt: VirtType::Kvm, emulator: Some(emulator), emulator_mtime });
    if emulator != guest.emulator {
        known_machines(entry, old, &Guest { emulator, emulator_mtime, ..guest });
    }
}

/// Machines that an older document has for the emulator of `guest`: their names, there was no more to them then.
fn known_machines(entry: &mut GuestBuilder<'_, '_>, old: Option<&Caps<'_>>, guest: &Guest<'_>) {
    for machine in old.and_then(|old| old.machines_for(guest)).into_iter().flatten() {
        let Machine { name, canonical, .. } = machine;
        entry.machine(&Machine { name, canonical, ..Machine::default() });
    }
}

const fn bare_domain(virt: VirtType) -> Domain<'static> {
    Domain { virt, emulator: None, emulator_mtime: 0 }
}

impl Accelerators {
    /// These, for a guest that the host's CPU runs as it is.
    fn for_guest(&self, host: Option<Arch>, guest: Arch) -> Option<&Self> {
        let both_x86 = host == Some(Arch::X86_64) && guest == Arch::I686;
        (host == Some(guest) || both_x86).then_some(self)
    }
}

impl Emulator {
    fn guest(&self, os_type: OsType, offer: &Offer) -> Guest<'_> {
        let features = GuestFeatures::from_slice(offer.features).unwrap_or_default();
        Guest {
            os_type,
            arch: offer.arch,
            word_bits: offer.arch.word_bits(),
            emulator: self.path.as_bytes(),
            loader: None,
            emulator_mtime: self.mtime_s,
            features,
        }
    }
}
