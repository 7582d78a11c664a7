//! Trees that contradict themselves, taken for the sysfs of a running host: the documents are those of a copy, which are
//! libvirt's. Nothing that one file says is concluded from another.

use caps_linux::Tree;
use caps_tests::caps;
use caps_tests::difference::difference;
use caps_tests::hosts;
use caps_tests::place::{directories, has_program, name, own_hosts, shared};
use caps_tests::recording::{Recording, document, element};
use caps_tests::synthetic;
use caps_tests::tree::{Call, Traced};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is wrong with the document of the host in `case`, taken for a running one.
fn complaint(case: &Path) -> Option<String> {
    let expected = fs::read(case.join("expect.xml")).unwrap();
    let recording = Recording::open_as_sysfs(&case.join("root"));
    assert!(recording.root().is_sysfs());
    difference(&name(case), &expected, &recording.document())
}

fn assert_all_hold(cases: &[PathBuf], at_least: usize) {
    assert!(cases.len() >= at_least, "only {} cases", cases.len());
    let complaints: Vec<String> = cases.iter().filter_map(|case| complaint(case)).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn own_hosts_are_as_expected() {
    assert_all_hold(&directories(&own_hosts()), 27);
}

#[test]
fn shared_hosts_are_libvirts() {
    let Some(cases) = shared("cases/host") else { return };
    // The group of its IOMMU is an empty directory, which was lost on the way: hosts.rs has it.
    let cases: Vec<PathBuf> =
        directories(&cases).into_iter().filter(|case| name(case) != "iommu").collect();
    assert_all_hold(&cases, 50);
}

/// Of these libvirt's answer is kept as far as it depends on the tree alone.
#[test]
fn shared_trees_are_libvirts() {
    let Some(cases) = shared("cases/faults/live") else { return };
    let cases = directories(&cases);
    assert!(cases.len() >= 3, "only {} cases", cases.len());
    for case in cases {
        let expected = fs::read(case.join("expect.xml")).unwrap();
        let recording = Recording::open_as_sysfs(&case.join("root"));
        let document = String::from_utf8(recording.document()).unwrap();
        let topics = ["topology", "cache", "memory_bandwidth"];
        let actual: String = topics.iter().map(|topic| element(&document, topic)).collect();
        let complaint = difference(&name(&case), &expected, actual.as_bytes());
        assert!(complaint.is_none(), "{}", complaint.unwrap_or_default());
    }
}

/// The same through the program itself, as it probes the machine that it runs on: the trees are bound over `/sys`.
#[test]
fn shared_trees_are_libvirts_as_a_running_host() {
    let Some(faults) = shared("cases/faults") else { return };
    if !["python3", "strace", "unshare"].iter().all(|program| has_program(program)) || !is_root() {
        return eprintln!("skipped: binding over /sys takes root, strace, unshare and Python");
    }
    for cases in [None, Some(faults.join("live")), Some(own_hosts())] {
        let cases = cases.map(|place| directories(&place)).unwrap_or_default();
        let mut python = Command::new("python3");
        let program = PathBuf::from(caps!().get_program());
        let output = python.arg(faults.join("live_trees.py")).arg(program).args(cases).output();
        let output = output.unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout == b"0\n")
}

/// A host taken for a running one is asked the same, and as often.
#[test]
fn running_hosts_are_read_in_full() {
    let asked = |recording: Recording| -> Vec<(Call, String)> {
        let tree = Traced::new(recording.root());
        recording.visit_through(&tree, document).unwrap();
        tree.asked()
    };
    for host in hosts::all() {
        let root = own_hosts().join(host.name).join("root");
        let (copy, running) = (Recording::open(&root), Recording::open_as_sysfs(&root));
        assert_eq!(asked(copy), asked(running), "{}", host.name);
    }
    let Some(host) = synthetic::host("--cpus 64 --nodes 2 --sockets 2 --hp2m 8") else { return };
    let (copy, running) = (Recording::open(host.path()), Recording::open_as_sysfs(host.path()));
    assert_eq!(asked(copy), asked(running));
}
