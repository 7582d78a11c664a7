//! This machine.

use crate::support::{MADE_UP, all_text, caps, caps_record, contents, document, place, printed};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;

#[test]
fn it_is_made_again() {
    let (_keep, record) = place();
    let said = printed(&mut caps_record(&record));
    let files = contents(&record).values().flatten().count();
    assert_eq!(said, format!("recorded {files} files in {}\n", record.display()));
    // Without a UUID of the firmware or of the configuration each run has another.
    let without_uuid = |document: String| -> Vec<String> {
        document.lines().filter(|line| !line.contains("<uuid>")).map(String::from).collect()
    };
    assert_eq!(without_uuid(printed(&mut caps())), without_uuid(document(&record)));
}

#[test]
fn a_record_of_its_record_is_the_same() {
    let ((_keep, record), (_keep_again, again)) = (place(), place());
    printed(&mut caps_record(&record));
    printed(caps_record(&again).arg("--root").arg(&record));
    assert_eq!(contents(&record), contents(&again));
    assert_eq!(document(&record), document(&again));
}

#[test]
fn its_scrubbed_record_tells_nothing_of_it() {
    let (_keep, record) = place();
    printed(caps_record(&record).arg("--scrub"));
    let told = all_text(&record);
    let secret = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_lowercase());
    let is_uuid = |uuid: &String| uuid.len() >= 32 && uuid.bytes().any(|byte| byte != b'0');
    for uuid in ["/sys/devices/virtual/dmi/id/product_uuid", "/etc/machine-id"] {
        assert!(!secret(uuid).filter(is_uuid).is_some_and(|uuid| told.contains(&uuid)), "{uuid}");
    }
    // A name as short as `vm` stands in many a word.
    let name = secret("/proc/sys/kernel/hostname").filter(|name| name.len() > 5);
    assert!(!name.is_some_and(|name| told.contains(&name)));
    assert!(!fs::read_to_string(record.join("etc/passwd")).unwrap_or_default().contains("/home/"));
}

#[test]
fn its_random_uuid_is_scrubbed() {
    let (_keep, record) = place();
    printed(caps_record(&record).arg("--scrub"));
    let facts = fs::read_to_string(record.join("facts")).unwrap();
    let machine_id = fs::read_to_string(record.join("etc/machine-id")).unwrap_or_default();
    let scrubbed = format!("\nrandom_uuid {MADE_UP}\n");
    // It is derived again from a machine id, which is scrubbed then.
    let kept = facts.contains(&scrubbed) || machine_id.trim() == MADE_UP.replace('-', "");
    assert!(kept, "{facts}{machine_id}");
}

/// Only root can be somebody else: one who may not read everything.
#[test]
fn any_user_can_record_it() {
    let directory = tempfile::tempdir().unwrap();
    let (program, home) = (directory.path().join("caps"), directory.path().join("home"));
    fs::copy(env!("CARGO_BIN_EXE_caps"), &program).unwrap();
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(&home).unwrap();
    let user = || {
        let mut command = Command::new(&program);
        command.uid(65534).gid(65534).env("HOME", &home).env_remove("XDG_CONFIG_HOME");
        command
    };
    let owned = chown(&home, Some(65534), Some(65534));
    if owned.and_then(|()| user().arg("--version").output()).is_err() {
        eprintln!("skipped: only root can be somebody else");
        return;
    }
    let record = home.join("record");
    printed(user().arg("record").arg(&record));
    let facts = fs::read_to_string(record.join("facts")).unwrap();
    assert!(facts.contains("privileged no\n") && facts.contains("/home/.config/libvirt\n"));
    assert_eq!(printed(user().arg("--root").arg(&record)), document(&record));
    assert!(Command::new("rm").arg("-r").arg(&record).uid(65534).status().unwrap().success());
}
