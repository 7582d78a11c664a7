//! What emulators said is kept: the next call starts none, whatever becomes of the file or of the process that writes it.

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use support::doubles::{Doubles, sh4};
use support::{Run, assert_no_litter};

/// Two emulators of sh4, and a cache.
struct Cached {
    doubles: Doubles,
    directory: String,
    /// The guests of both.
    guests: String,
}

impl Cached {
    fn new() -> Self {
        let doubles = Doubles::new();
        let little = sh4(&doubles.good("qemu-system-sh4"));
        let big = doubles.good("qemu-system-sh4eb");
        let big = sh4(&big).replace("'sh4'", "'sh4eb'").replace(">32<", ">64<");
        let directory = doubles.path("cache");
        Self { doubles, directory, guests: format!("{little}{big}") }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let place = ["--cache-dir", &self.directory];
        self.doubles.command(&[arguments, &place].concat())
    }

    fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.start(arguments))
    }

    /// Prints the guests, which must be those of both emulators. How many were started for that.
    #[track_caller]
    fn started(&self, arguments: &[&str]) -> usize {
        let before = self.starts();
        assert_eq!(self.run(arguments).output(), self.guests);
        self.starts() - before
    }

    /// How many emulators were started so far.
    fn starts(&self) -> usize {
        self.doubles.mark().lines().count()
    }

    fn file(&self) -> String {
        format!("{}/emulators", self.directory)
    }
}

#[test]
fn the_second_call_starts_none() {
    let cached = Cached::new();
    assert_eq!(cached.started(&["guest"]), 2);
    assert_eq!(cached.started(&["guest"]), 0);
    assert_eq!(cached.started(&["guest", "--no-cache"]), 2);
    assert_eq!(cached.started(&["guest", "--refresh"]), 2);
    assert_eq!(cached.started(&["guest"]), 0);
    let document = cached.run(&["--guests", "qmp"]).output();
    assert!(document.contains(&cached.guests));
    assert_eq!(cached.starts(), 6);
}

#[test]
fn a_failure_is_told_once() {
    let cached = Cached::new();
    let broken = cached.doubles.script("qemu-system-alpha", "echo alpha >> $mark; exit 3");
    let reason = "is left out: it ended before it had answered: exit status: 3";
    let first = cached.run(&["guest"]);
    assert_eq!(first.stderr, format!("caps: {broken} {reason}\n"));
    assert_eq!(cached.started(&["guest"]), 0);
    let explained = cached.run(&["explain"]).output();
    assert!(explained.contains(&format!("odd      1 {broken} {reason}\n")), "{explained}");
    assert!(explained.contains(&format!("from     1 {} (known from before)\n", cached.file())));
    let shown = cached.run(&["cache", "show"]).output();
    assert!(shown.contains("\n  left out: it ended before it had answered: exit status: 3\n"));
}

#[test]
fn what_is_kept_can_be_shown_and_cleared() {
    let cached = Cached::new();
    let nothing = format!("{}: nothing of this version is kept", cached.file());
    assert_eq!(cached.run(&["cache", "show"]).failure(), nothing);
    cached.started(&["guest"]);
    let shown = cached.run(&["cache", "show"]).output();
    assert!(shown.contains("state      holds\n"), "{shown}");
    assert!(
        shown.contains("qemu-system-sh4eb\n  sh4eb; qemu; 1 machines; QEMU 11.1.0\n"),
        "{shown}"
    );
    cached.doubles.good("qemu-system-sh4");
    let shown = cached.run(&["cache", "show"]).output();
    assert!(
        shown.contains("state      emulators will be looked for, and 1 of 2 asked again\n"),
        "{shown}"
    );
    assert!(shown.contains("qemu-system-sh4 (stale)\n"), "{shown}");
    assert_eq!(cached.started(&["guest"]), 1);
    let removed = format!("removed {}\n", cached.file());
    assert_eq!(cached.run(&["cache", "clear"]).output(), removed);
    assert!(cached.run(&["cache", "clear"]).output().ends_with(" is not there\n"));
    assert_eq!(cached.started(&["guest"]), 2);
}

#[test]
fn a_broken_file_costs_a_line() {
    let cached = Cached::new();
    cached.started(&["guest"]);
    let whole = fs::read(cached.file()).unwrap();
    for (bytes, why) in [
        (&b"<qemuCaps/>"[..], "something else than a cache of emulators"),
        (&whole[..whole.len() / 2], "damaged"),
        (b"", "something else than a cache of emulators"),
    ] {
        fs::write(cached.file(), bytes).unwrap();
        let run = cached.run(&["guest"]);
        let line = format!("caps: {}: {why}; made again\n", cached.file());
        assert_eq!((run.status, run.stderr, run.stdout), (0, line, cached.guests.clone()));
        assert_eq!(fs::read(cached.file()).unwrap().len(), whole.len());
        assert_eq!(cached.started(&["guest"]), 0);
    }
}

#[test]
fn a_place_that_cannot_be_written_costs_a_line() {
    let mut cached = Cached::new();
    cached.directory = cached.doubles.path("mark");
    let run = cached.run(&["guest"]);
    assert_eq!((run.status, run.stdout), (0, cached.guests.clone()));
    assert!(run.stderr.starts_with("caps: ") && run.stderr.lines().count() == 2, "{}", run.stderr);
}

#[test]
fn only_the_owner_may_write_it() {
    let cached = Cached::new();
    cached.started(&["guest"]);
    let mode = |path: &str| fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!(mode(&cached.file()) & 0o022, 0);
    assert_eq!(mode(&cached.directory) & 0o022, 0);
    fs::set_permissions(cached.file(), fs::Permissions::from_mode(0o666)).unwrap();
    let run = cached.run(&["guest"]);
    assert_eq!((run.status, run.stdout), (0, cached.guests.clone()));
    assert!(run.stderr.contains("others may write it"), "{}", run.stderr);
    assert_eq!(cached.started(&["guest"]), 0, "it was replaced");
}

#[test]
fn each_emulator_is_started_once_by_many() {
    let cached = Cached::new();
    let all: Vec<_> = (0..40).map(|_| cached.start(&["guest"])).collect();
    for child in all {
        assert_eq!(Run::of(child).output(), cached.guests);
    }
    assert_eq!(cached.starts(), 2);
}

/// Killed at any time, it leaves the old file or the new one, no lock, and no emulator.
#[test]
fn killing_it_breaks_nothing() {
    const ROUNDS: u32 = 200;
    let cached = Cached::new();
    let begin = Instant::now();
    cached.started(&["guest"]);
    let whole = begin.elapsed();
    let mut left = [0_u32; 2];
    for round in 0..ROUNDS {
        if round % 4 == 0 {
            let _ = fs::remove_file(cached.file());
        }
        let mut child = cached.start(&["guest", "--refresh"]);
        thread::sleep(whole * round / ROUNDS);
        child.kill().unwrap();
        child.wait().unwrap();
        let shown = cached.run(&["cache", "show"]);
        left[usize::from(shown.status == 0)] += 1;
        assert!(shown.status == 0 || shown.stderr.contains("nothing of this version"), "{shown:?}");
    }
    println!("{left:?} rounds left nothing, or a whole file");
    assert_eq!(cached.run(&["guest"]).output(), cached.guests);
    assert_eq!(cached.started(&["guest"]), 0);
    assert_no_litter(&cached.directory);
}

/// What KVM said is not asked again in the same boot, unless it is wished.
#[test]
fn the_tsc_is_asked_once() {
    let cached = Cached::new();
    let frequency = |arguments: &[&str]| {
        let document = cached.run(&[&["--no-guests"], arguments].concat()).output();
        let counter = document.split_once("<counter name='tsc' frequency='")?.1;
        Some(counter.split_once('\'')?.0.to_owned())
    };
    let first = frequency(&[]);
    let file = format!("{}/tsc", cached.directory);
    let (Some(_), Ok(kept)) = (&first, fs::read_to_string(&file)) else {
        return eprintln!("skipped: no TSC that KVM tells of");
    };
    let mut words: Vec<_> = kept.split(' ').collect();
    let control = words.pop().unwrap();
    words.pop();
    let changed = format!("{} 7 {control}", words.join(" "));
    fs::write(&file, &changed).unwrap();
    assert_eq!(frequency(&[]).as_deref(), Some("7000"));
    assert_eq!(frequency(&["--no-cache"]), first);
    assert_eq!(fs::read_to_string(&file).unwrap(), changed);
    assert_eq!(frequency(&["--refresh"]), first);
    assert_eq!(fs::read_to_string(&file).unwrap(), kept);
    assert!(cached.run(&["cache", "clear"]).status == 0 && !Path::new(&file).exists());
}

/// The lock goes with the process that holds it.
#[test]
fn one_that_is_killed_lets_go() {
    let cached = Cached::new();
    cached.doubles.script("qemu-system-alpha", "exec sleep 600");
    let mut first = cached.start(&["guest"]);
    let begin = Instant::now();
    while !Path::new(&cached.directory).join("lock").exists() {
        assert!(begin.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(1));
    }
    cached.doubles.script("qemu-system-alpha", "exit 3");
    let second = cached.start(&["guest"]);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(Run::of(second).stdout, cached.guests);
}

/// A line on a terminal while it takes long, and nothing of it is left; none in a pipe.
#[test]
fn progress_is_shown_on_a_terminal() {
    const ON_A_TERMINAL: &str =
        "import os, pty, sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let cached = Cached::new();
    cached.doubles.script("qemu-system-alpha", "sleep 1; exit 3");
    let arguments = ["guest", "--no-cache", "--output", "/dev/null"];
    let piped = cached.run(&arguments);
    assert!(piped.stderr.lines().count() == 1 && !piped.stderr.contains("asking"), "{piped:?}");
    let Ok(python) = Command::new("python3")
        .arg("-c")
        .arg(ON_A_TERMINAL)
        .arg(env!("CARGO_BIN_EXE_caps"))
        .args(arguments)
        .env("PATH", cached.command(&[]).get_envs().find_map(|(_, path)| path).unwrap())
        .stdin(Stdio::null())
        .output()
    else {
        return eprintln!("skipped: no python3 on this machine");
    };
    let shown = String::from_utf8(python.stdout).unwrap();
    let (line, rest) = shown.split_once("\r\x1b[2K").unwrap_or_else(|| panic!("{shown:?}"));
    assert!(line.contains("asking emulators: ") && line.contains(" of 3"), "{shown:?}");
    assert!(!rest.rsplit("\x1b[2K").next().unwrap().contains("asking"), "{shown:?}");
}
