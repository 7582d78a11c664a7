//! Directories with a hundred thousand entries.

use crate::support::{assert_civil, good};
use caps_tests::sketch::Sketch;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

const MANY: u32 = 100_000;
const CPU: &str = "sys/devices/system/cpu";
const NODE: &str = "sys/devices/system/node";

/// Puts many entries into `directory`, each a link to `target`.
fn fill(root: &Path, directory: &str, prefix: &str, suffix: &str, target: &str) {
    let place = root.join(directory);
    fs::create_dir_all(&place).unwrap();
    for number in 0..MANY {
        let _ = symlink(target, place.join(format!("{prefix}{number}{suffix}")));
    }
}

#[test]
fn many_nodes() {
    let root = good().directory();
    fill(root.path(), NODE, "node", "", "nowhere");
    assert_civil("many nodes that are none", root.path());
}

/// Every node is the same one, with its CPUs.
#[test]
fn many_nodes_that_are_one() {
    let root = good().directory();
    fill(root.path(), NODE, "node", "", "node0");
    assert_civil("many nodes that are one", root.path());
}

/// A thousand nodes that share their CPUs: 16 million are offline, if they are counted, and none of them is to be made up.
#[test]
fn many_cpus_of_many_nodes() {
    let mut host = Sketch::default();
    host.facts("numa no\nphys_pages 1000\n").cpus("0-16383", "0").cpu(0, 0, 0, "0");
    for cpu in 0..16384 {
        host.file(&format!("{NODE}/node0/cpu{cpu}"), "");
    }
    let root = host.directory();
    for node in 1..1000 {
        symlink("node0", root.path().join(format!("{NODE}/node{node}"))).unwrap();
    }
    let ended = assert_civil("many CPUs of many nodes", root.path());
    assert!(ended.stdout.len() < 1 << 20, "{} bytes", ended.stdout.len());
}

#[test]
fn many_cpus() {
    let mut host = good();
    host.line(&format!("{CPU}/present"), "0-16383").line(&format!("{CPU}/online"), "0-16383");
    let root = host.directory();
    fill(root.path(), CPU, "cpu", "", "cpu0");
    assert_civil("many CPUs that are one", root.path());
    fill(root.path(), &format!("{NODE}/node0"), "cpu", "", "../../cpu/cpu0");
    assert_civil("many CPUs of a node", root.path());
}

#[test]
fn many_caches() {
    let root = good().directory();
    fill(root.path(), &format!("{CPU}/cpu0/cache"), "index", "", "index3");
    assert_civil("many caches that are one", root.path());
}

/// As many banks as a directory holds, each with an id of its own.
#[test]
fn many_banks() {
    const BANKS: u32 = 20_000;
    let mut host = Sketch::default();
    host.facts("numa yes\n").cpus("0", "0").cpu(0, 0, 0, "0").node(0, "1", 1024);
    let same = |name: &str| format!("one/{name}");
    host.line("one/level", 2).line("one/type", "Unified").line("one/size", "1K");
    let root = host.line("one/shared_cpu_list", 0).directory();
    for bank in 0..BANKS {
        let place = root.path().join(format!("{CPU}/cpu0/cache/index{bank}"));
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("id"), bank.to_string()).unwrap();
        for name in ["level", "type", "size", "shared_cpu_list"] {
            fs::hard_link(root.path().join(same(name)), place.join(name)).unwrap();
        }
    }
    let ended = assert_civil("many banks", root.path());
    let said = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(said.matches("<bank ").count(), BANKS as usize);
}

#[test]
fn many_pools() {
    for directory in ["sys/kernel/mm/hugepages".to_owned(), format!("{NODE}/node0/hugepages")] {
        let mut host = good();
        host.pool("one", 2048, 1);
        let root = host.directory();
        fill(root.path(), &directory, "hugepages-", "kB", "/one/hugepages/hugepages-2048kB");
        assert_civil(&format!("many pools in {directory}"), root.path());
    }
}

#[test]
fn many_groups_of_the_iommu() {
    let root = good().directory();
    fill(root.path(), "sys/kernel/iommu_groups", "", "", "nowhere");
    let ended = assert_civil("many groups", root.path());
    assert!(String::from_utf8_lossy(&ended.stdout).contains("<iommu support='yes'/>"));
}

#[test]
fn many_memory_side_caches_and_initiators() {
    let root = good().directory();
    fill(root.path(), &format!("{NODE}/node0/memory_side_cache"), "index", "", "index1");
    fill(root.path(), &format!("{NODE}/node0/access1/initiators"), "node", "", "node0");
    assert_civil("many memory side caches and initiators", root.path());
}

#[test]
fn many_kinds_of_allocation() {
    let root = good().directory();
    fill(root.path(), "sys/fs/resctrl/info", "L", "", "L3");
    assert_civil("many levels of allocation", root.path());
    fill(root.path(), "sys/fs/resctrl/info", "L", "CODE", "L3");
    assert_civil("more kinds of allocation", root.path());
}
