//! Linux guests with processors of AMD: the document against the files of the guest, which busybox reads. CPUs share a cache of
//! the third level there, and each gives it an id of its own.

use super::linux::{Guest, Linux};
use std::collections::{BTreeMap, BTreeSet};

/// What is compared, and in how many banks of the third level Linux 6.1 shows the machine's.
const MACHINES: [(&str, &str, usize); 4] = [
    ("EPYC", "-machine q35 -cpu EPYC -smp 4,sockets=1,cores=4", 4),
    ("EPYC-Rome", "-machine q35 -cpu EPYC-Rome -smp 8,sockets=2,cores=2,threads=2", 8),
    ("dies", "-machine q35 -cpu EPYC-Milan -smp 8,sockets=1,dies=2,cores=2,threads=2", 8),
    (
        "a cell without CPUs",
        "-machine q35 -cpu EPYC-Milan -smp 4,sockets=2,cores=2 -m 512 \
         -object memory-backend-ram,id=m0,size=128M -object memory-backend-ram,id=m1,size=128M \
         -object memory-backend-ram,id=m2,size=256M -numa node,nodeid=0,memdev=m0,cpus=0-1 \
         -numa node,nodeid=1,memdev=m1,cpus=2-3 -numa node,nodeid=2,memdev=m2",
        4,
    ),
];

/// Files by their paths under the directory of CPUs.
type Files<'f> = BTreeMap<&'f str, &'f str>;

#[test]
fn guests_of_amd_are_shown_as_their_files_are() {
    let Some(linux) = Linux::find() else { return };
    for (name, arguments, third_level) in MACHINES {
        let Guest { document, files } = linux.boot(arguments);
        let files: Files<'_> = files.lines().filter_map(|line| line.split_once(':')).collect();
        assert_eq!(elements(&document, "<cpu id="), cpus(&files), "{name}");
        let banks = elements(&document, "<bank ");
        assert_eq!(banks, expected_banks(&files), "{name}");
        let third = banks.iter().filter(|bank| bank.contains("level='3'")).count();
        assert_eq!(third, third_level, "{name}: {banks:?}");
    }
}

/// The elements that begin like this, each once.
fn elements(document: &str, start: &str) -> BTreeSet<String> {
    let lines = document.lines().map(str::trim_start);
    lines.filter(|line| line.starts_with(start)).map(String::from).collect()
}

/// The directories `name` and a number that hold a file of this name below.
fn numbers<'f>(files: &Files<'f>, below: &str) -> Vec<&'f str> {
    files.keys().filter_map(|path| path.strip_suffix(below)).collect()
}

fn cpus(files: &Files<'_>) -> BTreeSet<String> {
    let places = numbers(files, "/topology/core_id");
    let shown = places.iter().map(|cpu| {
        let file = |name: &str| files[format!("{cpu}/topology/{name}").as_str()];
        format!(
            "<cpu id='{}' socket_id='{}' die_id='{}' cluster_id='{}' core_id='{}' siblings='{}'/>",
            &cpu["cpu".len()..],
            file("physical_package_id"),
            file("die_id"),
            file("cluster_id"),
            file("core_id"),
            file("thread_siblings_list"),
        )
    });
    shown.collect()
}

fn expected_banks(files: &Files<'_>) -> BTreeSet<String> {
    let caches = numbers(files, "/level");
    let shown = caches.iter().filter_map(|cache| {
        let file = |name: &str| files.get(format!("{cache}/{name}").as_str()).copied();
        let level = file("level").filter(|level| *level != "1")?;
        let kib: u64 = file("size")?.strip_suffix('K')?.parse().ok()?;
        let (size, unit) = if kib.is_multiple_of(1024) { (kib / 1024, "MiB") } else { (kib, "KiB") };
        assert_eq!(file("type"), Some("Unified"), "{cache}");
        let (id, cpus) = (file("id")?, file("shared_cpu_list")?);
        Some(format!(
            "<bank id='{id}' level='{level}' type='both' size='{size}' unit='{unit}' cpus='{cpus}'/>"
        ))
    });
    shown.collect()
}
