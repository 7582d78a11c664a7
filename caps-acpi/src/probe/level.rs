//! How an APIC id is cut into package, die, core and thread: CPUID of the boot CPU.

use super::cpus::high_bits;
use caps_cpu::x86::Vendor;
use caps_cpu::{CpuidSource, Registers};

/// The kinds of levels of leaves 0xb and 0x1f.
const THREADS: u32 = 1;
const DIES: u32 = 5;
/// No processor has more levels.
const MAX_LEVELS: u32 = 16;
/// What Linux says where there is no cluster.
const NO_CLUSTER: u32 = 0xffff;

/// Which bits of an APIC id tell what, from the lowest on: threads, cores, dies, packages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Levels {
    pub(super) boot_apic_id: u32,
    /// Bits below the core: those of its threads.
    pub(super) thread_bits: u32,
    /// Bits below the die.
    core_bits: u32,
    /// Bits below the package.
    package_bits: u32,
    /// Bits that CPUs with a second-level cache in common differ in; `None` where that is not a cluster.
    cluster_bits: Option<u32>,
    /// Whether dies are counted over the whole machine instead of in each package.
    dies_of_machine: bool,
}

/// Where a CPU sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) socket: u32,
    pub(super) die: u32,
    pub(super) cluster: u32,
    pub(super) core: u32,
}

/// A CPU's leaves, with the largest that there are.
#[derive(Clone, Copy)]
pub(super) struct Leaves<'l> {
    source: &'l dyn CpuidSource,
    last: u32,
    last_extended: u32,
    vendor: Option<Vendor>,
}

impl<'l> Leaves<'l> {
    pub(super) fn of(source: &'l dyn CpuidSource) -> Self {
        let first = source.cpuid(0, 0);
        let last_extended = source.cpuid(0x8000_0000, 0).eax;
        Self { source, last: first.eax, last_extended, vendor: Vendor::from_leaf_0(first) }
    }

    /// A leaf and subleaf; all 0 where there is no such leaf.
    pub(super) fn read(self, leaf: u32, subleaf: u32) -> Registers {
        let last = if leaf < 0x8000_0000 { self.last } else { self.last_extended };
        if leaf <= last { self.source.cpuid(leaf, subleaf) } else { Registers::default() }
    }

    /// Whether a processor of AMD has leaves 0x8000001d and 0x8000001e: TOPOEXT.
    pub(super) fn has_extended_topology(self) -> bool {
        self.read(0x8000_0001, 0).ecx >> 22 & 1 == 1
    }

    /// Whether caches, cores and dies are told as AMD does.
    pub(super) fn is_amd(self) -> bool {
        self.vendor.is_some_and(|vendor| matches!(vendor.name(), "AMD" | "Hygon"))
    }
}

impl Levels {
    pub(super) fn of(source: &dyn CpuidSource) -> Self {
        let leaves = Leaves::of(source);
        // Linux reads neither leaf of a processor of AMD without extended topology: `arch/x86/kernel/cpu/amd.c`,
        // `amd_get_topology`.
        let listed = !leaves.is_amd() || leaves.has_extended_topology();
        let levels = [0x1f, 0xb].into_iter().filter(|_| listed);
        let levels = levels.filter_map(|leaf| Self::from_leaf(leaves, leaf)).next();
        let levels = levels.unwrap_or_else(|| Self::from_counts(leaves));
        if leaves.is_amd() { levels.with_nodes(leaves) } else { levels.with_clusters(leaves) }
    }

    /// Leaf 0x1f, or 0xb, which has no dies: a subleaf a level, each with the bits below the next.
    fn from_leaf(leaves: Leaves<'_>, leaf: u32) -> Option<Self> {
        let kind = |level: Registers| level.ecx >> 8 & 0xff;
        let first = leaves.read(leaf, 0);
        if first.ebx & 0xffff == 0 || kind(first) != THREADS {
            return None;
        }
        let mut levels = Self { boot_apic_id: first.edx, ..Self::default() };
        let mut die_bits = None;
        for level in (0..MAX_LEVELS).map(|subleaf| leaves.read(leaf, subleaf)) {
            let bits = level.eax & 0x1f;
            match kind(level) {
                0 => break,
                THREADS => levels.thread_bits = bits,
                DIES => die_bits = Some(levels.package_bits),
                _ => {}
            }
            levels.package_bits = bits;
        }
        levels.core_bits = die_bits.unwrap_or(levels.package_bits);
        Some(levels)
    }

    /// Older processors: how many CPUs a package has, and how many of them a core.
    fn from_counts(leaves: Leaves<'_>) -> Self {
        let first = leaves.read(1, 0);
        let boot_apic_id = first.ebx >> 24;
        if leaves.is_amd() {
            let sizes = leaves.read(0x8000_0008, 0).ecx;
            let given = sizes >> 12 & 0xf;
            let bits = if given == 0 { order((sizes & 0xff) + 1) } else { given };
            return Self { boot_apic_id, core_bits: bits, package_bits: bits, ..Self::default() };
        }
        let many = first.edx >> 28 & 1 == 1;
        let cpus = if many { (first.ebx >> 16 & 0xff).max(1) } else { 1 };
        let cores = (leaves.read(4, 0).eax >> 26) + 1;
        let bits = order(cpus);
        let thread_bits = order(cpus / cores);
        Self { boot_apic_id, thread_bits, core_bits: bits, package_bits: bits, ..Self::default() }
    }

    /// AMD: the highest bits of a package tell its nodes, which are what Linux calls dies.
    fn with_nodes(mut self, leaves: Leaves<'_>) -> Self {
        let nodes = (leaves.read(0x8000_001e, 0).ecx >> 8 & 0x7) + 1;
        self.dies_of_machine = true;
        if leaves.has_extended_topology() {
            self.core_bits = self.package_bits.saturating_sub(order(nodes));
        }
        self
    }

    /// Intel and the like: a cluster is what shares a second-level cache.
    fn with_clusters(mut self, leaves: Leaves<'_>) -> Self {
        self.cluster_bits = super::cache::leaves_of(leaves)
            .find(|cache| cache.level == 2)
            .map(|cache| cache.sharing_bits);
        self
    }

    /// Where the CPU with this APIC id sits.
    pub(super) fn place(&self, apic_id: u32) -> Place {
        let below = |bits: u32| apic_id & !high_bits(apic_id, bits).checked_shl(bits).unwrap_or(0);
        let die = if self.dies_of_machine { apic_id } else { below(self.package_bits) };
        Place {
            socket: high_bits(apic_id, self.package_bits),
            die: high_bits(die, self.core_bits),
            cluster: self
                .cluster_bits
                .map_or(NO_CLUSTER, |bits| high_bits(apic_id, bits).checked_shl(bits).unwrap_or(0)),
            core: high_bits(below(self.package_bits), self.thread_bits),
        }
    }
}

/// Bits that tell so many apart.
pub(super) const fn order(count: u32) -> u32 {
    match count {
        0 | 1 => 0,
        _ => (count - 1).ilog2() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTEL: [u32; 3] = [0x756e_6547, 0x6c65_746e, 0x4965_6e69];
    const AMD: [u32; 3] = [0x6874_7541, 0x444d_4163, 0x6974_6e65];

    /// A processor of these letters with these leaves: leaf, subleaf, EAX to EDX.
    fn levels(letters: [u32; 3], leaves: &[(u32, u32, [u32; 4])]) -> Levels {
        let [ebx, ecx, edx] = letters;
        let cpuid = |leaf: u32, subleaf: u32| match leaf {
            0 => Registers { eax: 0x1f, ebx, ecx, edx },
            0x8000_0000 => Registers { eax: 0x8000_001e, ..Registers::default() },
            _ => {
                let found = leaves.iter().find(|known| (known.0, known.1) == (leaf, subleaf));
                let [eax, ebx, ecx, edx] = found.map_or([0; 4], |known| known.2);
                Registers { eax, ebx, ecx, edx }
            }
        };
        Levels::of(&cpuid)
    }

    fn place(levels: Levels, apic_id: u32) -> [u32; 4] {
        let Place { socket, die, cluster, core } = levels.place(apic_id);
        [socket, die, cluster, core]
    }

    #[test]
    fn leaf_1f_goes_before_leaf_b_and_has_dies() {
        let leaves = [
            (0xb, 0, [1, 2, 0x100, 13]),
            (0xb, 1, [4, 16, 0x201, 13]),
            (0x1f, 0, [1, 2, 0x100, 13]),
            (0x1f, 1, [3, 8, 0x201, 13]),
            (0x1f, 2, [4, 16, 0x502, 13]),
            (4, 0, [0x0000_4143, 0, 0, 0]),
        ];
        let levels = levels(INTEL, &leaves);
        assert_eq!((levels.boot_apic_id, levels.thread_bits), (13, 1));
        assert_eq!(place(levels, 13), [0, 1, 12, 6]);
        assert_eq!(place(levels, 16 + 3), [1, 0, 16 + 2, 1]);
    }

    #[test]
    fn levels_between_core_and_die_are_within_the_die() {
        let leaves = [
            (0x1f, 0, [1, 2, 0x100, 0]),
            (0x1f, 1, [2, 4, 0x201, 0]),
            (0x1f, 2, [4, 16, 0x302, 0]),
            (0x1f, 3, [5, 32, 0x503, 0]),
        ];
        assert_eq!(place(levels(INTEL, &leaves), 0b1_0110), [0, 1, NO_CLUSTER, 0b1011]);
    }

    #[test]
    fn processors_without_the_leaf_tell_how_many() {
        // 4 CPUs a package, 2 cores.
        let intel = [(1, 0, [0, 0x0304_0000, 0, 1 << 28]), (4, 0, [1 << 26 | 0x143, 0, 0, 0])];
        let levels_of_intel = levels(INTEL, &intel);
        assert_eq!(levels_of_intel.boot_apic_id, 3);
        assert_eq!(place(levels_of_intel, 7), [1, 0, 7, 1]);
        // 6 CPUs a package, in 3 bits; then in 4, as the leaf says so.
        let amd = [(0x8000_0008, 0, [0, 0, 5, 0])];
        assert_eq!(place(levels(AMD, &amd), 9), [1, 1, NO_CLUSTER, 1]);
        let amd = [(0x8000_0008, 0, [0, 0, 0x4005, 0])];
        assert_eq!(place(levels(AMD, &amd), 9), [0, 0, NO_CLUSTER, 9]);
    }

    #[test]
    fn nodes_of_amd_are_dies_of_the_machine() {
        let topology = [(0xb, 0, [1, 2, 0x100, 0]), (0xb, 1, [4, 16, 0x201, 0])];
        let nodes = [(0x8000_0001, 0, [0, 0, 1 << 22, 0]), (0x8000_001e, 0, [0, 0, 0x100, 0])];
        let both = [topology, nodes].concat();
        assert_eq!(place(levels(AMD, &both), 16 + 8), [1, 3, NO_CLUSTER, 4]);
        let one_node = [(0x8000_0001, 0, [0, 0, 1 << 22, 0])];
        let both = [topology.as_slice(), &one_node].concat();
        assert_eq!(place(levels(AMD, &both), 16 + 8), [1, 1, NO_CLUSTER, 4]);
        // Without extended topology the leaf does not count: 16 CPUs a package, each a core.
        let count = [(0x8000_0008, 0, [0, 0, 15, 0])];
        let both = [topology.as_slice(), &count].concat();
        assert_eq!(place(levels(AMD, &both), 16 + 8), [1, 1, NO_CLUSTER, 8]);
    }

    #[test]
    fn bits_that_tell_so_many_apart() {
        assert_eq!([0, 1, 2, 3, 4, 5, 1 << 31, u32::MAX].map(order), [0, 0, 1, 2, 2, 3, 31, 32]);
        assert_eq!(high_bits(0xf0, 4), 0xf);
        assert_eq!(high_bits(u32::MAX, 32), 0);
    }
}
