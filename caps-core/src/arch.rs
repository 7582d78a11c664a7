//! Architectures by the names of the document.

/// An architecture that libvirt knows, with its place in libvirt's order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arch(u8);

/// Name and word size in bits, in the order in which guests are listed.
const ARCHS: [(&str, u8); 37] = [
    ("alpha", 64),
    ("armv6l", 32),
    ("armv7l", 32),
    ("armv7b", 32),
    ("aarch64", 64),
    ("cris", 32),
    ("i686", 32),
    ("ia64", 64),
    ("lm32", 32),
    ("loongarch64", 64),
    ("m68k", 32),
    ("microblaze", 32),
    ("microblazeel", 32),
    ("mips", 32),
    ("mipsel", 32),
    ("mips64", 64),
    ("mips64el", 64),
    ("openrisc", 32),
    ("parisc", 32),
    ("parisc64", 64),
    ("ppc", 32),
    ("ppcle", 32),
    ("ppc64", 64),
    ("ppc64le", 64),
    ("ppcemb", 32),
    ("riscv32", 32),
    ("riscv64", 64),
    ("s390", 32),
    ("s390x", 64),
    ("sh4", 32),
    ("sh4eb", 64),
    ("sparc", 32),
    ("sparc64", 64),
    ("unicore32", 32),
    ("x86_64", 64),
    ("xtensa", 32),
    ("xtensaeb", 32),
];

impl Arch {
    /// Alpha.
    pub const ALPHA: Self = Self::known("alpha");
    /// 32-bit ARM with v7 instructions, little-endian.
    pub const ARMV7L: Self = Self::known("armv7l");
    /// 64-bit ARM.
    pub const AARCH64: Self = Self::known("aarch64");
    /// 32-bit x86.
    pub const I686: Self = Self::known("i686");
    /// Itanium.
    pub const IA64: Self = Self::known("ia64");
    /// 32-bit big-endian MIPS.
    pub const MIPS: Self = Self::known("mips");
    /// 32-bit little-endian MIPS.
    pub const MIPSEL: Self = Self::known("mipsel");
    /// 32-bit POWER.
    pub const PPC: Self = Self::known("ppc");
    /// 64-bit big-endian POWER.
    pub const PPC64: Self = Self::known("ppc64");
    /// 64-bit little-endian POWER.
    pub const PPC64LE: Self = Self::known("ppc64le");
    /// 31-bit Z.
    pub const S390: Self = Self::known("s390");
    /// 64-bit Z.
    pub const S390X: Self = Self::known("s390x");
    /// 32-bit SPARC.
    pub const SPARC: Self = Self::known("sparc");
    /// 64-bit x86.
    pub const X86_64: Self = Self::known("x86_64");

    /// All architectures, in libvirt's order.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..ARCHS.len() as u8).map(Self)
    }

    /// The architecture of this name: `x86_64`, `ppc64le`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|arch| arch.name() == name)
    }

    /// The architecture that `uname` calls by this machine name: any `i?86` is i686, `amd64` is x86_64, `arm64` aarch64.
    pub fn from_machine(machine: &str) -> Option<Self> {
        match machine.as_bytes() {
            [b'i', _, b'8', b'6'] => Some(Self::I686),
            b"amd64" => Some(Self::X86_64),
            b"arm64" => Some(Self::AARCH64),
            _ => Self::from_name(machine),
        }
    }

    /// The name in the document: `<arch>`, `<arch name=''>`.
    pub fn name(self) -> &'static str {
        ARCHS.get(usize::from(self.0)).map_or("", |&(name, _)| name)
    }

    /// Bits of a word: `<wordsize>`.
    pub fn word_bits(self) -> u8 {
        ARCHS.get(usize::from(self.0)).map_or(0, |&(_, bits)| bits)
    }

    /// Whether the CPU is of the x86 family.
    pub fn is_x86(self) -> bool {
        self == Self::X86_64 || self == Self::I686
    }

    /// Whether the CPU is of the Z family, where a CPU is its own core.
    pub fn is_s390(self) -> bool {
        self == Self::S390 || self == Self::S390X
    }

    /// Whether libvirt has a CPU driver for it. Without one `<cpu>` holds `<arch>` and `<pages>` alone.
    pub fn has_cpu_driver(self) -> bool {
        const DRIVEN: [&str; 12] = [
            "x86_64",
            "i686",
            "aarch64",
            "armv6l",
            "armv7b",
            "armv7l",
            "loongarch64",
            "ppc64",
            "ppc64le",
            "riscv64",
            "s390",
            "s390x",
        ];
        DRIVEN.contains(&self.name())
    }

    /// Whether a CPU of this architecture runs guests of `guest` as they are.
    pub fn runs(self, guest: Self) -> bool {
        const RELATIVES: [(Arch, Arch); 4] = [
            (Arch::X86_64, Arch::I686),
            (Arch::AARCH64, Arch::ARMV7L),
            (Arch::PPC64, Arch::PPC64LE),
            (Arch::PPC64LE, Arch::PPC64),
        ];
        self == guest || RELATIVES.contains(&(self, guest))
    }

    pub(crate) const fn index(self) -> u8 {
        self.0
    }

    pub(crate) const fn from_index(index: u8) -> Self {
        Self(index)
    }

    const fn known(name: &str) -> Self {
        let mut index = 0;
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated at compile time: an unknown name does not compile"
        )]
        while !same(ARCHS[index as usize].0.as_bytes(), name.as_bytes()) {
            index += 1;
        }
        Self(index)
    }
}

/// Equality at compile time.
#[expect(clippy::indexing_slicing, reason = "both lengths are checked")]
const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

impl core::fmt::Debug for Arch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Arch {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.name());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_map_to_names() {
        let name = |machine| Arch::from_machine(machine).map(Arch::name);
        assert_eq!(name("i586"), Some("i686"));
        assert_eq!(name("amd64"), Some("x86_64"));
        assert_eq!(name("arm64"), Some("aarch64"));
        assert_eq!(name("riscv64"), Some("riscv64"));
        assert_eq!(name("vax"), None);
    }

    #[test]
    fn names_are_distinct() {
        assert!(Arch::all().all(|arch| Arch::from_name(arch.name()) == Some(arch)));
    }
}
