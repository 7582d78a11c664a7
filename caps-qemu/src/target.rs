//! What libvirt knows of each architecture that an emulator may have.

use caps_core::Arch;

/// The end of the name of the emulator: `i386` in `qemu-system-i386`.
pub(crate) fn suffix(arch: Arch) -> &'static str {
    match arch.name() {
        "i686" => "i386",
        "armv6l" | "armv7l" => "arm",
        "openrisc" => "or32",
        name => name,
    }
}

/// The architecture that an emulator means by `target`.
pub(crate) fn reported(target: &str) -> Option<Arch> {
    match target {
        "i386" => Some(Arch::I686),
        "arm" => Some(Arch::ARMV7L),
        "or32" => Arch::from_name("openrisc"),
        name => Arch::from_name(name),
    }
}

/// The machine that libvirt lists first for an emulator that reports `arch`.
pub(crate) fn preferred_machine(arch: Arch) -> Option<&'static str> {
    Some(match arch.name() {
        "alpha" => "clipper",
        "armv6l" => "integratorcp",
        "armv7l" | "armv7b" | "aarch64" | "loongarch64" | "riscv32" | "riscv64" => "virt",
        "cris" => "axis-dev88",
        "i686" | "x86_64" => "pc",
        "lm32" => "lm32-evr",
        "m68k" => "mcf5208evb",
        "microblaze" | "microblazeel" => "petalogix-s3adsp1800",
        "mips" | "mipsel" | "mips64" | "mips64el" => "malta",
        "openrisc" => "or1k-sim",
        "ppc" | "ppcle" => "g3beige",
        "ppc64" | "ppc64le" => "pseries",
        "ppcemb" => "bamboo",
        "s390x" => "s390-ccw-virtio",
        "sh4" | "sh4eb" => "shix",
        "sparc" => "SS-5",
        "sparc64" => "sun4u",
        "unicore32" => "puv3",
        "xtensa" | "xtensaeb" => "sim",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulator_reports_what_it_is_named_after() {
        for arch in Arch::all().filter(|arch| arch.name() != "armv6l") {
            assert_eq!(reported(suffix(arch)), Some(arch));
        }
        assert_eq!(reported("arm"), Some(Arch::ARMV7L));
        assert_eq!(reported("avr"), None);
    }

    #[test]
    fn four_architectures_prefer_no_machine() {
        let without: Vec<_> =
            Arch::all().filter(|&arch| preferred_machine(arch).is_none()).map(Arch::name).collect();
        assert_eq!(without, ["ia64", "parisc", "parisc64", "s390"]);
    }
}
