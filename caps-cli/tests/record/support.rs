//! The program, hosts made of a few lines, and what lies in a record.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// What stands for a UUID in a scrubbed record.
pub(crate) const MADE_UP: &str = "12345678-9abc-4def-8123-456789abcdef";
/// The UUID of a sketch, and where it lies.
pub(crate) const FIRMWARE_UUID: &str = "4c4c4544-0051-3610-8052-b4c04f4e3132";
pub(crate) const PRODUCT_UUID: &str = "sys/devices/virtual/dmi/id/product_uuid";

pub(crate) fn caps() -> Command {
    Command::new(env!("CARGO_BIN_EXE_caps"))
}

pub(crate) fn caps_record(record: &Path) -> Command {
    let mut command = caps();
    command.arg("record").arg(record);
    command
}

pub(crate) fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// What a command prints that must succeed.
pub(crate) fn printed(command: &mut Command) -> String {
    let output = run(command);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// What a command complains of that must fail.
pub(crate) fn complaint(command: &mut Command) -> String {
    let output = run(command);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()));
    text(&output.stderr)
}

pub(crate) fn document(root: &Path) -> String {
    printed(caps().arg("--root").arg(root))
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A place for a record that is not there yet.
pub(crate) fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("a record");
    (directory, place)
}

/// Every file below `directory` with its bytes, and every directory without.
pub(crate) fn contents(directory: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let (mut found, mut left) = (BTreeMap::new(), vec![directory.to_owned()]);
    while let Some(place) = left.pop() {
        for entry in fs::read_dir(&place).unwrap() {
            let path = entry.unwrap().path();
            let bytes = (!path.is_dir()).then(|| fs::read(&path).unwrap());
            left.extend(bytes.is_none().then(|| path.clone()));
            found.insert(path.strip_prefix(directory).unwrap().to_owned(), bytes);
        }
    }
    found
}

/// Names and contents of all that lies below `directory`, in small letters.
pub(crate) fn all_text(directory: &Path) -> String {
    let mut all = String::new();
    for (path, bytes) in contents(directory) {
        all += &format!("{}\n{}\n", path.display(), text(&bytes.unwrap_or_default()));
    }
    all.to_lowercase()
}

/// A host under a directory of its own.
pub(crate) struct Sketch(TempDir);

const FILES: [(&str, &str); 13] = [
    (
        "facts",
        "machine x86_64\npage_size 4096\nnuma yes\nprivileged yes\nkvm yes\nlogind_suspend yes\n\
         random_uuid 00112233-4455-4677-8899-aabbccddeeff\npath /usr/bin:/home/alice/bin:/bin\n",
    ),
    (
        "proc/cpuinfo",
        "processor\t: 0\nmicrocode\t: 0x2a\naddress sizes\t: 46 bits physical, 48 bits virtual\n\n",
    ),
    (PRODUCT_UUID, "4C4C4544-0051-3610-8052-B4C04F4E3132\n"),
    (
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000:Alice:/home/alice:/bin/sh\n\
         libvirt-qemu:x:64055:994::/:/bin/false\n",
    ),
    ("etc/group", "root:x:0:\nkvm:x:994:alice\nlibvirt-qemu:x:64055:\n"),
    ("sys/devices/system/cpu/online", "0\n"),
    ("sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n"),
    ("sys/devices/system/cpu/cpu0/topology/core_id", "0\n"),
    ("sys/devices/system/cpu/cpu0/topology/thread_siblings", "1\n"),
    ("sys/devices/system/node/online", "0\n"),
    ("sys/devices/system/node/node0/cpumap", "1\n"),
    ("sys/devices/system/node/node0/meminfo", "Node 0 MemTotal:        2048 kB\n"),
    ("sys/devices/system/node/node0/distance", "10\n"),
];

impl Sketch {
    /// One CPU in one cell, accounts, a UUID of the firmware.
    pub(crate) fn new() -> Self {
        let sketch = Self(tempfile::tempdir().unwrap());
        FILES.iter().fold(sketch, |sketch, (path, text)| sketch.with(path, text))
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn with(self, path: &str, text: &str) -> Self {
        let place = self.root().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
        self
    }

    pub(crate) fn with_program(self, path: &str) -> Self {
        let sketch = self.with(path, "an emulator");
        let place = sketch.root().join(path);
        fs::set_permissions(place, Permissions::from_mode(0o755)).unwrap();
        sketch
    }

    /// Records it, which must succeed.
    pub(crate) fn record(&self, options: &[&str]) -> (TempDir, PathBuf) {
        let (keep, record) = place();
        printed(caps_record(&record).args(options).arg("--root").arg(self.root()));
        (keep, record)
    }
}
