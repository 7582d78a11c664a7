//! A host with every emulator of a distribution: 20 guests with 609 machines, 38 KB of XML.

use caps_core::{
    Arch, Builder, Caps, Domain, Full, Guest, GuestBuilder, GuestFeature, GuestFeatures, Machine,
    OsType, VirtType,
};

/// An emulator: its architecture, word size, and machines that come in versions and alone.
struct Emulator {
    arch: &'static str,
    word_bits: u8,
    families: &'static [Family],
    boards: u32,
}

/// Machines that come in versions: the alias, the name in front of the version, CPUs, and how many versions.
struct Family {
    alias: &'static str,
    stem: &'static str,
    max_cpus: u32,
    versions: u32,
}

const PC: &[Family] = &[
    Family { alias: "pc", stem: "pc-i440fx", max_cpus: 255, versions: 33 },
    Family { alias: "q35", stem: "pc-q35", max_cpus: 288, versions: 24 },
];
const VIRT: &[Family] = &[Family { alias: "virt", stem: "virt", max_cpus: 512, versions: 22 }];
const PSERIES: &[Family] =
    &[Family { alias: "pseries", stem: "pseries", max_cpus: 2048, versions: 25 }];
const CCW: &[Family] =
    &[Family { alias: "s390-ccw-virtio", stem: "s390-ccw-virtio", max_cpus: 248, versions: 24 }];

const fn emulator(
    arch: &'static str,
    word_bits: u8,
    families: &'static [Family],
    boards: u32,
) -> Emulator {
    Emulator { arch, word_bits, families, boards }
}

/// As Debian installs them.
const EMULATORS: [Emulator; 20] = [
    emulator("alpha", 64, &[], 1),
    emulator("armv6l", 32, VIRT, 79),
    emulator("armv7l", 32, VIRT, 79),
    emulator("aarch64", 64, VIRT, 82),
    emulator("i686", 32, PC, 3),
    emulator("riscv32", 32, VIRT, 0),
    emulator("m68k", 32, VIRT, 4),
    emulator("microblaze", 32, &[], 3),
    emulator("microblazeel", 32, &[], 3),
    emulator("mips", 32, &[], 3),
    emulator("mips64el", 64, &[], 7),
    emulator("parisc", 32, &[], 1),
    emulator("ppc", 32, &[], 11),
    emulator("ppc64", 64, PSERIES, 18),
    emulator("riscv64", 64, &[], 8),
    emulator("s390x", 64, CCW, 1),
    emulator("sh4", 32, &[], 2),
    emulator("sparc64", 64, &[], 3),
    emulator("x86_64", 64, PC, 3),
    emulator("xtensa", 32, &[], 14),
];

/// Names of boards, as long as real ones.
const BOARDS: [&str; 12] = [
    "ast2600-evb",
    "xilinx-zynq-a9",
    "raspi2b",
    "sbsa-ref",
    "mps2-an385",
    "lm3s6965evb",
    "smdkc210",
    "versatilepb",
    "vexpress-a15",
    "romulus-bmc",
    "kzm",
    "imx25-pdk",
];

/// Guests of the document.
pub const GUESTS: usize = EMULATORS.len();
/// Bytes of storage that suffice.
pub const STORAGE_BYTES: usize = 32 << 10;

/// Adds the guests to a document.
pub fn add(builder: &mut Builder<'_>) {
    EMULATORS.iter().for_each(|emulator| add_guest(builder, emulator));
}

/// A document of the guests alone.
///
/// # Errors
/// [`Full`] if `storage` is smaller than [`STORAGE_BYTES`].
pub fn document(storage: &mut [u8]) -> Result<Caps<'_>, Full> {
    let mut builder = Builder::new(storage);
    add(&mut builder);
    builder.finish()
}

fn add_guest(builder: &mut Builder<'_>, emulator: &Emulator) {
    let path = format!("/usr/bin/qemu-system-{}", emulator.arch);
    let features = [
        GuestFeature::Acpi,
        GuestFeature::Apic,
        GuestFeature::CpuSelection,
        GuestFeature::DeviceBoot,
        GuestFeature::DiskSnapshot,
    ];
    let skipped = if emulator.families.len() == 2 { 0 } else { 2 };
    let guest = Guest {
        os_type: OsType::Hvm,
        arch: Arch::from_name(emulator.arch).unwrap_or(Arch::X86_64),
        word_bits: emulator.word_bits,
        emulator: path.as_bytes(),
        loader: None,
        emulator_mtime: 0,
        features: features.into_iter().skip(skipped).collect::<GuestFeatures>(),
    };
    let mut guest = builder.guest(&guest);
    emulator.families.iter().for_each(|family| add_family(&mut guest, family));
    for board in 0..emulator.boards {
        let name = BOARDS[board as usize % BOARDS.len()];
        guest.machine(&Machine {
            name: name.as_bytes(),
            max_cpus: 1 + board % 4,
            ..Machine::default()
        });
    }
    guest.domain(&Domain { virt: VirtType::Qemu, emulator: None, emulator_mtime: 0 });
    if emulator.families.len() == 2 {
        guest.domain(&Domain { virt: VirtType::Kvm, emulator: None, emulator_mtime: 0 });
    }
}

/// The newest version goes by an alias as well; the older half is deprecated.
fn add_family(guest: &mut GuestBuilder<'_, '_>, family: &Family) {
    let names: Vec<String> = (0..family.versions)
        .map(|version| format!("{}-{}.{}", family.stem, 12 - version / 3, version % 3))
        .collect();
    let machine = Machine { max_cpus: family.max_cpus, ..Machine::default() };
    for (index, name) in names.iter().enumerate() {
        let deprecated = index >= names.len() / 2;
        guest.machine(&Machine { name: name.as_bytes(), deprecated, ..machine });
        if index == 0 {
            let (alias, canonical) = (family.alias.as_bytes(), Some(name.as_bytes()));
            guest.machine(&Machine { name: alias, canonical, ..machine });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use caps_core::sink::CountSink;

    #[test]
    fn it_is_as_large_as_it_is_called() {
        let mut storage = [0; STORAGE_BYTES];
        let caps = document(&mut storage).unwrap();
        let mut bytes = CountSink::default();
        let Ok(()) = caps_xml::write(&caps, &mut bytes);
        let machines = caps.guests().map(|guest| guest.machines.count()).sum::<usize>();
        assert_eq!((GUESTS, machines), (20, 609));
        assert!((37_000..40_000).contains(&bytes.bytes), "{} bytes", bytes.bytes);
    }
}
