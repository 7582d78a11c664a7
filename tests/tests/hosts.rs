//! Every recorded host, byte for byte: the shared cases, whose documents are libvirt's own, and the hosts of this repository.

use caps_core::Arch;
use caps_tests::difference::{assert_same, difference};
use caps_tests::hosts::{self, OwnHost};
use caps_tests::place::{blesses, copy_tree, directories, name, own_hosts, shared};
use caps_tests::recording::{Recording, element};
use caps_tests::sketch::{Entry, Sketch};
use std::fs;
use std::path::Path;
use std::sync::Once;

/// What is wrong with the document of the host in `case`.
fn complaint(case: &Path) -> Option<String> {
    let expected = fs::read(case.join("expect.xml")).unwrap();
    difference(&name(case), &expected, &Recording::open(&case.join("root")).document())
}

#[test]
fn shared_hosts_are_libvirts() {
    let Some(cases) = shared("cases/host") else { return };
    let cases = directories(&cases);
    assert!(cases.len() > 50, "only {} cases", cases.len());
    let whole = cases.iter().filter(|case| name(case) != "iommu");
    let complaints: Vec<String> = whole.filter_map(|case| complaint(case)).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Its group of the IOMMU is an empty directory, which was lost on the way: here it is made again in a copy.
#[test]
fn the_shared_host_with_an_iommu_is_libvirts() {
    let Some(case) = shared("cases/host/iommu") else { return };
    let copy = tempfile::tempdir().unwrap();
    copy_tree(&case.join("root"), copy.path());
    fs::create_dir_all(copy.path().join("sys/kernel/iommu_groups/0")).unwrap();
    let expected = fs::read(case.join("expect.xml")).unwrap();
    assert_same("iommu", &expected, &Recording::open(copy.path()).document());
}

#[test]
fn own_hosts_are_as_expected() {
    bless();
    let complaints: Vec<String> =
        hosts::all().filter_map(|host| complaint(&own_hosts().join(host.name))).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// With `CAPS_BLESS=1`, writes the hosts of this repository anew, and as their documents whatever is made now: for reading
/// what changed before it is committed.
fn bless() {
    static ONCE: Once = Once::new();
    let write = || hosts::all().for_each(bless_host);
    if blesses() {
        ONCE.call_once(write);
    }
}

fn bless_host(host: &OwnHost) {
    let case = own_hosts().join(host.name);
    let root = case.join("root");
    let _ = fs::remove_dir_all(&root);
    host.sketch().write_to(&root);
    fs::write(case.join("README"), format!("{}\n\n{}", host.name, host.rule)).unwrap();
    fs::write(case.join("expect.xml"), Recording::open(&root).document()).unwrap();
}

/// The files are those that the sketches make.
#[test]
fn own_hosts_are_as_drawn() {
    bless();
    for host in hosts::all() {
        let case = own_hosts().join(host.name);
        assert_drawn(host.name, &case.join("root"), &host.sketch());
        let readme = fs::read_to_string(case.join("README")).unwrap();
        assert!(readme.contains(host.rule), "README of {}", host.name);
    }
    let names: Vec<String> = directories(&own_hosts()).iter().map(|case| name(case)).collect();
    let unknown = names.iter().filter(|name| hosts::all().all(|host| host.name != **name));
    assert_eq!(unknown.count(), 0, "a host that no sketch makes is in {names:?}");
}

fn assert_drawn(host: &str, root: &Path, sketch: &Sketch) {
    for (path, entry) in sketch.entries() {
        let place = root.join(path);
        let found = match entry {
            Entry::File(_) => fs::read(&place).ok().map(Entry::File),
            Entry::Link(_) => fs::read_link(&place)
                .ok()
                .map(|target| Entry::Link(target.to_string_lossy().into_owned())),
            Entry::Directory => place.is_dir().then_some(Entry::Directory),
        };
        assert_eq!(found.as_ref(), Some(entry), "{host}: {path}");
    }
}

/// Architectures that libvirt has a CPU driver for: riscv64 is one of them, riscv32 is not.
#[test]
fn a_topology_takes_a_cpu_driver() {
    const DRIVEN: [&str; 12] = [
        "armv6l",
        "armv7l",
        "armv7b",
        "aarch64",
        "i686",
        "loongarch64",
        "ppc64",
        "ppc64le",
        "riscv64",
        "s390",
        "s390x",
        "x86_64",
    ];
    let root = hosts::named("two-cpus").sketch().directory();
    let has_topology = |arch: &Arch| {
        let machine = format!("machine {}", arch.name());
        let document = Recording::open(root.path()).with_fact(&machine).document();
        let document = String::from_utf8(document).unwrap();
        assert!(document.contains(&format!("<arch>{}</arch>", arch.name())), "{document}");
        element(&document, "cpu").contains("<topology sockets=")
    };
    let with: Vec<&str> = Arch::all().filter(has_topology).map(Arch::name).collect();
    assert_eq!(with, DRIVEN);
}

#[test]
fn the_shared_host_of_riscv32_is_libvirts() {
    let Some(case) = shared("cases/faults/riscv32") else { return };
    assert_eq!(complaint(&case), None);
}
