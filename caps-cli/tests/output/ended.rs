//! A process that is ended in the middle leaves the old file or the new one, and nothing beside.

use super::{BASELINE, Writing};
use crate::support::Run;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

/// Calls that write, place and name a file, with one that is made after all of them.
const CALLS: [&str; 7] = ["openat", "write", "fsync", "linkat", "renameat", "rename", "exit_group"];

#[test]
fn a_signal_leaves_no_temporary_file() {
    let traced = Command::new("strace").arg("-V").stdout(Stdio::null()).status();
    if !traced.is_ok_and(|status| status.success()) {
        return eprintln!("skipped: no strace on this machine");
    }
    let mut ended = 0;
    for old in [None, Some("old")] {
        for call in CALLS {
            for signal in ["TERM", "INT", "HUP"] {
                ended += u32::from(ended_by(signal, call, old));
            }
        }
    }
    // The control: signals did arrive, and did end it.
    assert!(ended >= 18, "only {ended} runs were ended");
}

/// Sends a signal with each call of this name. Returns whether it ended the program.
fn ended_by(signal: &str, call: &str, old: Option<&str>) -> bool {
    let writing = Writing::new();
    let _ = old.map(|old| writing.scratch.file("file", old));
    let mut strace = Command::new("strace");
    let inject = format!("inject=?{call}:signal={signal}:when=1+");
    // What the loader opens comes before what the program can do anything about.
    let path = writing.scratch.path("");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace=?{call}"), "-e", &inject]);
    if call == "openat" {
        strace.args(["-P", path.trim_end_matches('/')]);
    }
    strace.arg(env!("CARGO_BIN_EXE_caps")).args(writing.words("file"));
    strace.env("LANG", "C").stdout(Stdio::null()).stderr(Stdio::null());
    let status = strace.status().unwrap();
    let what = format!("{signal} at {call} with {old:?}: {status}");
    let names = writing.names();
    assert!(names.is_empty() || names == ["file"], "{what}: {names:?}");
    let text = fs::read_to_string(writing.scratch.path("file")).ok();
    assert!(text.as_deref() == old || text.as_deref() == Some(BASELINE), "{what}: {text:?}");
    status.signal().is_some() || status.code().is_some_and(|code| code > 128)
}

#[test]
fn a_signal_that_is_ignored_ends_nothing() {
    let traced = Command::new("strace").arg("-V").stdout(Stdio::null()).status();
    if !traced.is_ok_and(|status| status.success()) {
        return eprintln!("skipped: no strace on this machine");
    }
    let writing = Writing::new();
    writing.scratch.file("file", "old");
    let script = "trap '' HUP; exec strace -qq -o /dev/null -e trace=linkat,fsync \
                  -e inject=linkat,fsync:signal=HUP \"$0\" \"$@\"";
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_caps")]).args(writing.words("file"));
    assert!(shell.status().unwrap().success());
    assert_eq!(fs::read_to_string(writing.scratch.path("file")).unwrap(), BASELINE);
}

#[test]
fn the_limit_of_size_is_an_error_of_the_file() {
    for old in [None, Some("old")] {
        let writing = Writing::new();
        let _ = old.map(|old| writing.scratch.file("file", old));
        let mut shell = Command::new("/bin/sh");
        let script = "ulimit -f 0; exec \"$0\" \"$@\"";
        shell.args(["-c", script, env!("CARGO_BIN_EXE_caps")]).args(writing.words("file"));
        let shell = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let failure = writing.scratch.plain(&Run::of(shell).failure());
        assert!(failure.starts_with("file: File too large"), "{failure}");
        let text = fs::read_to_string(writing.scratch.path("file")).ok();
        assert_eq!(text.as_deref(), old);
        assert_eq!(writing.names().len(), usize::from(old.is_some()));
    }
}
