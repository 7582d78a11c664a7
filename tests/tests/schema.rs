//! Documents are valid by libvirt's own schema, but for what libvirt itself writes against it.

use caps_tests::place::{directories, name, own_hosts, shared};
use caps_tests::recording::Recording;
use caps_tests::schema::{Documents, invalid, known_offence};
use caps_tests::synthetic;
use std::path::{Path, PathBuf};

/// The documents of the hosts in `cases`.
fn documents(cases: &[PathBuf]) -> Documents {
    let document = |case: &PathBuf| (name(case), Recording::open(&case.join("root")).document());
    cases.iter().map(document).collect()
}

/// Asserts that all are valid, except where a known offence of libvirt's stands in them.
fn assert_valid(documents: &Documents) {
    let Some(invalid) = invalid(documents) else { return };
    for (name, complaint) in invalid {
        let document = String::from_utf8_lossy(&documents[&name]);
        let offence = known_offence(&document);
        assert!(offence.is_some(), "{name} is not valid: {complaint}\n{document}");
    }
}

#[test]
fn own_hosts_are_valid() {
    assert_valid(&documents(&directories(&own_hosts())));
}

#[test]
fn shared_hosts_are_valid() {
    let Some(cases) = shared("cases/host") else { return };
    assert_valid(&documents(&directories(&cases)));
}

#[test]
fn synthetic_hosts_are_valid() {
    let mut all = Documents::new();
    for options in ["--cpus 2", "--cpus 64 --nodes 4", "--cpus 16 --nodes 2 --hmat --cxl-nodes 1"] {
        let Some(host) = synthetic::host(options) else { return };
        all.insert(options.replace([' ', '-'], ""), document(host.path()));
    }
    assert_valid(&all);
}

fn document(root: &Path) -> Vec<u8> {
    Recording::open(root).document()
}
