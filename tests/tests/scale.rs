//! Large hosts: their documents are libvirt's, and what they cost grows as they do.

use caps_core::storage;
use caps_linux::{Error, Guests};
use caps_tests::difference::assert_same;
use caps_tests::place::shared;
use caps_tests::recording::{Recording, document, document_in, element};
use caps_tests::synthetic;
use caps_tests::tree::{Call, Traced};
use std::collections::BTreeSet;
use std::fs;

/// The shared cases and how their hosts are made.
const CASES: [(&str, &str); 6] = [
    ("t2", "--cpus 2 --smt 1"),
    ("t64", "--cpus 64 --nodes 2 --sockets 2"),
    ("t512", "--cpus 512 --nodes 8 --sockets 2 --dies-per-socket 4"),
    (
        "v-adjacent",
        "--cpus 16 --nodes 2 --sockets 2 --enum adjacent --l3-cores 4 --cluster-cores 2",
    ),
    (
        "v-hmat",
        "--cpus 16 --nodes 2 --sockets 2 --l3-cores 4 --cxl-nodes 2 --hmat --hp2m 512 --hp1g 4",
    ),
    ("v-offline", "--cpus 16 --nodes 2 --sockets 1 --l3-cores 4 --offline 3,8-9"),
];

#[test]
fn synthetic_hosts_are_libvirts() {
    let Some(cases) = shared("cases/scale") else { return };
    for (name, options) in CASES {
        let Some(host) = synthetic::host(options) else { return };
        let expected = fs::read_to_string(cases.join(name).with_extension("xml")).unwrap();
        let actual = String::from_utf8(Recording::open(host.path()).document()).unwrap();
        for topic in ["topology", "cache"] {
            let parts = [&expected, &actual].map(|document| element(document, topic).as_bytes());
            assert!(!parts[0].is_empty(), "{name} has no {topic}");
            assert_same(&format!("<{topic}> of {name}"), parts[0], parts[1]);
        }
    }
}

/// What a host costs.
struct Cost {
    cpus: usize,
    calls: usize,
    distinct_calls: usize,
    needed_bytes: usize,
    document_bytes: usize,
}

impl Cost {
    fn of(cpus: usize, more: &str) -> Option<Self> {
        let host = synthetic::host(&format!("--cpus {cpus} {more}"))?;
        let recording = Recording::open(host.path());
        let tree = Traced::new(recording.root());
        let document = recording.visit_through(&tree, document).unwrap();
        let asked = tree.asked();
        let needed = recording.visit(|host| document_in(host, Guests::None, &mut []));
        let Err(Error::Full(full)) = needed else { panic!("{cpus} CPUs in no storage") };
        Some(Self {
            cpus,
            calls: asked.len(),
            distinct_calls: asked.iter().collect::<BTreeSet<&(Call, String)>>().len(),
            needed_bytes: full.needed,
            document_bytes: document.len(),
        })
    }

    /// Asserts that each cost grew with the number of CPUs, and at most `slack` percent more.
    fn assert_linear(&self, smaller: &Self, slack: usize) {
        let pairs = [
            ("calls", self.calls, smaller.calls),
            ("stored bytes", self.needed_bytes, smaller.needed_bytes),
            ("bytes of the document", self.document_bytes, smaller.document_bytes),
        ];
        for (what, large, small) in pairs {
            let bound = small * self.cpus / smaller.cpus * (100 + slack) / 100;
            assert!(
                large <= bound,
                "{} CPUs: {large} {what}, of {small} for {}",
                self.cpus,
                smaller.cpus
            );
        }
    }
}

/// Numbers of more digits take more bytes, hence the slack.
#[test]
fn costs_grow_with_the_cpus() {
    const SHAPE: &str = "--nodes 8 --sockets 2";
    let Some(small) = Cost::of(512, SHAPE) else { return };
    for cpus in [2048, 8192] {
        let Some(large) = Cost::of(cpus, SHAPE) else { return };
        large.assert_linear(&small, 20);
        assert!(large.needed_bytes <= storage::MAX, "{} bytes", large.needed_bytes);
        assert_eq!(large.calls, large.distinct_calls, "something was asked twice");
    }
}

#[test]
fn the_largest_host_fits_in_four_mebibytes() {
    let Some(cost) = Cost::of(8192, "--nodes 1024 --sockets 8 --l3-cores 4") else { return };
    assert!(cost.needed_bytes <= storage::MAX, "{} bytes", cost.needed_bytes);
    eprintln!("8192 CPUs in 1024 cells: {} bytes of storage", cost.needed_bytes);
}
