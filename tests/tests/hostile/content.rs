//! Files with anything in them, and anything in the place of files.

use crate::support::{assert_civil, assert_sketch_civil, files, good};
use caps_tests::sketch::{Entry, Sketch};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

/// Contents that no kernel writes.
fn contents() -> Vec<(&'static str, Vec<u8>)> {
    let bytes = |text: &str| text.as_bytes().to_vec();
    vec![
        ("nothing", bytes("")),
        ("a newline", bytes("\n")),
        ("blanks", vec![b' '; 30]),
        ("zeros", vec![0; 64]),
        ("letters", bytes("what?\n")),
        ("a negative number", bytes("-1\n")),
        ("the lowest number", bytes("-9223372036854775808\n")),
        ("the largest number", bytes("18446744073709551615\n")),
        ("more than the largest number", bytes("18446744073709551616\n")),
        ("16384 CPUs", bytes("0-16383\n")),
        ("more CPUs than there can be", bytes("0-99999999\n")),
        ("all CPUs and none", bytes("0-4294967295,^0\n")),
        ("a long line", vec![b'7'; 100_000]),
        ("many lines", b"x\n".repeat(50_000)),
        ("a map of all CPUs", [b"ffffffff,".repeat(511), bytes("ffffffff\n")].concat()),
        ("quotes", bytes("\"\"\" [ ' \"\n")),
        ("no UTF-8", vec![0xff, 0xfe, 0x80, 0xc0, b'\n']),
        ("markup", bytes("'/><!--&amp;]]>\n")),
    ]
}

/// Every file with the same content, at a time and one by one.
#[test]
fn any_content() {
    for (what, content) in contents() {
        let mut all = good();
        for path in files() {
            all.file(&path, &content);
        }
        assert_sketch_civil(&format!("{what} everywhere"), &all);
        all.put("facts", good_entry("facts"));
        assert_sketch_civil(&format!("{what} everywhere but in facts"), &all);
    }
}

fn good_entry(path: &str) -> Entry {
    let host = good();
    let found = host.entries().find(|(other, _)| *other == path).map(|(_, entry)| entry.clone());
    found.unwrap_or_else(|| panic!("no {path}"))
}

/// In each file, what is worst for a number, a list and a text.
#[test]
fn one_odd_file_each() {
    for path in files() {
        for content in ["-1\n", "0-16383\n", "4294967295\n", ""] {
            let mut host = good();
            host.file(&path, content);
            assert_sketch_civil(&format!("{content:?} in {path}"), &host);
        }
    }
}

/// A directory in the place of each file is what cannot be read, whoever asks.
#[test]
fn directories_in_place_of_files() {
    let mut all = Sketch::default();
    for path in files() {
        let mut host = good();
        host.put(&path, Entry::Directory);
        assert_sketch_civil(&format!("a directory {path}"), &host);
        all.put(&path, Entry::Directory);
    }
    all.put("facts", good_entry("facts"));
    assert_sketch_civil("directories only", &all);
    all.put("facts", Entry::Directory);
    assert_sketch_civil("directories only, facts among them", &all);
}

/// A file in the place of each directory.
#[test]
fn files_in_place_of_directories() {
    let directories = [
        "etc",
        "proc",
        "sys",
        "sys/devices/system",
        "sys/devices/system/cpu",
        "sys/devices/system/cpu/cpu0",
        "sys/devices/system/cpu/cpu0/cache",
        "sys/devices/system/cpu/cpu0/topology",
        "sys/devices/system/node",
        "sys/devices/system/node/node0",
        "sys/devices/system/node/node0/memory_side_cache",
        "sys/devices/system/node/node0/access1/initiators",
        "sys/fs/resctrl/info",
        "sys/fs/resctrl/info/L3",
        "sys/kernel/iommu_groups",
    ];
    for directory in directories {
        let mut host = Sketch::default();
        let below = format!("{directory}/");
        for (path, entry) in good().entries().filter(|(path, _)| !path.starts_with(&below)) {
            host.put(path, entry.clone());
        }
        host.file(directory, "7\n");
        assert_sketch_civil(&format!("a file {directory}"), &host);
    }
}

/// Nobody writes to a FIFO: what waits for it waits for ever.
#[test]
fn fifos_in_place_of_files() {
    for path in files() {
        let root = good().directory();
        make_fifo(&root.path().join(&path));
        assert_civil(&format!("a FIFO {path}"), root.path());
    }
    let root = good().directory();
    files()
        .iter()
        .filter(|path| *path != "facts")
        .for_each(|path| make_fifo(&root.path().join(path)));
    assert_civil("FIFOs only", root.path());
    make_fifo(&root.path().join("cpuid.tsv"));
    assert_civil("a FIFO cpuid.tsv", root.path());
}

fn make_fifo(path: &Path) {
    let _ = fs::remove_file(path);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A device that never ends. Making one takes privileges, and a file system that has devices.
#[test]
fn devices_in_place_of_files() {
    for path in ["facts", "cpuid.tsv", "proc/cpuinfo", "etc/passwd", "etc/libvirt/qemu.conf"] {
        let root = tempfile::tempdir().unwrap();
        good().line("etc/libvirt/qemu.conf", "").write_to(root.path());
        let place = root.path().join(path);
        let _ = fs::remove_file(&place);
        let made = Command::new("mknod").arg(&place).args(["c", "1", "5"]).output().unwrap();
        if !made.status.success() || File::open(&place).is_err() {
            eprintln!("skipped: no device can be made here");
            return;
        }
        assert_civil(&format!("a device {path}"), root.path());
    }
}

/// Sparse files: nothing on the disk, and a great deal to read.
#[test]
fn huge_files() {
    const GIBIBYTE: u64 = 1 << 30;
    for path in files().iter().filter(|path| !path.contains("cpu1")) {
        let root = good().directory();
        let place = root.path().join(path);
        let _ = fs::remove_file(&place);
        File::create(&place).unwrap().set_len(GIBIBYTE).unwrap();
        assert_civil(&format!("a huge {path}"), root.path());
    }
}

#[test]
fn a_cpuinfo_without_a_line() {
    for (start, mebibytes) in [("", 100), ("address sizes", 100), ("microcode", 1)] {
        let root = good().directory();
        let place = root.path().join("proc/cpuinfo");
        fs::write(&place, start).unwrap();
        File::options().write(true).open(&place).unwrap().set_len(mebibytes << 20).unwrap();
        assert_civil(&format!("a cpuinfo of {mebibytes} MiB, {start:?}"), root.path());
    }
}
