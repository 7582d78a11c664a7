//! Standard output that is closed, full, or read no further.

use super::{CPU, Writing};
use crate::support::{Run, Scratch};
use std::process::{Command, Stdio};

/// Registers that the model 486 fits.
const DUMP: &str = "cpuid 0x0 0x0 0x1 0x756e6547 0x6c65746e 0x49656e69\n\
                    cpuid 0x1 0x0 0x306c3 0x0 0x0 0xb\n";

/// A call of each command that prints something.
fn calls(scratch: &Scratch) -> Vec<Vec<String>> {
    let cpu = scratch.file("cpu.xml", CPU);
    let dump = scratch.file("dump", DUMP);
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/hosts/two-cpus/root");
    let calls = [
        vec!["--root", root],
        vec!["xml", "--root", root],
        vec!["explain", "--root", root],
        vec!["cpu", "--cpuid", &dump],
        vec!["cpu", "--why", "--cpuid", &dump],
        vec!["cpu", "--json", "--cpuid", &dump],
        vec!["cpu", "--guest", "--cpuid", &dump],
        vec!["compare", "--host", &cpu, &cpu],
        vec!["baseline", &cpu],
        vec!["cache", "clear"],
        vec!["--help"],
        vec!["--version"],
    ];
    let cache = scratch.path("cache");
    let with_cache = |call: &Vec<&str>| {
        let words = call.iter().chain(&["--cache-dir"]).map(|&word| word.to_owned());
        words.chain([cache.clone()]).collect()
    };
    calls.iter().map(with_cache).collect()
}

/// Runs the program from a shell that redirects as it is told.
fn redirected(words: &[String], redirection: &str) -> Run {
    let script = format!("exec \"$0\" \"$@\" {redirection}");
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_caps")]).args(words);
    Run::of(shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

#[test]
fn output_that_goes_nowhere_fails() {
    let scratch = Scratch::new();
    for call in calls(&scratch) {
        for redirection in [">&-", ">/dev/full", "1</dev/null"] {
            let failure = redirected(&call, redirection).failure();
            assert!(failure.starts_with("standard output: "), "{call:?} {redirection}: {failure}");
        }
        // The control: the same calls have a place to print to.
        for redirection in ["", ">/dev/null", "1<>/dev/null"] {
            redirected(&call, redirection).output();
        }
    }
}

#[test]
fn standard_output_need_not_be_there_if_it_is_not_used() {
    let writing = Writing::new();
    assert_eq!(redirected(&writing.words("file"), ">&-").output(), "");
    assert_eq!(writing.names(), ["file"]);
}

/// The answer counts, whether anybody reads it or not.
#[test]
fn a_closed_pipe_changes_no_status() {
    let scratch = Scratch::new();
    for call in calls(&scratch) {
        assert_eq!(with_closed_pipe(&call), (0, String::new()), "{call:?}");
    }
    let other = scratch.file("other.xml", "<cpu match='exact'><model>EPYC</model></cpu>");
    let words = ["compare", "--host", &scratch.path("cpu.xml"), &other];
    assert_eq!(with_closed_pipe(&words.map(String::from)), (4, String::new()));
}

fn with_closed_pipe(words: &[String]) -> (i32, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut caps = Command::new(env!("CARGO_BIN_EXE_caps"));
    caps.args(words).stdout(writer).stderr(Stdio::piped());
    let run = Run::of(caps.spawn().unwrap());
    (run.status, run.stderr)
}

#[test]
fn a_full_standard_error_is_no_crash() {
    let scratch = Scratch::new();
    let missing = scratch.path("missing");
    for (words, status) in [(["baseline", &missing], 1), (["baseline", "--nonsense"], 2)] {
        assert_eq!(redirected(&words.map(String::from), "2>/dev/full").status, status);
    }
}
