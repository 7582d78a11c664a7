//! `<cache>`: the caches of the boot CPU, and by APIC ids those of all others.

use super::Ground;
use super::cpus::high_bits;
use super::level::{Leaves, order};
use caps_core::{Bank, Builder, CacheKind, CpuSet};

/// The lowest level that libvirt lists.
const MIN_LEVEL: u32 = 2;
/// No processor has more caches.
const MAX_CACHES: u32 = 16;

/// A cache of each CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cache {
    pub(super) level: u32,
    kind: CacheKind,
    size_bytes: u64,
    /// Bits that the APIC ids of CPUs that share it differ in.
    pub(super) sharing_bits: u32,
    /// Bits of an APIC id that Linux leaves out of the id of the cache.
    id_bits: u32,
}

impl Ground<'_> {
    /// Every cache once for each id that it has: for the first of the CPUs that share both.
    pub(super) fn cache(&self, builder: &mut Builder<'_>) {
        let caches = leaves_of(Leaves::of(self.machine.cpuid));
        let mut banks = builder.cache();
        banks.banks(self.cpus.len());
        for cache in caches.filter(|cache| cache.level >= MIN_LEVEL) {
            let bits = cache.sharing_bits;
            for (number, cpu) in (0..).zip(self.cpus.iter()) {
                let mut alike = self.cpus.sharing(cpu.apic_id, cache.id_bits);
                if alike.next().map(|run| run.first) != Some(number) {
                    continue;
                }
                let sharing = self.cpus.sharing(cpu.apic_id, bits);
                let bank = Bank {
                    id: high_bits(cpu.apic_id, cache.id_bits),
                    level: cache.level,
                    kind: cache.kind,
                    size_bytes: cache.size_bytes,
                    cpus: CpuSet::EMPTY,
                };
                // Sizes only matter where caches can be allocated, which nobody tells here.
                let _ = banks.bank(&bank, sharing);
            }
        }
        banks.finish();
    }
}

/// The caches that CPUID lists: leaf 4; of AMD 0x8000001d, or 0x80000006 where extended topology is not told.
pub(super) fn leaves_of(leaves: Leaves<'_>) -> impl Iterator<Item = Cache> {
    let leaf = if leaves.is_amd() { 0x8000_001d } else { 4 };
    let unlisted = leaves.is_amd() && !leaves.has_extended_topology();
    let count = if unlisted { 0 } else { MAX_CACHES };
    let listed = (0..count).map_while(move |subleaf| listed(leaves, leaf, subleaf));
    let older = unlisted.then(|| older_amd(leaves)).into_iter().flatten().flatten();
    listed.chain(older)
}

fn listed(leaves: Leaves<'_>, leaf: u32, subleaf: u32) -> Option<Cache> {
    let registers = leaves.read(leaf, subleaf);
    let kind = match registers.eax & 0x1f {
        1 => CacheKind::Data,
        2 => CacheKind::Code,
        3 => CacheKind::Both,
        _ => return None,
    };
    let field = |value: u32, from: u32, bits: u32| u64::from(value >> from & ((1 << bits) - 1)) + 1;
    let ways = field(registers.ebx, 22, 10);
    let line = field(registers.ebx, 12, 10) * field(registers.ebx, 0, 12);
    let bits = order((registers.eax >> 14 & 0xfff) + 1);
    Some(Cache {
        level: registers.eax >> 5 & 7,
        kind,
        size_bytes: ways * line * (u64::from(registers.ecx) + 1),
        sharing_bits: bits,
        id_bits: bits,
    })
}

/// A second level for each CPU and a third for each package. Linux gives the latter an id for each CPU, as for one that nobody
/// shares: `arch/x86/kernel/cpu/cacheinfo.c`, `amd_cpuid4` and `get_cache_id`.
fn older_amd(leaves: Leaves<'_>) -> [Option<Cache>; 2] {
    let sizes = leaves.read(0x8000_0006, 0);
    let cores = (leaves.read(0x8000_0008, 0).ecx & 0xff) + 1;
    let cache = |level, size_bytes, sharing_bits| {
        (size_bytes != 0).then_some(Cache {
            level,
            kind: CacheKind::Both,
            size_bytes,
            sharing_bits,
            id_bits: 0,
        })
    };
    [
        cache(2, u64::from(sizes.ecx >> 16) << 10, 0),
        cache(3, u64::from(sizes.edx >> 18) << 19, order(cores)),
    ]
}
