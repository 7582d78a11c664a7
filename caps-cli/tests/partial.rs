//! A host that cannot be read as a whole: no document, or a partial one with a warning for each hole.

mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use support::{Run, caps};

const HOST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/hosts/two-cpus/root");

/// Runs the program with so few descriptors that no file can be opened while a directory is.
fn short_of_descriptors(arguments: &[&str]) -> Run {
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        "ulimit -n 5; exec \"$@\"",
        "sh",
        env!("CARGO_BIN_EXE_caps"),
        "--root",
        HOST,
    ]);
    shell.args(["--no-guests"]).args(arguments);
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Run::of(shell.spawn().unwrap())
}

fn whole() -> String {
    caps(["--root", HOST, "--no-guests"]).output()
}

#[test]
fn names_the_file_that_failed_and_prints_no_document() {
    let failure = short_of_descriptors(&[]).failure();
    let file = failure.strip_suffix(": too many open files").unwrap_or_else(|| panic!("{failure}"));
    assert!(Path::new(file).starts_with("/sys/devices/system/cpu/cpu0/cache"), "{failure}");
}

#[test]
fn prints_what_can_be_had_if_asked_to() {
    let Run { status, stdout, stderr } = short_of_descriptors(&["--partial"]);
    assert_eq!(status, 3, "{stderr}");
    let (start, _) = stdout.split_once("    <secmodel>").unwrap();
    let whole = whole();
    assert!(whole.contains("<cache>") && !stdout.contains("<cache>"), "{stdout}");
    assert!(whole.starts_with(start) && stdout.ends_with("</capabilities>\n"), "{stdout}");
    let holes: Vec<&str> = stderr.lines().collect();
    assert!(!holes.is_empty());
    for hole in holes {
        let is_hole = hole.starts_with("caps: cache: /sys/devices/system/cpu/cpu")
            && hole.ends_with(": too many open files; left out");
        assert!(is_hole, "{hole}");
    }
}

#[test]
fn a_document_without_holes_is_complete() {
    let partial = caps(["--root", HOST, "--no-guests", "--partial"]).output();
    assert_eq!(partial, whole());
}

#[test]
fn explains_what_failed_and_fails() {
    let Run { status, stdout, stderr } = short_of_descriptors(&["explain"]);
    assert_eq!(status, 1, "{stdout}");
    assert!(
        stdout.lines().any(|line| line == "cache             failed (too many open files)"),
        "{stdout}"
    );
    assert!(stderr.contains(": too many open files"), "{stderr}");
}

#[test]
fn a_record_is_whole_or_none() {
    let directory = tempfile::tempdir().unwrap();
    let record = directory.path().join("record");
    for options in [["record"].as_slice(), &["record", "--scrub"]] {
        let arguments = [options, &[record.to_str().unwrap()]].concat();
        let failure = short_of_descriptors(&arguments).failure();
        assert!(failure.ends_with(": too many open files"), "{failure}");
        assert!(!record.exists(), "{failure}");
    }
}

#[test]
fn only_the_document_can_be_partial() {
    for command in [["explain"].as_slice(), &["record", "/nowhere"], &["cpu"], &["cache", "show"]] {
        let run = caps([command, &["--partial", "--root", HOST]].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains("--partial"), "{}", run.stderr);
    }
}
