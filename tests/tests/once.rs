//! Nothing is asked twice, whatever the host lacks.

use caps_linux::Guests;
use caps_tests::place::{directories, name, own_hosts, shared};
use caps_tests::recording::{Recording, document_in};
use caps_tests::tree::{Call, Traced};
use std::collections::BTreeMap;
use std::path::Path;

/// What the host in `root` was asked more than once, and how often.
fn repeated(root: &Path) -> BTreeMap<(Call, String), usize> {
    let recording = Recording::open(root);
    let tree = Traced::new(recording.root());
    recording
        .visit_through(&tree, |host| document_in(host, Guests::None, &mut vec![0; 1 << 20]))
        .unwrap();
    let mut counts = BTreeMap::new();
    for call in tree.asked() {
        *counts.entry(call).or_insert(0) += 1;
    }
    counts.retain(|_, count| *count > 1);
    counts
}

/// Places of CPUs are read for the cells, and again where the nodes name none of them: then all CPUs are counted as one node.
fn is_counted_apart(path: &str) -> bool {
    path.starts_with("/sys/devices/system/cpu/cpu") && path.contains("/topology/")
}

#[test]
fn own_hosts_are_asked_once() {
    for case in directories(&own_hosts()) {
        let mut repeated = repeated(&case.join("root"));
        repeated.retain(|(_, path), _| !is_counted_apart(path));
        assert!(repeated.is_empty(), "{}: {repeated:?}", name(&case));
    }
}

#[test]
fn shared_hosts_are_asked_once() {
    let Some(cases) = shared("cases/host") else { return };
    for case in directories(&cases) {
        let mut repeated = repeated(&case.join("root"));
        repeated.retain(|(_, path), _| !is_counted_apart(path));
        assert!(repeated.is_empty(), "{}: {repeated:?}", name(&case));
    }
}
