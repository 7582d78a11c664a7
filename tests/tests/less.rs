//! On a sysfs that agrees with itself less is read, and the document is the one that reading everything gives.

use caps_linux::Tree;
use caps_tests::difference::assert_same;
use caps_tests::recording::{Recording, document};
use caps_tests::sketch::{CpuCache, Sketch};
use caps_tests::synthetic;
use caps_tests::tree::Traced;
use std::path::Path;

/// How often the host in `root` is asked, read in full and as sysfs; the documents are the same.
fn calls(name: &str, root: &Path) -> [usize; 2] {
    let (full, sysfs) = (Recording::open(root), Recording::open_as_sysfs(root));
    assert_same(name, &full.document(), &sysfs.document());
    [full, sysfs].map(|recording| {
        let tree = Traced::new(recording.root());
        recording.visit_through(&tree, document).unwrap();
        tree.asked().len()
    })
}

#[test]
fn large_hosts_are_the_same_for_less() {
    let shapes = [
        "--cpus 2 --smt 1",
        "--cpus 64 --nodes 2 --sockets 2",
        "--cpus 64 --nodes 2 --sockets 2 --enum adjacent --l3-cores 4 --cluster-cores 2",
        "--cpus 64 --nodes 4 --sockets 2 --smt 4",
        "--cpus 64 --nodes 2 --sockets 1 --offline 3,8-9,40",
        "--cpus 16 --nodes 2 --sockets 2 --no-thread-sibs",
        "--cpus 16 --nodes 2 --sockets 2 --node-stride 3 --hp2m 8",
        "--cpus 16 --nodes 2 --sockets 2 --l3-cores 4 --cxl-nodes 2 --hmat --hp2m 512 --hp1g 4",
        "--cpus 1024 --nodes 2 --sockets 2",
    ];
    for shape in shapes {
        let Some(host) = synthetic::host(shape) else { return };
        let [full, sysfs] = calls(shape, host.path());
        println!("{shape}: {full} calls in full, {sysfs} as sysfs");
        assert!(sysfs < full, "{shape}: {sysfs} calls, {full} in full");
    }
}

/// Threads of a core are asked once for all of them, and so is what they share: half of the calls of a host with two threads
/// a core, and less.
#[test]
fn cores_are_asked_once() {
    let shape = "--cpus 512 --nodes 8 --sockets 2 --dies-per-socket 4";
    let Some(host) = synthetic::host(shape) else { return };
    let [full, sysfs] = calls(shape, host.path());
    // Five files of its place, a list of caches and five files of one, for each of 256 cores; an eighth of a cache above.
    let bound = 256 * (5 + 1 + 5 + 1) + 8 * 12 + 60;
    assert!(sysfs <= bound && 2 * bound < full, "{sysfs} calls, bound {bound}, {full} in full");
}

/// A core whose threads do not all come from one node, and one that does not list itself: odd, but the same.
#[test]
fn cores_that_are_odd_are_the_same() {
    let mut host = Sketch::default();
    host.facts("numa yes\n").cpus("0-5", "0-5");
    host.node(0, "7", 1024).of_node(0, "distance", "10 20");
    host.node(1, "38", 1024).of_node(1, "distance", "20 10");
    for (cpu, socket, core, siblings) in [
        (0, 0, 7, "0,3"),
        (1, 0, 8, "1-2"),
        (2, 0, 8, "1-2"),
        (3, 1, 7, "0,3"),
        (4, 1, 9, "5"),
        (5, 1, 9, "4"),
    ] {
        host.cpu(cpu, socket, core, siblings);
        let l2 = CpuCache {
            index: 2,
            level: 2,
            id: cpu,
            kind: "Unified",
            size: "1M",
            cpus: &cpu.to_string(),
        };
        host.cache(cpu, l2);
    }
    let root = host.directory();
    calls("odd cores", root.path());
}

/// The control: a copy that contradicts itself is not the same where it is taken at its word.
#[test]
fn a_copy_that_contradicts_itself_is_read_in_full() {
    let mut host = Sketch::default();
    host.facts("numa yes\n").cpus("0-1", "0-1").node(0, "3", 1024).of_node(0, "distance", "10");
    host.cpu(0, 0, 0, "0-1").cpu(1, 0, 5, "1");
    let root = host.directory();
    let [full, sysfs] = [Recording::open(root.path()), Recording::open_as_sysfs(root.path())];
    assert!(!full.root().agrees_with_itself() && sysfs.root().agrees_with_itself());
    assert_ne!(full.document(), sysfs.document());
}
