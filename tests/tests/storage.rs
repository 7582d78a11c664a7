//! Every size of storage: the right document, or the same number of bytes that suffice.

use caps_core::{Table, storage};
use caps_linux::{Error, Guests};
use caps_tests::difference::assert_same;
use caps_tests::place::{directories, name, own_hosts, shared};
use caps_tests::recording::{Recording, document_in};
use caps_tests::sketch::{CpuCache, Sketch};
use caps_tests::synthetic;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Storage that is not zero to begin with: its old contents must not matter.
fn used(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| at as u8 | 1).collect()
}

/// A host in `bytes` of storage.
fn attempt(
    recording: &Recording,
    guests: Guests<'_>,
    bytes: usize,
) -> Result<Vec<u8>, (Table, usize)> {
    match recording.visit(|host| document_in(host, guests, &mut used(bytes))) {
        Ok(document) => Ok(document),
        Err(Error::Full(full)) => Err((full.table, full.needed)),
        Err(error) => panic!("{error}"),
    }
}

/// Tries the host in every `step`-th size below what it needs, in that, and in more.
fn assert_every_size(name: &str, root: &Path, guests: Guests<'_>, step: usize) -> usize {
    let recording = Recording::open(root);
    let whole = attempt(&recording, guests, storage::MAX).unwrap();
    let needed = match attempt(&recording, guests, 0) {
        Ok(document) => {
            assert_same(name, &whole, &document);
            return 0;
        }
        Err((_, needed)) => needed,
    };
    let sizes = (0..needed).step_by(step).chain([needed - 1, needed, needed + 1, 2 * needed]);
    for bytes in sizes {
        match attempt(&recording, guests, bytes) {
            Ok(document) => assert_same(&format!("{name} in {bytes}"), &whole, &document),
            Err((table, said)) => {
                assert_eq!(said, needed, "{name} in {bytes} bytes, full at {table:?}");
                assert!(bytes < needed, "{name} needs {needed} and is full in {bytes}");
            }
        }
    }
    needed
}

#[test]
fn own_hosts_in_every_size() {
    for case in directories(&own_hosts()) {
        assert_every_size(&name(&case), &case.join("root"), Guests::None, 3);
    }
}

/// Trees that contradict themselves, where counting ahead is hardest.
#[test]
fn odd_hosts_in_every_size() {
    let Some(cases) = shared("cases/host") else { return };
    for case in ["z1", "z3", "z5", "mism", "n1", "n3", "n4", "n5", "fk1", "fk2", "gap", "nonode"] {
        assert_every_size(case, &cases.join(case).join("root"), Guests::None, 41);
    }
}

#[test]
fn a_large_host_in_many_sizes() {
    let Some(host) = synthetic::host("--cpus 64 --nodes 2 --sockets 2") else { return };
    assert_every_size("64 CPUs", host.path(), Guests::None, 499);
}

/// Four CPUs with their caches, and a guest of each emulator that a small host has.
fn small_server() -> Sketch {
    let mut host = Sketch::default();
    host.facts("numa yes\nprivileged yes\nkvm yes\n").cpus("0-3", "0-3").node(0, "f", 4_194_304);
    host.of_node(0, "distance", 10).pool("sys/devices/system/node/node0", 2048, 8);
    host.pool("sys/kernel/mm", 2048, 8);
    for (cpu, own) in [(0, "0"), (1, "1"), (2, "2"), (3, "3")] {
        let l3 = CpuCache { index: 3, level: 3, id: 0, kind: "Unified", size: "32M", cpus: "0-3" };
        host.cpu(cpu, 0, cpu, own)
            .cache(cpu, CpuCache { index: 2, level: 2, id: cpu, size: "1M", cpus: own, ..l3 })
            .cache(cpu, l3);
    }
    for emulator in ["kvm", "qemu-system-x86_64", "qemu-system-arm", "qemu-system-s390x"] {
        host.file(&format!("usr/bin/{emulator}"), "");
    }
    host
}

/// `TINY` is for this: four CPUs and a handful of guests.
#[test]
fn a_small_server_fits_in_four_kibibytes() {
    let root = small_server().directory();
    for emulator in std::fs::read_dir(root.path().join("usr/bin")).unwrap().flatten() {
        std::fs::set_permissions(emulator.path(), PermissionsExt::from_mode(0o755)).unwrap();
    }
    let recording = Recording::open(root.path());
    let document = attempt(&recording, Guests::Files, storage::TINY).unwrap();
    let document = String::from_utf8(document).unwrap();
    assert_eq!(document.matches("<guest>").count(), 4, "{document}");
    assert_eq!(document.matches("<bank ").count(), 5, "{document}");
    assert_every_size("a small server", root.path(), Guests::Files, 1);
}
