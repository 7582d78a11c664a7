//! Calls that fail: whatever fails, there is a document or a refusal, and other topics do not notice.

use caps_linux::{Errno, Error};
use caps_tests::difference::assert_same;
use caps_tests::place::own_hosts;
use caps_tests::recording::{Recording, document, element};
use caps_tests::tree::{Fault, Faulty};

const ERRORS: [Errno; 4] = [Errno::NOENT, Errno::ACCES, Errno::IO, Errno(40)];
const HOSTS: [&str; 6] = ["two-cpus", "node-gap", "hmat", "resctrl", "no-numa", "selinux"];

fn recording(host: &str) -> Recording {
    Recording::open(&own_hosts().join(host).join("root"))
}

/// The document where `fault` strikes, and the number of calls that it took.
fn faulty(recording: &Recording, fault: Fault, errno: Errno) -> (Result<Vec<u8>, Error>, usize) {
    let tree = Faulty::new(recording.root(), fault, errno);
    let made = recording.visit_through(&tree, document);
    (made, tree.calls())
}

#[test]
fn any_call_may_fail() {
    for host in HOSTS {
        let recording = recording(host);
        let (_, calls) = faulty(&recording, Fault::Nth(usize::MAX), Errno::IO);
        for errno in ERRORS {
            for nth in 0..calls {
                let (made, _) = faulty(&recording, Fault::Nth(nth), errno);
                assert_whole(host, nth, made);
            }
        }
    }
}

fn assert_whole(host: &str, nth: usize, made: Result<Vec<u8>, Error>) {
    match made {
        Ok(document) => {
            let text = String::from_utf8(document).unwrap();
            let parsed = roxmltree::Document::parse(&text);
            assert!(parsed.is_ok(), "{host}, call {nth}: {text}");
        }
        Err(Error::Refused(_)) => {}
        Err(Error::Full(full)) => panic!("{host}, call {nth}: {full}"),
    }
}

/// Children of `<host>`, `<cpu>` aside, which several topics share.
const ELEMENTS: [&str; 8] = [
    "power_management",
    "migration_features",
    "topology",
    "cache",
    "memory_bandwidth",
    "energy",
    "iommu",
    "uuid",
];

/// Asserts that the elements of `host` other than `but` are the same where nothing under `path` can be read.
fn assert_others_stay(host: &str, path: &str, but: &[&str]) {
    let recording = recording(host);
    let whole = String::from_utf8(recording.document()).unwrap();
    for errno in ERRORS {
        let fault = Fault::ReadingUnder(path.to_owned());
        let (made, _) = faulty(&recording, fault, errno);
        let made = String::from_utf8(made.unwrap()).unwrap();
        for name in ELEMENTS.into_iter().filter(|name| !but.contains(name)) {
            let [expected, actual] = [&whole, &made].map(|document| part(document, name));
            let title = format!("<{name}> of {host} without {path}");
            assert_same(&title, expected.as_bytes(), actual.as_bytes());
        }
    }
}

/// An element of `<host>`, or its one line.
fn part<'d>(document: &'d str, name: &str) -> &'d str {
    let start = format!("    <{name}");
    let line = document.lines().find(|line| line.starts_with(&start)).unwrap_or_default();
    if line.ends_with(&format!("<{name}>")) { element(document, name) } else { line }
}

#[test]
fn other_topics_do_not_notice() {
    for host in ["two-cpus", "resctrl", "resctrl-cdp"] {
        assert_others_stay(host, "/sys/fs/resctrl", &["cache", "memory_bandwidth", "energy"]);
        assert_others_stay(host, "/sys/devices/system/node", &["topology"]);
        assert_others_stay(host, "/sys/kernel/mm/hugepages", &[]);
        assert_others_stay(host, "/sys/kernel/iommu_groups", &["iommu"]);
        assert_others_stay(host, "/sys/devices/virtual/dmi", &["uuid"]);
        assert_others_stay(host, "/proc/cpuinfo", &[]);
        assert_others_stay(host, "/etc", &[]);
        for cpu in [0, 1] {
            let cpu = format!("/sys/devices/system/cpu/cpu{cpu}");
            assert_others_stay(
                host,
                &format!("{cpu}/cache"),
                &["cache", "memory_bandwidth", "energy"],
            );
            assert_others_stay(host, &format!("{cpu}/topology"), &["topology"]);
        }
    }
}

/// What is there and cannot be read is an error where what is not there is none.
#[test]
fn denied_is_not_absent() {
    let recording = recording("two-cpus");
    let path = "/sys/devices/system/cpu/cpu1/topology/die_id".to_owned();
    let absent = faulty(&recording, Fault::Under(path.clone()), Errno::NOENT).0.unwrap();
    let absent = String::from_utf8(absent).unwrap();
    assert!(element(&absent, "topology").contains("die_id='0'"), "{absent}");
    let denied = faulty(&recording, Fault::ReadingUnder(path), Errno::ACCES).0.unwrap();
    let denied = String::from_utf8(denied).unwrap();
    // The real topology fails, and is made up: without distances.
    let topology = element(&denied, "topology");
    assert!(topology.contains("<cells num='1'>") && !topology.contains("<distances>"), "{denied}");
}
