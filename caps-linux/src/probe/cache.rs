//! `<cache>`: banks

use super::Probe;
use super::cpu_topology::CpuSets;
use super::read::{Bad, TEXT_BYTES, Value, required};
use crate::parse::mask::IdMask;
use crate::path::{Path, at};
use crate::report::Topic;
use caps_core::{Bank, Builder, CacheBuilder, CacheKind, CpuSet};
use core::ops::ControlFlow;

/// Caches below are of no use for a guest.
const MIN_LEVEL: u32 = 2;

/// What a cache directory says.
#[derive(PartialEq, Eq)]
struct Leaf {
    level: u32,
    id: u32,
    kind: CacheKind,
    size_bytes: u64,
    cpus: IdMask,
}

impl Leaf {
    const fn bank(&self) -> Bank<'static> {
        let Self { level, id, kind, size_bytes, .. } = *self;
        Bank { id, level, kind, size_bytes, cpus: CpuSet::EMPTY }
    }
}

/// What CPUs that were read tell of others, on a sysfs that agrees with itself.
#[derive(Default)]
struct Known {
    /// CPUs whose cache of a name is known, because it is shared with a CPU that was read.
    by_index: [IdMask; KNOWN_INDICES],
    /// CPUs whose caches are all known: those that share the lowest that counts share all above it.
    all: IdMask,
    /// Names of caches that are too low, by the bits of their numbers: they are so of every CPU.
    low: u32,
}

/// Caches `index2` and `index3` are the large ones of nearly all machines.
const KNOWN_INDICES: usize = 2;

impl Probe<'_> {
    /// Banks with their controls, then monitors. A failure half-way leaves the banks so far and nothing else.
    pub(super) fn cache(&mut self, builder: &mut Builder<'_>, sets: &CpuSets) {
        let mut cache = builder.cache();
        if self.resctrl(&mut cache).is_err() {
            return;
        }
        match self.banks(&mut cache, sets) {
            Ok(()) => cache.finish(),
            Err(Bad) => cache.finish_failed(),
        }
    }

    fn banks(&mut self, cache: &mut CacheBuilder<'_, '_>, sets: &CpuSets) -> Result<(), Bad> {
        let Ok(Some(online)) = &sets.online else { return Err(Bad) };
        cache.banks(online.len());
        let mut known = Known::default();
        let mut told = online.iter();
        told.try_for_each(|cpu| match known.all.contains(cpu) {
            true => Ok(()),
            false => self.cpu_banks(cache, &mut known, cpu),
        })
    }

    fn cpu_banks(
        &mut self,
        cache: &mut CacheBuilder<'_, '_>,
        known: &mut Known,
        cpu: u32,
    ) -> Result<(), Bad> {
        let directory = at!("/sys/devices/system/cpu/cpu", cpu, "/cache");
        let (mut read, mut sharing) = (Ok(()), IdMask::default());
        self.list(Topic::Cache, &directory, &mut |probe, name| {
            if name.starts_with(b"index") && !known.has(name, cpu) {
                match probe.known_leaf(known, &at!(directory, "/", name), name) {
                    Ok(Some(leaf)) => {
                        if leaf.level == MIN_LEVEL {
                            sharing = sharing.or(&leaf.cpus);
                        }
                        read = probe.bank(cache, cpu, &leaf);
                    }
                    passed_over => read = passed_over.map(|_| ()),
                }
            }
            if read.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        if self.host.tree.agrees_with_itself() {
            known.all = known.all.or(&sharing);
        }
        read
    }

    fn bank(&mut self, cache: &mut CacheBuilder<'_, '_>, cpu: u32, leaf: &Leaf) -> Result<(), Bad> {
        if cache.is_full() && self.was_seen(leaf, cpu) {
            return Ok(());
        }
        cache.bank(&leaf.bank(), leaf.cpus.runs()).map_err(|_| Bad)
    }

    /// As [`leaf`](Self::leaf), and remembers what it tells of other CPUs.
    fn known_leaf(&mut self, known: &mut Known, index: &Path, name: &[u8]) -> Value<Leaf> {
        let leaf = self.leaf(index)?;
        if self.host.tree.agrees_with_itself() {
            match &leaf {
                Some(leaf) => known.add(name, &leaf.cpus),
                None => known.add_low(name),
            }
        }
        Ok(leaf)
    }

    /// `None` for a cache that is passed over: too low, or without what a bank needs.
    fn leaf(&mut self, index: &Path) -> Value<Leaf> {
        let level = required(self.u32(Topic::Cache, &at!(*index, "/level")))?;
        if level < MIN_LEVEL {
            return Ok(None);
        }
        let Some(id) = self.u32(Topic::Cache, &at!(*index, "/id"))? else { return Ok(None) };
        let kind =
            self.value::<{ TEXT_BYTES + 1 }, _>(Topic::Cache, &at!(*index, "/type"), kind)?;
        let Some(kind) = kind else { return Ok(None) };
        let Some(size_bytes) = self.scaled(Topic::Cache, &at!(*index, "/size"))? else {
            return Ok(None);
        };
        let cpus = self.cpulist(Topic::Cache, &at!(*index, "/shared_cpu_list"))?;
        Ok(cpus.map(|cpus| Leaf { level, id, kind, size_bytes, cpus }))
    }

    /// Whether the first CPU that shares the cache has it too, and comes before `cpu`: asked where banks are only counted
    /// and cannot be compared.
    fn was_seen(&mut self, leaf: &Leaf, cpu: u32) -> bool {
        let Some(first) = leaf.cpus.first().filter(|&first| first < cpu) else { return false };
        let directory = at!("/sys/devices/system/cpu/cpu", first, "/cache");
        let mut seen = false;
        let _ = self.list(Topic::Cache, &directory, &mut |probe, name| {
            if name.starts_with(b"index") {
                seen = probe
                    .leaf(&at!(directory, "/", name))
                    .is_ok_and(|other| other.as_ref() == Some(leaf));
            }
            if seen { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        seen
    }
}

fn kind(text: &[u8]) -> Option<CacheKind> {
    match text {
        b"Unified" => Some(CacheKind::Both),
        b"Instruction" => Some(CacheKind::Code),
        b"Data" => Some(CacheKind::Data),
        _ => None,
    }
}

impl Known {
    fn has(&mut self, name: &[u8], cpu: u32) -> bool {
        self.low & low_bit(name) != 0 || self.slot(name).is_some_and(|cpus| cpus.contains(cpu))
    }

    /// The cache of this name is one that is passed over.
    fn add_low(&mut self, name: &[u8]) {
        self.low |= low_bit(name);
    }

    fn add(&mut self, name: &[u8], cpus: &IdMask) {
        if let Some(known) = self.slot(name) {
            *known = known.or(cpus);
        }
    }

    fn slot(&mut self, name: &[u8]) -> Option<&mut IdMask> {
        let [index2, index3] = &mut self.by_index;
        match name {
            b"index2" => Some(index2),
            b"index3" => Some(index3),
            _ => None,
        }
    }
}

/// The bit of a cache in front of those that count: `index0` and `index1` are first-level caches on every machine that has
/// them apart for code and data.
fn low_bit(name: &[u8]) -> u32 {
    match name {
        b"index0" => 1,
        b"index1" => 2,
        _ => 0,
    }
}
