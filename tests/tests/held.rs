//! A host that is held says what a fresh probe of it would say, whatever changed, and looks at little for it.

use caps_core::Driver;
use caps_linux::{Change, Errno, Error, Guests, Held, HeldFile, Tree};
use caps_tests::difference::assert_same;
use caps_tests::place::{directories, own_hosts, shared};
use caps_tests::recording::{Recording, document, text};
use caps_tests::sketch::{CpuCache, Sketch};
use caps_tests::synthetic;
use caps_tests::tree::{Call, Fault, Faulty, Traced};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// What happens to a file of the host, and what a refresh finds then.
type Event = (&'static str, &'static str, Change);

/// Everything that is read again, changed on a host that goes on running.
const EVENTS: [Event; 9] = [
    ("sys/devices/system/node/node0/meminfo", "Node 0 MemTotal: 4000000 kB\n", Change::Numbers),
    ("sys/devices/system/node/node1/meminfo", "Node 1 MemTotal: 1 kB\n", Change::Numbers),
    (
        "sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages",
        "17\n",
        Change::Numbers,
    ),
    (
        "sys/devices/system/node/node1/hugepages/hugepages-1048576kB/nr_hugepages",
        "18446744073709551615\n",
        Change::Numbers,
    ),
    ("sys/devices/system/cpu/online", "0-2\n", Change::Probed),
    ("sys/devices/system/cpu/present", "0-7\n", Change::Probed),
    ("sys/devices/system/node/node1/meminfo", "nothing\n", Change::Probed),
    (
        "sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages",
        "many\n",
        Change::Probed,
    ),
    ("sys/fs/resctrl/info/L3_MON/max_threshold_occupancy", "4096\n", Change::Probed),
];

/// Two nodes of two CPUs with a cache, two sizes of huge pages, an IOMMU and resctrl.
fn server() -> Sketch {
    let mut host = Sketch::default();
    host.facts("numa yes\nprivileged yes\n").cpus("0-3", "0-3");
    host.line("sys/devices/system/node/online", "0-1");
    host.file("sys/kernel/iommu_groups/0/type", "DMA\n");
    for (node, cpumap, cpus) in [(0, "3", "0-1"), (1, "c", "2-3")] {
        host.node(node, cpumap, 4_194_304).of_node(node, "distance", "10 20");
        for size_kib in [2048, 1_048_576] {
            host.pool("sys/kernel/mm", size_kib, 2);
            host.pool(&format!("sys/devices/system/node/node{node}"), size_kib, 1);
        }
        for cpu in 2 * node..2 * node + 2 {
            host.cpu(cpu, node as i32, cpu, cpus);
            let id = node;
            let l3 = CpuCache { index: 3, level: 3, id, kind: "Unified", size: "8M", cpus };
            host.cache(cpu, l3);
        }
    }
    host.resctrl("L3_MON/num_rmids", 64).resctrl("L3_MON/max_threshold_occupancy", 65536);
    host.resctrl("L3_MON/mon_features", "llc_occupancy").clone()
}

/// A host that is held, in `slots` files, for `visit`.
fn hold<T>(slots: usize, visit: impl FnOnce(&mut Held<'_>) -> T) -> T {
    let (mut storage, mut files) = (vec![0; 1 << 20], Vec::new());
    files.resize_with(slots, || None::<HeldFile>);
    visit(&mut Held::new(Driver::QEMU, &mut storage, &mut files))
}

/// Refreshes, and compares with a fresh probe of what is there now.
fn refresh(held: &mut Held<'_>, recording: &Recording, tree: &dyn Tree) -> Change {
    let change = recording.visit_through(tree, |host| held.refresh(host, Guests::None, &mut ()));
    let change = change.unwrap();
    let fresh = recording.visit(document).unwrap();
    assert_same("held", &fresh, &text(&held.caps().unwrap()));
    change
}

#[test]
fn every_change_is_seen() {
    for slots in [0, 2, 5, 64] {
        let host = server().directory();
        let recording = Recording::open_as_sysfs(host.path());
        hold(slots, |held| {
            let refresh = |held: &mut Held<'_>| refresh(held, &recording, recording.root());
            assert_eq!(refresh(held), Change::Probed);
            assert_eq!(refresh(held), Change::None);
            for (path, contents, change) in EVENTS {
                let file = host.path().join(path);
                let before = fs::read(&file).unwrap();
                for contents in [contents.as_bytes(), &before] {
                    fs::write(&file, contents).unwrap();
                    assert_eq!(refresh(held), change, "{path} with {slots} slots");
                    if change == Change::Numbers || contents == before {
                        assert_eq!(refresh(held), Change::None, "{path} with {slots} slots");
                    }
                }
            }
        });
    }
}

/// CPUs and nodes that come, and resctrl that goes.
#[test]
fn what_comes_and_goes_is_seen() {
    let host = server().directory();
    let recording = Recording::open_as_sysfs(host.path());
    hold(64, |held| {
        let mut assert_probed = |what: &str| {
            assert_eq!(refresh(held, &recording, recording.root()), Change::Probed, "{what}");
            assert_eq!(refresh(held, &recording, recording.root()), Change::None, "{what}");
        };
        assert_probed("the first time");
        let system = host.path().join("sys/devices/system");
        let mut more = Sketch::default();
        more.node(2, "10", 1024).of_node(2, "distance", "20 20 10").cpu(4, 2, 4, "4");
        more.write_to(host.path());
        symlink("../../cpu/cpu4", system.join("node/node0/cpu9")).unwrap();
        fs::write(system.join("node/online"), "0-2\n").unwrap();
        fs::write(system.join("cpu/present"), "0-4\n").unwrap();
        fs::write(system.join("cpu/online"), "0-4\n").unwrap();
        assert_probed("a node with a CPU");
        fs::remove_dir_all(host.path().join("sys/fs/resctrl/info")).unwrap();
        assert_probed("no resctrl any more");
        fs::remove_dir_all(host.path().join("sys/kernel/iommu_groups/0")).unwrap();
        assert_probed("no IOMMU any more");
    });
}

#[test]
fn nothing_is_opened_once_a_host_is_held() {
    let host = server().directory();
    let recording = Recording::open_as_sysfs(host.path());
    hold(64, |held| {
        refresh(held, &recording, recording.root());
        let tree = Traced::new(recording.root());
        assert_eq!(refresh(held, &recording, &tree), Change::None);
        let mut asked: Vec<Call> = tree.asked().into_iter().map(|(call, _)| call).collect();
        asked.sort_unstable();
        // Resctrl is not held: it could not be unmounted.
        assert_eq!(asked, [Call::Read, Call::Stat, Call::Stat]);
    });
    // The control: without a slot each file is opened.
    hold(0, |held| {
        refresh(held, &recording, recording.root());
        let tree = Traced::new(recording.root());
        refresh(held, &recording, &tree);
        assert_eq!(tree.asked().len(), 3 + 3 + 2 * 3);
    });
}

/// A call that fails is a reason to probe in full, never to say something else.
#[test]
fn any_call_of_a_refresh_may_fail() {
    let host = server().directory();
    let recording = Recording::open_as_sysfs(host.path());
    for errno in [Errno::NOENT, Errno::ACCES, Errno::IO, Errno::NODEV] {
        hold(0, |held| {
            refresh(held, &recording, recording.root());
            // Three lists, what there is of IOMMU and resctrl, and three files of each node.
            for nth in 0..3 + 3 + 2 * 3 {
                let tree = Faulty::new(recording.root(), Fault::Nth(nth), errno);
                assert_eq!(refresh(held, &recording, &tree), Change::Probed, "{nth}");
                let again = refresh(held, &recording, recording.root());
                assert!(again != Change::Numbers, "{nth} {errno}");
            }
        });
    }
}

/// Nothing is kept of a probe that failed, nor of a look that did: neither a document nor a shape.
#[test]
fn any_call_of_the_first_refreshes_may_fail() {
    let host = server().directory();
    let recording = Recording::open_as_sysfs(host.path());
    for errno in [Errno::IO, Errno(12), Errno(24)] {
        for nth in 0.. {
            let tree = Faulty::new(recording.root(), Fault::Nth(nth), errno);
            hold(0, |held| {
                let first = recording
                    .visit_through(&tree, |host| held.refresh(host, Guests::None, &mut ()));
                match first {
                    Err(error) => {
                        let named = matches!(&error, Error::Unavailable(it) if it.errno == errno);
                        assert!(named && held.caps().is_none(), "{nth}: {error}");
                    }
                    Ok(_) => {
                        let fresh = recording.visit(document).unwrap();
                        assert_same("first", &fresh, &text(&held.caps().unwrap()));
                    }
                }
                fs::write(host.path().join(CHANGED), format!("Node 0 MemTotal: {nth} kB\n"))
                    .unwrap();
                refresh(held, &recording, recording.root());
                refresh(held, &recording, recording.root());
            });
            if tree.calls() <= nth {
                break;
            }
        }
    }
}

/// A file that every look reads.
const CHANGED: &str = "sys/devices/system/node/node0/meminfo";

#[test]
fn recorded_hosts_are_probed_each_time() {
    let shared = shared("cases/host").map(|cases| directories(&cases)).unwrap_or_default();
    for case in directories(&own_hosts()).into_iter().chain(shared) {
        let recording = Recording::open(&case.join("root"));
        hold(64, |held| {
            assert_eq!(refresh(held, &recording, recording.root()), Change::Probed);
            assert_eq!(refresh(held, &recording, recording.root()), Change::Probed);
        });
    }
}

#[test]
fn large_hosts_are_held_in_any_number_of_files() {
    let Some(host) = synthetic::host("--cpus 64 --nodes 8 --sockets 2 --hp2m 16") else { return };
    if !host.path().join("sys/devices/system/node/online").exists() {
        fs::write(host.path().join("sys/devices/system/node/online"), "0-7\n").unwrap();
    }
    let recording = Recording::open_as_sysfs(host.path());
    for slots in [3, 9, 1024] {
        hold(slots, |held| {
            assert_eq!(refresh(held, &recording, recording.root()), Change::Probed);
            assert_eq!(refresh(held, &recording, recording.root()), Change::None);
            change_memory(&host.path().join("sys/devices/system/node/node7/meminfo"));
            assert_eq!(refresh(held, &recording, recording.root()), Change::Numbers);
        });
    }
}

/// Adds a digit to the memory of a node.
fn change_memory(meminfo: &Path) {
    let text = fs::read_to_string(meminfo).unwrap();
    fs::write(meminfo, text.replacen(" kB", "1 kB", 1)).unwrap();
}

#[test]
fn storage_that_is_too_small_is_told_and_nothing_is_held() {
    let host = server().directory();
    let recording = Recording::open_as_sysfs(host.path());
    let mut held = Held::new(Driver::QEMU, &mut [], &mut []);
    for _ in 0..2 {
        assert!(recording.visit(|host| held.refresh(host, Guests::None, &mut ())).is_err());
        assert!(held.caps().is_none());
    }
}
