//! This machine recorded: the document of the record is that of the machine.

use caps_tests::caps;
use caps_tests::difference::difference;
use caps_tests::program::run;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);
/// Memory and pools of a host in use may change between two looks at it.
const ATTEMPTS: usize = 3;

fn caps_says(arguments: &[&str]) -> Vec<u8> {
    let ended = run(caps!().args(arguments).arg("--no-cache"), LIMIT);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "caps {arguments:?}");
    ended.stdout
}

/// The document, on a machine without a machine id without its UUID, which differs from process to process.
fn lasting(document: &[u8]) -> String {
    let document = String::from_utf8_lossy(document);
    let random = !Path::new("/etc/machine-id").exists();
    let changes = |line: &&str| random && line.starts_with("    <uuid>");
    document.split_inclusive('\n').filter(|line| !changes(line)).collect()
}

fn compare(guests: &str) -> Option<String> {
    let directory = tempfile::tempdir().unwrap();
    let record = directory.path().join("record");
    let root = record.to_str().unwrap();
    caps_says(&["record", root]);
    let live = caps_says(&["--guests", guests]);
    let again = caps_says(&["--root", root, "--guests", guests]);
    let [live, again] = [live, again].map(|document| lasting(&document));
    difference(&format!("the record, guests {guests},"), live.as_bytes(), again.as_bytes())
}

#[test]
fn the_record_says_what_the_host_says() {
    for guests in ["none", "files"] {
        let mut complaint = None;
        for _ in 0..ATTEMPTS {
            complaint = compare(guests);
            if complaint.is_none() {
                break;
            }
        }
        assert_eq!(complaint, None);
    }
}

/// A record depends on nothing else: not on where it lies, not on the environment.
#[test]
fn a_record_is_complete() {
    let directory = tempfile::tempdir().unwrap();
    let record = directory.path().join("record");
    caps_says(&["record", record.to_str().unwrap()]);
    let first = caps_says(&["--root", record.to_str().unwrap()]);
    let moved = directory.path().join("moved");
    fs::rename(&record, &moved).unwrap();
    assert_eq!(first, caps_says(&["--root", moved.to_str().unwrap()]));
    let own = |command: &mut Command| command.env_clear().current_dir("/").output().unwrap().stdout;
    assert_eq!(first, own(caps!().arg("--root").arg(&moved)));
}
