//! What becomes of files, directories, links, programs and names.

use crate::support::{
    FIRMWARE_UUID, PRODUCT_UUID, Sketch, caps, complaint, contents, document, printed, run,
};
use std::ffi::OsStr;
use std::fs::{self, Metadata, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

const RANDOM_UUID: &str = "00112233-4455-4677-8899-aabbccddeeff";

#[test]
fn what_is_read_is_kept_and_nothing_else() {
    let control = "sys/devices/system/cpu/cpu0/power/control";
    let sketch = Sketch::new().with("etc/hostname", "mine\n").with(control, "auto\n");
    let (_keep, record) = sketch.record(&[]);
    assert_eq!(document(&record), document(sketch.root()));
    let kept = contents(&record);
    assert!(!kept.contains_key(Path::new("etc/hostname")));
    assert!(!kept.contains_key(Path::new(control)));
    for path in ["proc/cpuinfo", "etc/passwd", "sys/devices/system/cpu/online"] {
        let there = fs::read(sketch.root().join(path)).unwrap();
        assert_eq!(kept.get(Path::new(path)), Some(&Some(there)), "{path}");
    }
}

#[test]
fn names_of_any_bytes_are_kept() {
    let sketch = Sketch::new();
    let name = Path::new("sys/devices/system/node").join(OsStr::from_bytes(b"\xff\n\t"));
    fs::write(sketch.root().join(&name), "never read").unwrap();
    let (_keep, record) = sketch.record(&[]);
    assert_eq!(fs::read(record.join(&name)).unwrap(), b"");
}

#[test]
fn emulators_are_kept_as_their_age() {
    let emulator = "bin/qemu-system-x86_64";
    let sketch = Sketch::new().with_program(emulator);
    let there = OpenOptions::new().write(true).open(sketch.root().join(emulator)).unwrap();
    there.set_modified(UNIX_EPOCH + Duration::from_millis(1_234_567_890)).unwrap();
    let (_keep, record) = sketch.record(&[]);
    let kept = record.join(emulator).metadata().unwrap();
    assert_eq!((kept.len(), kept.mode() & 0o777, kept.mtime()), (0, 0o755, 1_234_567));
    let document = printed(caps().args(["--guests", "files", "--root"]).arg(&record));
    assert!(document.contains("<emulator>/bin/qemu-system-x86_64</emulator>"));
}

#[test]
fn guests_are_looked_for_only_if_they_are_asked_for() {
    let sketch = Sketch::new().with_program("bin/qemu-system-x86_64");
    let (_keep, record) = sketch.record(&["--no-guests"]);
    assert!(!record.join("bin").exists());
}

#[test]
fn links_become_what_they_lead_to() {
    let sketch = Sketch::new();
    let product_uuid = sketch.root().join(PRODUCT_UUID);
    fs::rename(&product_uuid, sketch.root().join("uuid")).unwrap();
    symlink("/uuid", &product_uuid).unwrap();
    symlink("/nowhere", sketch.root().join("etc/machine-id")).unwrap();
    fs::rename(sketch.root().join("proc"), sketch.root().join("elsewhere")).unwrap();
    symlink("elsewhere", sketch.root().join("proc")).unwrap();
    let (_keep, record) = sketch.record(&[]);
    let is_link = |metadata: Metadata| metadata.is_symlink();
    for path in [PRODUCT_UUID, "proc", "proc/cpuinfo"] {
        assert!(!is_link(record.join(path).symlink_metadata().unwrap()), "{path}");
    }
    assert!(document(&record).contains(FIRMWARE_UUID));
    assert_eq!(document(&record), document(sketch.root()));
}

#[test]
fn what_cannot_be_read_becomes_a_directory() {
    let sketch = Sketch::new();
    let product_uuid = sketch.root().join(PRODUCT_UUID);
    fs::remove_file(&product_uuid).unwrap();
    fs::create_dir_all(product_uuid.join("in it")).unwrap();
    let (_keep, record) = sketch.record(&[]);
    assert_eq!(fs::read_dir(record.join(PRODUCT_UUID)).unwrap().count(), 0);
    assert!(document(&record).contains(RANDOM_UUID));
    let explain = |root: &Path| run(caps().arg("explain").arg("--root").arg(root)).stdout;
    assert_eq!(explain(&record), explain(sketch.root()));
}

#[test]
fn a_path_that_climbs_stays_in_the_record() {
    let sketch = Sketch::new()
        .with("facts", "machine x86_64\nkvm yes\npath /../../..:/opt/../bin\n")
        .with("opt/here", "")
        .with_program("bin/qemu-system-x86_64")
        .with_program("qemu-system-s390x");
    let (keep, record) = sketch.record(&[]);
    assert!(record.join("qemu-system-s390x").is_file());
    assert_eq!(document(&record), document(sketch.root()));
    assert_eq!(fs::read_dir(keep.path()).unwrap().count(), 1);
}

#[test]
fn a_refusal_is_recorded_too() {
    let sketch = Sketch::new().with("etc/libvirt/libvirtd.conf", "# mine\n\nhost_uuid 'mine'\n");
    let refusal = complaint(caps().arg("--root").arg(sketch.root()));
    for options in [[].as_slice(), &["--scrub"]] {
        let (_keep, record) = sketch.record(options);
        assert_eq!(complaint(caps().arg("--root").arg(&record)), refusal);
    }
}
