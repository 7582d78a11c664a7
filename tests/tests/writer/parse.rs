//! A document back into plain values, read by roxmltree.

use crate::facts::{Bank, Cell, Cpu, Document, Guest, Machine, Monitor};
use roxmltree::Node;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::str::FromStr;

type Element<'a> = Node<'a, 'a>;

fn children<'a>(parent: Element<'a>, name: &'static str) -> impl Iterator<Item = Element<'a>> {
    parent.children().filter(move |child| child.has_tag_name(name))
}

fn child<'a>(parent: Element<'a>, name: &'static str) -> Option<Element<'a>> {
    let mut all = children(parent, name);
    let first = all.next();
    assert!(all.next().is_none(), "more than one <{name}>");
    first
}

fn attribute<T: FromStr>(element: Element<'_>, name: &str) -> T
where
    T::Err: Debug,
{
    element.attribute(name).unwrap_or_else(|| panic!("{element:?} without {name}")).parse().unwrap()
}

fn content<T: FromStr>(element: Element<'_>) -> T
where
    T::Err: Debug,
{
    element.text().unwrap_or_default().parse().unwrap()
}

/// `0-3,8`
fn list(text: &str) -> BTreeSet<u32> {
    let mut cpus = BTreeSet::new();
    for item in text.split(',') {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        let run = first.parse().unwrap()..=last.parse().unwrap();
        assert!(item == first || run.clone().count() > 1, "{text}");
        assert!(cpus.last().is_none_or(|last| last + 1 < *run.start()), "{text}");
        cpus.extend(run);
    }
    cpus
}

/// Puts pairs into a map, and asserts that they ascend.
fn ascending<K: Ord + Clone + Debug, V>(pairs: impl Iterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        assert!(
            map.last_key_value().is_none_or(|(last, _)| *last < key),
            "{key:?} is out of order"
        );
        map.insert(key, value);
    }
    map
}

pub(crate) fn document(root: Element<'_>) -> Document {
    let host = child(root, "host").unwrap();
    let cpu = child(host, "cpu").unwrap();
    let topology = child(host, "topology").unwrap();
    let cells = child(topology, "cells").unwrap();
    assert_eq!(attribute::<usize>(cells, "num"), children(cells, "cell").count());
    let cache = child(host, "cache");
    Document {
        uuid: child(host, "uuid").map(|uuid| self::uuid(uuid.text().unwrap())),
        page_sizes: ascending(children(cpu, "pages").map(|pages| (attribute(pages, "size"), ())))
            .into_keys()
            .collect(),
        features: children(cpu, "feature").map(|feature| attribute(feature, "name")).collect(),
        model: child(cpu, "model").map(content),
        cells: ascending(
            children(cells, "cell").map(|cell| (attribute(cell, "id"), self::cell(cell))),
        ),
        interconnects: child(topology, "interconnects").map(interconnects).unwrap_or_default(),
        banks: cache.map(banks).unwrap_or_default(),
        cache_monitor: cache.and_then(|cache| child(cache, "monitor")).map(monitor),
        energy_monitor: child(host, "energy")
            .and_then(|energy| child(energy, "monitor"))
            .map(monitor),
        guests: children(root, "guest").map(guest).collect(),
    }
}

fn uuid(text: &str) -> [u8; 16] {
    let digits = text.replace('-', "");
    assert_eq!((text.len(), digits.len()), (36, 32));
    std::array::from_fn(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap())
}

fn cell(cell: Element<'_>) -> Cell {
    let pages = children(cell, "pages").map(|pages| (attribute(pages, "size"), content(pages)));
    let caches = children(cell, "cache").map(memory_cache);
    let cpus = child(cell, "cpus").unwrap();
    assert_eq!(attribute::<usize>(cpus, "num"), children(cpus, "cpu").count());
    Cell {
        memory_kib: child(cell, "memory").map_or(0, content),
        pages: ascending(pages),
        distances: child(cell, "distances").map(distances).unwrap_or_default(),
        memory_caches: ascending(caches),
        cpus: ascending(children(cpus, "cpu").map(|cpu| (attribute(cpu, "id"), self::cpu(cpu)))),
    }
}

fn distances(distances: Element<'_>) -> BTreeMap<u32, u32> {
    let sibling = |sibling| (attribute(sibling, "id"), attribute(sibling, "value"));
    ascending(children(distances, "sibling").map(sibling))
}

fn memory_cache(cache: Element<'_>) -> (u32, (u32, u32, u64, u32)) {
    let number = |name, words: [&str; 3]| {
        let word = cache.attribute(name);
        words.iter().position(|known| word == Some(known)).unwrap() as u32
    };
    let associativity = number("associativity", ["direct", "full", "none"]);
    let policy = number("policy", ["writeback", "writethrough", "none"]);
    let size = attribute(child(cache, "size").unwrap(), "value");
    let line = child(cache, "line").map_or(0, |line| attribute(line, "value"));
    (attribute(cache, "level"), (associativity, policy, size, line))
}

fn cpu(cpu: Element<'_>) -> Cpu {
    let place = ["socket_id", "die_id", "cluster_id", "core_id"];
    Cpu {
        place: place.map(|name| attribute(cpu, name)),
        siblings: list(cpu.attribute("siblings").unwrap()),
    }
}

fn interconnects(all: Element<'_>) -> BTreeMap<crate::facts::Path, u32> {
    let path = |one: Element<'_>| {
        let (bandwidth, write) =
            (one.has_tag_name("bandwidth"), one.attribute("type") == Some("write"));
        (
            (bandwidth, attribute(one, "initiator"), attribute(one, "target"), write),
            attribute(one, "value"),
        )
    };
    ascending(all.children().filter(Node::is_element).map(path))
}

fn banks(cache: Element<'_>) -> BTreeMap<(u32, u32), Bank> {
    let bank = |bank: Element<'_>| {
        let kind =
            ["both", "code", "data"].iter().position(|kind| bank.attribute("type") == Some(kind));
        let unit = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        let unit = unit.iter().position(|unit| bank.attribute("unit") == Some(unit)).unwrap();
        let size: u64 = attribute(bank, "size");
        assert!(
            unit == 5 || size == 0 || !size.is_multiple_of(1024),
            "{size} is whole in a larger unit"
        );
        let (size_bytes, cpus) = (size << (10 * unit), list(bank.attribute("cpus").unwrap()));
        let key = (attribute(bank, "level"), attribute(bank, "id"));
        (key, Bank { kind: kind.unwrap(), size_bytes, cpus })
    };
    ascending(children(cache, "bank").map(bank))
}

fn monitor(monitor: Element<'_>) -> Monitor {
    let features = children(monitor, "feature").map(|feature| attribute(feature, "name"));
    Monitor { max: attribute(monitor, "maxMonitors"), features: features.collect() }
}

fn guest(guest: Element<'_>) -> Guest {
    let arch = child(guest, "arch").unwrap();
    let domain = |domain| (child(domain, "emulator").map(content), machines(domain));
    Guest {
        emulator: child(arch, "emulator").map(content).unwrap(),
        machines: machines(arch),
        domains: children(arch, "domain").map(domain).collect(),
    }
}

fn machines(parent: Element<'_>) -> Vec<Machine> {
    let machine = |machine: Element<'_>| Machine {
        name: content(machine),
        canonical: machine.attribute("canonical").map(str::to_owned),
        max_cpus: machine.attribute("maxCpus").map_or(0, |count| count.parse().unwrap()),
        deprecated: machine.attribute("deprecated") == Some("yes"),
    };
    children(parent, "machine").map(machine).collect()
}
