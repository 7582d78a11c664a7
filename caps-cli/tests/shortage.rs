//! An emulator that could not be asked is not taken for a broken one: the output is incomplete, and the next call asks it again.

mod support;

use std::process::{Command, Stdio};
use support::Run;
use support::doubles::{Doubles, sh4};

/// An emulator that behaves like this until the file `better` is there, and then answers. Its guest.
fn passing(doubles: &Doubles, body: &str) -> String {
    let good = doubles.good("good");
    let better = doubles.path("better");
    let body = format!("echo start >> $mark; test -e {better} && exec {good}\n{body}");
    sh4(&doubles.script("qemu-system-sh4", &body))
}

fn starts(doubles: &Doubles) -> usize {
    doubles.mark().lines().filter(|line| *line == "start").count()
}

#[test]
fn a_passing_failure_is_not_remembered() {
    for (body, reason) in [
        ("kill -9 $$", "it ended before it had answered: signal: 9 (SIGKILL)"),
        ("echo 'x: failed to map segment from shared object' >&2; exit 127", "it lacked memory"),
        ("echo 'GLib-ERROR: failed to allocate 9 bytes' >&2; kill -TRAP $$", "it lacked memory"),
        ("echo 'eventfd: Too many open files' >&2; exit 1", "it lacked file descriptors"),
        ("sh -c 'kill -9 $$'; exit $?", "it ended before it had answered: exit status: 137"),
        ("echo 'kvm: Cannot allocate memory' >&2; exec $good", "it lacked memory"),
    ] {
        let doubles = Doubles::new();
        let guest = passing(&doubles, &body.replace("$good", &doubles.path("good")));
        let cache = doubles.path("cache");
        let run = |arguments: &[&str]| doubles.run(&[arguments, &["--cache-dir", &cache]].concat());
        let path = doubles.path("qemu-system-sh4");
        let line = format!("{path} could not be asked, its guests are missing: {reason}");
        let first = run(&[]);
        assert_eq!((first.status, first.stderr), (3, format!("caps: {line}\n")), "{body}");
        assert!(first.stdout.ends_with("</capabilities>\n") && !first.stdout.contains("<guest>"));
        let shown = run(&["cache", "show"]).stdout;
        assert!(shown.contains(&format!("  could not be asked: {reason}\n")), "{shown}");
        let explained = run(&["explain"]);
        assert!(explained.status == 3 && explained.stdout.contains(&line), "{explained:?}");
        assert_eq!(run(&["guest"]).failure(), line);
        assert_eq!(starts(&doubles), 3, "each call asks again, once");
        doubles.script("better", "");
        assert_eq!(run(&["guest"]).output(), guest);
        assert_eq!((run(&["guest"]).output(), starts(&doubles)), (guest, 4), "it is kept now");
    }
}

#[test]
fn a_crash_is_remembered() {
    for body in
        ["kill -SEGV $$", "kill -ABRT $$", "exit 1", "echo hello", "exec >&-; exec sleep 60"]
    {
        let doubles = Doubles::new();
        passing(&doubles, body);
        let cache = doubles.path("cache");
        let run = || doubles.run(&["--cache-dir", &cache]);
        let first = run();
        assert_eq!((first.status, first.stderr.contains(" is left out: ")), (0, true), "{body}");
        let second = run();
        assert_eq!((second.status, second.stderr.as_str(), starts(&doubles)), (0, "", 1), "{body}");
    }
}

/// Without a word from the emulator, a limit that it inherits is blamed.
#[test]
fn a_limit_of_memory_is_not_remembered() {
    let doubles = Doubles::new();
    let guest = passing(&doubles, "exit 1");
    let cache = doubles.path("cache");
    let limited = |kib: &str, arguments: &[&str]| {
        let mut shell = Command::new("/bin/sh");
        let script = format!("ulimit -v {kib} && exec \"$@\"");
        shell.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_caps"), "--cache-dir", &cache]);
        doubles.prepared(&mut shell).args(arguments).stdin(Stdio::null());
        Run::of(shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    };
    let first = limited("4000000", &[]);
    assert_eq!(first.status, 3, "{}", first.stderr);
    assert!(first.stderr.contains("with little memory allowed by ulimit"), "{}", first.stderr);
    doubles.script("better", "");
    assert_eq!(limited("unlimited", &["guest"]).output(), guest);
}

/// The real one of this machine, in too little memory for its libraries.
#[test]
fn a_real_emulator_without_memory_is_asked_again() {
    let doubles = Doubles::new();
    let Some(real) = ["/usr/bin", "/usr/local/bin"]
        .map(|place| format!("{place}/qemu-system-x86_64"))
        .into_iter()
        .find(|path| std::fs::exists(path).unwrap())
    else {
        return eprintln!("skipped: no emulator here");
    };
    std::os::unix::fs::symlink(real, doubles.path("qemu-system-x86_64")).unwrap();
    let cache = doubles.path("cache");
    let mut shell = Command::new("/bin/sh");
    let script = "ulimit -v 60000 && exec \"$@\"";
    shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_caps"), "--cache-dir", &cache]);
    doubles.prepared(&mut shell).stdin(Stdio::null());
    let run = Run::of(shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    assert!(run.status == 3 && run.stderr.contains("qemu-system-x86_64 could not"), "{run:?}");
    let document = doubles.run(&["--cache-dir", &cache]).output();
    assert!(document.contains("<guest>"));
}

/// A record with a hole would be that of another host.
#[test]
fn a_record_is_not_made_without_an_emulator() {
    let doubles = Doubles::new();
    passing(&doubles, "kill -9 $$");
    let record = doubles.path("record");
    assert!(doubles.run(&["record", &record]).failure().contains("could not be asked"));
    assert!(!std::fs::exists(record).unwrap());
}

/// A system call of the program, of a supervisor or of an emulator fails: the same guests, or another status.
#[test]
fn any_failure_while_asking_shows() {
    let doubles = Doubles::new();
    let good = sh4(&doubles.good("qemu-system-sh4"));
    let program = env!("CARGO_BIN_EXE_caps");
    let calls = "clone clone3 pipe2 write pidfd_open waitid dup3 close_range prctl fcntl execve";
    for (call, nth) in calls.split(' ').flat_map(|call| [1, 2, 4].map(|nth| (call, nth))) {
        let inject = format!("inject={call}:error=ENOMEM:when={nth}");
        let mut strace = Command::new("/usr/bin/strace");
        strace.args([
            "-f",
            "-qqq",
            "-o",
            "/dev/null",
            "-e",
            &inject,
            program,
            "guest",
            "--no-cache",
        ]);
        doubles.prepared(&mut strace).stdin(Stdio::null());
        let Ok(child) = strace.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() else {
            return eprintln!("skipped: no strace on this machine");
        };
        let output = child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(!output.status.success() || stdout == good, "{call} {nth}: {stdout}");
    }
}
