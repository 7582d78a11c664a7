//! What a host has free and has done, read from hosts that are sketched.

use caps_linux::{Errno, Memory, Root, Usage};
use caps_tests::sketch::Sketch;
use caps_tests::tree::{Fault, Faulty};
use std::ffi::CString;

/// Two nodes with a hole between them, three CPUs of which one is off, one pool of huge pages.
fn sketch() -> Sketch {
    let mut sketch = Sketch::default();
    for (node, free) in [(0, 100), (2, 50)] {
        let meminfo = format!("Node {node} MemTotal: 1000 kB\nNode {node} MemFree: {free} kB\n");
        sketch.file(&format!("sys/devices/system/node/node{node}/meminfo"), meminfo);
    }
    let pool = "sys/devices/system/node/node2/hugepages/hugepages-2048kB/free_hugepages";
    sketch.file(pool, "7\n");
    sketch.file("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "9\n");
    sketch.file("sys/devices/system/cpu/present", "0-2\n");
    sketch.file("sys/devices/system/cpu/online", "0,2\n");
    sketch.file(
        "proc/meminfo",
        "MemTotal: 3000 kB\nMemFree: 160 kB\nMemAvailable: 900 kB\nBuffers: 5 kB\nCached: 6 kB\n",
    );
    sketch.file(
        "proc/cpuinfo",
        "processor : 0\ncpu MHz\t\t: 2596.952\n\nprocessor : 2\ncpu MHz : 1\n",
    );
    sketch.file(
        "proc/stat",
        "cpu  9 1 2 3 4 5 6 0 0 0\ncpu0 1 2 3 4 5 6 7 0 0 0\ncpu2 8 0 0 0 0 0 0\n",
    );
    sketch
}

fn with<T>(sketch: &Sketch, numa: bool, visit: impl FnOnce(&Usage<'_>) -> T) -> T {
    let directory = sketch.directory();
    let path = CString::new(directory.path().to_str().unwrap()).unwrap();
    let root = Root::recorded(&path).unwrap();
    visit(&Usage::new(&root, numa))
}

#[test]
fn cells_are_told_by_their_numbers() {
    with(&sketch(), true, |usage| {
        assert_eq!(usage.cells().unwrap().iter().collect::<Vec<_>>(), [0, 2]);
        let cell = |free_kib| Some(Memory { total_kib: 1000, free_kib, ..Memory::default() });
        assert_eq!((usage.cell_memory(0), usage.cell_memory(2)), (cell(100), cell(50)));
        assert_eq!(usage.cell_memory(1), None);
        let all = Memory { total_kib: 2000, free_kib: 150, ..Memory::default() };
        assert_eq!(usage.all_cells_memory(), Some(all));
        assert_eq!(
            (usage.free_huge_pages(2, 2048), usage.free_huge_pages(0, 2048)),
            (Some(7), None)
        );
    });
}

#[test]
fn without_numa_all_memory_is_one_cell() {
    with(&sketch(), false, |usage| {
        let host = Memory { total_kib: 3000, free_kib: 160, buffers_kib: 5, cached_kib: 6 };
        assert_eq!((usage.memory(), usage.cell_memory(0)), (Some(host), Some(host)));
        assert_eq!(usage.cell_memory(1), None);
        assert_eq!(usage.free_huge_pages(0, 2048), Some(9));
        assert_eq!(usage.cells().unwrap().len(), 1);
    });
}

#[test]
fn cpus_are_told_one_by_one_and_together() {
    with(&sketch(), true, |usage| {
        assert_eq!(
            (usage.present_cpus().unwrap().len(), usage.online_cpus().unwrap().len()),
            (3, 2)
        );
        assert_eq!(usage.frequency_mhz(), Some(2596));
        let of =
            |cpu| usage.cpu_ticks(cpu).unwrap().map(|ticks| (ticks.user, ticks.kernel, ticks.idle));
        assert_eq!(
            (of(None), of(Some(0)), of(Some(2))),
            (Some((10, 13, 3)), Some((3, 16, 4)), Some((8, 0, 0)))
        );
        assert_eq!(of(Some(1)), None);
    });
}

#[test]
fn a_host_that_says_nothing_has_no_usage() {
    with(&Sketch::default(), true, |usage| {
        assert!(
            usage.cells().is_none() && usage.memory().is_none() && usage.cpu_ticks(None).is_none()
        );
        assert!(usage.online_cpus().is_none() && usage.frequency_mhz().is_none());
    });
}

#[test]
fn tells_what_failed_from_what_is_absent() {
    let host = sketch().directory();
    let root = CString::new(host.path().to_str().unwrap()).unwrap();
    let root = Root::recorded(&root).unwrap();
    for (errno, failure) in [(Errno(12), Some(Errno(12))), (Errno::NOENT, None)] {
        let tree = Faulty::new(&root, Fault::Under("/sys/devices/system/node/node2".into()), errno);
        let usage = Usage::new(&tree, true);
        assert!(usage.cell_memory(0).is_some() && usage.failure().is_none());
        assert!(usage.free_huge_pages(2, 2048).is_none());
        assert_eq!(usage.failure(), failure);
    }
}
