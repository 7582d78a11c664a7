//! What a document says, as plain values, and any such values.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, BTreeSet};

/// All that the tests fill. Lists are in the order of the document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document {
    pub(crate) uuid: Option<[u8; 16]>,
    pub(crate) page_sizes: BTreeSet<u64>,
    pub(crate) features: Vec<String>,
    pub(crate) model: Option<String>,
    pub(crate) cells: BTreeMap<u32, Cell>,
    pub(crate) interconnects: BTreeMap<Path, u32>,
    pub(crate) banks: BTreeMap<(u32, u32), Bank>,
    pub(crate) cache_monitor: Option<Monitor>,
    pub(crate) energy_monitor: Option<Monitor>,
    pub(crate) guests: Vec<Guest>,
}

/// Bandwidth or else latency, initiator, target, write or else read.
pub(crate) type Path = (bool, u32, u32, bool);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell {
    pub(crate) memory_kib: u64,
    pub(crate) pages: BTreeMap<u64, u64>,
    pub(crate) distances: BTreeMap<u32, u32>,
    /// By level: associativity and policy by number, size in KiB, line in bytes.
    pub(crate) memory_caches: BTreeMap<u32, (u32, u32, u64, u32)>,
    pub(crate) cpus: BTreeMap<u32, Cpu>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cpu {
    /// Socket, die, cluster, core: printed as signed numbers.
    pub(crate) place: [i32; 4],
    pub(crate) siblings: BTreeSet<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bank {
    /// 0 is both, 1 code, 2 data.
    pub(crate) kind: usize,
    pub(crate) size_bytes: u64,
    pub(crate) cpus: BTreeSet<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Monitor {
    pub(crate) max: u32,
    pub(crate) features: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Guest {
    pub(crate) emulator: String,
    pub(crate) machines: Vec<Machine>,
    /// Emulators of domains, with machines of their own.
    pub(crate) domains: Vec<(Option<String>, Vec<Machine>)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Machine {
    pub(crate) name: String,
    pub(crate) canonical: Option<String>,
    pub(crate) max_cpus: i32,
    pub(crate) deprecated: bool,
}

/// CPU numbers that lie close together, so that there are runs.
fn cpus() -> impl Strategy<Value = BTreeSet<u32>> {
    (0_u32..16_000, btree_set(0_u32..40, 1..12))
        .prop_map(|(base, cpus)| cpus.into_iter().map(|cpu| base + cpu).collect())
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9._-]{0,12}"
}

fn cpu() -> impl Strategy<Value = Cpu> {
    (any::<[i32; 4]>(), cpus()).prop_map(|(place, siblings)| Cpu { place, siblings })
}

fn cell() -> impl Strategy<Value = Cell> {
    let memory_cache = (0_u32..3, 0_u32..3, any::<u64>(), any::<u32>());
    (
        any::<u64>(),
        btree_map(1..u64::MAX, any::<u64>(), 0..4),
        btree_map(any::<u32>(), 1..u32::MAX, 0..4),
        btree_map(any::<u32>(), memory_cache, 0..3),
        btree_map(0..i32::MAX as u32, cpu(), 0..6),
    )
        .prop_map(|(memory_kib, pages, distances, memory_caches, cpus)| Cell {
            memory_kib,
            pages,
            distances,
            memory_caches,
            cpus,
        })
}

/// Sizes as they are, and such as are whole in a larger unit.
fn size_bytes() -> impl Strategy<Value = u64> {
    (any::<u32>(), 0_u32..4).prop_map(|(size, unit)| u64::from(size) << (10 * unit))
}

fn bank() -> impl Strategy<Value = Bank> {
    let bank = |(kind, size_bytes, cpus)| Bank { kind, size_bytes, cpus };
    (0_usize..3, size_bytes(), cpus()).prop_map(bank)
}

fn monitor() -> impl Strategy<Value = Monitor> {
    (any::<u32>(), vec(name(), 1..4)).prop_map(|(max, features)| Monitor { max, features })
}

fn machine() -> impl Strategy<Value = Machine> {
    (name(), option::of(name()), any::<i32>(), any::<bool>()).prop_map(
        |(name, canonical, max_cpus, deprecated)| Machine { name, canonical, max_cpus, deprecated },
    )
}

fn machines() -> impl Strategy<Value = Vec<Machine>> {
    vec(machine(), 0..4)
}

fn guest() -> impl Strategy<Value = Guest> {
    let emulator = || name().prop_map(|name| format!("/usr/bin/{name}"));
    let domains = vec((option::of(emulator()), machines()), 0..3);
    let guest = |(emulator, machines, domains)| Guest { emulator, machines, domains };
    (emulator(), machines(), domains).prop_map(guest)
}

/// Any document. The model alone may hold what has to be escaped.
pub(crate) fn document() -> impl Strategy<Value = Document> {
    let uuid = any::<[u8; 16]>().prop_filter("one that is printed", |uuid| *uuid != [uuid[0]; 16]);
    let path = (any::<bool>(), 0_u32..9, 0_u32..9, any::<bool>());
    let host = (
        option::of(uuid),
        btree_set(any::<u64>(), 0..4),
        vec(name(), 0..5),
        option::of("[ -~]{1,20}".prop_filter("not blank", |model| model.trim() == model)),
    );
    let resources = (
        btree_map((select(vec![2_u32, 3, 4]), 0..i32::MAX as u32), bank(), 0..6),
        option::of(monitor()),
        option::of(monitor()),
    );
    (
        host,
        btree_map(any::<u32>(), cell(), 0..4),
        btree_map(path, any::<u32>(), 0..6),
        resources,
        vec(guest(), 0..3),
    )
        .prop_map(|(host, cells, interconnects, resources, guests)| {
            let (uuid, page_sizes, features, model) = host;
            let (banks, cache_monitor, energy_monitor) = resources;
            Document {
                uuid,
                page_sizes,
                features,
                model,
                cells,
                interconnects,
                banks,
                cache_monitor,
                energy_monitor,
                guests,
            }
        })
}
