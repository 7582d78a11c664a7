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
        online.iter().try_for_each(|cpu| self.cpu_banks(cache, cpu))
    }

    /// The caches of one CPU. Each CPU has leaves of its own in the kernel (`drivers/base/cacheinfo.c`, `ci_cpu_cacheinfo`),
    /// filled from its own registers or tables: those of CPUs that share a cache may differ in all but the sharing itself.
    fn cpu_banks(&mut self, cache: &mut CacheBuilder<'_, '_>, cpu: u32) -> Result<(), Bad> {
        let directory = at!("/sys/devices/system/cpu/cpu", cpu, "/cache");
        let mut read = Ok(());
        self.list(Topic::Cache, &directory, &mut |probe, name| {
            if name.starts_with(b"index") {
                read = match probe.leaf(&at!(directory, "/", name)) {
                    Ok(Some(leaf)) => probe.bank(cache, cpu, &leaf),
                    passed_over => passed_over.map(|_| ()),
                };
            }
            if read.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        read
    }

    fn bank(&mut self, cache: &mut CacheBuilder<'_, '_>, cpu: u32, leaf: &Leaf) -> Result<(), Bad> {
        if cache.is_full() && self.was_seen(leaf, cpu) {
            return Ok(());
        }
        cache.bank(&leaf.bank(), leaf.cpus.runs()).map_err(|_| Bad)
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
