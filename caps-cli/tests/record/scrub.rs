//! What a scrubbed record does not tell.

use crate::support::{FIRMWARE_UUID, MADE_UP, PRODUCT_UUID, Sketch, all_text, document};
use std::fs;

#[test]
fn no_person_and_no_machine_is_told() {
    let sketch = Sketch::new()
        .with("etc/libvirt/qemu.conf", "# alice\nvnc_password = \"hunter2\"\ngroup = \"kvm\"\n")
        .with("sys/kernel/security/apparmor/profiles", "libvirt-0f0e0d0c-0b0a (enforce)\n")
        .with("cpuid.tsv", "cpuid 0x0 0x0 0x3 0x756e6547 0x6c65746e 0x49656e69\ncpuid 0x3 0x0 0x0 0x0 0xdeadbeef 0xfeedface\n");
    let (_keep, record) = sketch.record(&["--scrub"]);
    let told = all_text(&record);
    for secret in [FIRMWARE_UUID, "alice", "hunter2", "00112233", "0f0e0d0c", "deadbeef"] {
        assert!(!told.contains(secret), "{secret}");
    }
    let masked = document(sketch.root()).replace(FIRMWARE_UUID, MADE_UP);
    assert_eq!(document(&record), masked);
    assert!(masked.contains("+64055:+994"));
}

#[test]
fn without_it_everything_is_told() {
    let sketch = Sketch::new().with("etc/libvirt/qemu.conf", "# alice\ngroup = \"kvm\"\n");
    let (_keep, record) = sketch.record(&[]);
    let told = all_text(&record);
    for known in [FIRMWARE_UUID, "# alice", "/home/alice", "00112233"] {
        assert!(told.contains(known), "{known}");
    }
}

#[test]
fn the_configuration_of_a_user_is_told_as_the_system_s() {
    let facts = "machine x86_64\nprivileged no\nconfig_dir home/alice/.config/libvirt\n";
    let uuid = "11223344-5566-4778-899a-abbccddeeff0";
    let sketch = Sketch::new()
        .with("facts", facts)
        .with("home/alice/.config/libvirt/libvirtd.conf", &format!("host_uuid = \"{uuid}\"\n"));
    let (_keep, record) = sketch.record(&["--scrub"]);
    assert!(!record.join("home").exists());
    assert!(document(&record).contains(MADE_UP));
    let (_keep, record) = sketch.record(&[]);
    assert!(document(&record).contains(uuid));
}

#[test]
fn an_emulator_of_a_user_stays_where_the_document_has_it() {
    let sketch = Sketch::new().with_program("home/alice/bin/qemu-system-x86_64");
    let (_keep, record) = sketch.record(&["--scrub"]);
    let facts = fs::read_to_string(record.join("facts")).unwrap();
    assert!(facts.contains("\npath /home/alice/bin\n"), "{facts}");
}

#[test]
fn a_uuid_that_does_not_count_stays() {
    for uuid in ["00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"] {
        let sketch = Sketch::new().with(PRODUCT_UUID, uuid);
        let (_keep, record) = sketch.record(&["--scrub"]);
        assert_eq!(fs::read_to_string(record.join(PRODUCT_UUID)).unwrap(), uuid);
    }
}
