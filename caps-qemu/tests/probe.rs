//! Emulators that misbehave cost their own guests, and nothing of them is left; the real one of this machine answers.

mod support;

use caps_core::Arch;
use caps_qemu::probe::{self, Account, Limits};
use caps_qemu::{Found, Rejection, Resource, Said, Sayings, verdict};
use caps_roster::Accelerator;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use support::{ANSWERS, Doubles, emulators};

/// Asks, and hears of each count of those that are done, none of them twice.
fn ask(found: &[Found], limits: Limits) -> Sayings {
    let heard = Mutex::new(BTreeMap::new());
    let said = probe::ask(found, limits, &|done, of| {
        assert_eq!(heard.lock().unwrap().insert(done, of), None);
    });
    let heard = heard.into_inner().unwrap();
    assert!(
        heard
            .iter()
            .enumerate()
            .all(|(count, (&done, &of))| done == count && of + 1 == heard.len())
    );
    said
}

fn limits(timeout: Duration) -> Limits {
    Limits { timeout, ..Limits::default() }
}

/// What becomes of a script.
fn said(body: &str) -> Said {
    let doubles = Doubles::new();
    let found = [doubles.script("emulator", body)];
    let said = ask(&found, limits(Duration::from_secs(30)));
    said.into_values().next().unwrap()
}

fn is_running(pid: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// It was killed; the kernel takes a moment.
#[track_caller]
fn assert_ends(pid: &str) {
    let begin = Instant::now();
    while is_running(pid) {
        assert!(begin.elapsed() < Duration::from_secs(60), "{pid} is still there");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn one_that_answers() {
    let doubles = Doubles::new();
    let found = [doubles.script("emulator", &format!("{ANSWERS}sleep 60"))];
    let begin = Instant::now();
    let said = ask(&found, Limits::default());
    assert!(begin.elapsed() < Duration::from_secs(9), "it is not waited for");
    let facts = verdict(said.values().next().unwrap()).unwrap();
    assert_eq!((facts.accelerator, facts.tcg), (Some(Accelerator::Kvm), true));
    assert_eq!(facts.machines.len(), 2);
}

#[test]
fn ones_that_end() {
    let ended = |body| match said(body) {
        Err(Rejection::Ended(status)) => status.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(ended("exit 3"), "exit status: 3");
    assert_eq!(ended("kill -9 $$"), "signal: 9 (SIGKILL)");
    assert_eq!(ended(&ANSWERS.replace("\"id\": 5", "\"id\": 6")), "exit status: 0");
}

#[test]
fn ones_that_say_something_else() {
    assert_eq!(said("exec yes"), Err(Rejection::Garbage { line: 1 }));
    assert_eq!(said("exec cat /dev/zero"), Err(Rejection::TooMuch));
    assert_eq!(said(r#"while :; do echo '{"event": "AGAIN"}'; done"#), Err(Rejection::TooMuch));
    assert_eq!(said("exec >&-; exec sleep 60"), Err(Rejection::Closed));
}

#[test]
fn ones_that_lack_something() {
    let answers = format!("echo 'kvm: Too many open files' >&2{ANSWERS}");
    assert_eq!(said(&answers), Err(Rejection::Lacking(Resource::Descriptors)));
    let body = "echo 'cannot map zero-fill pages' >&2; exit 127";
    assert_eq!(said(body), Err(Rejection::Lacking(Resource::Memory)));
}

/// However much it writes to standard error.
#[test]
fn one_that_complains_a_lot() {
    let body = format!("head -c 10000000 /dev/zero >&2{ANSWERS}");
    assert!(said(&body).is_ok());
    let body = "while :; do echo no >&2; done";
    let doubles = Doubles::new();
    let said = ask(&[doubles.script("emulator", body)], limits(Duration::from_secs(1)));
    assert_eq!(said.into_values().next(), Some(Err(Rejection::TimedOut)));
}

#[test]
fn one_that_is_none() {
    let doubles = Doubles::new();
    fs::write(doubles.path("text"), "no program").unwrap();
    let found = [doubles.found("missing"), doubles.found("text")];
    let said = ask(&found, Limits::default());
    assert_eq!(said.len(), 2);
    assert!(said.values().all(|said| matches!(said, Err(Rejection::Unstartable(_)))));
}

/// All that it started is gone with it.
#[test]
fn one_that_hangs() {
    let doubles = Doubles::new();
    let body = "sleep 600 & echo $! > $mark; echo '{\"QMP\": {}}'; trap '' TERM; wait";
    let found = [doubles.script("emulator", body)];
    let said = ask(&found, limits(Duration::from_secs(1)));
    assert_eq!(said.into_values().next(), Some(Err(Rejection::TimedOut)));
    assert_ends(&doubles.mark());
}

/// What it leaves behind holds its pipes.
#[test]
fn one_that_forks() {
    let doubles = Doubles::new();
    let found = [doubles.script("emulator", "sleep 600 & echo $! > $mark; exit 4")];
    let begin = Instant::now();
    let said = ask(&found, limits(Duration::from_secs(60)));
    assert!(matches!(said.into_values().next(), Some(Err(Rejection::Ended(_)))));
    assert!(begin.elapsed() < Duration::from_secs(30));
    assert_ends(&doubles.mark());
}

#[test]
fn one_binary_is_started_once() {
    let doubles = Doubles::new();
    let body = format!("echo start >> $mark\n{ANSWERS}");
    let first = doubles.script("a", &body);
    symlink("a", doubles.path("b")).unwrap();
    fs::hard_link(doubles.path("a"), doubles.path("c")).unwrap();
    let found = [first.clone(), doubles.found("b"), doubles.found("c"), first];
    let said = ask(&found, Limits::default());
    assert_eq!(said.len(), 3);
    assert!(said.values().all(Result::is_ok));
    assert_eq!(doubles.mark(), "start\n");
}

#[test]
fn it_knows_nothing_of_this_process() {
    let doubles = Doubles::new();
    let body = "env | sed 's/=.*//' | sort > $mark; pwd >> $mark; grep NoNewPrivs /proc/self/status >> $mark; \
                echo \"$*\" >> $mark";
    ask(&[doubles.script("emulator", body)], Limits::default());
    let known = ["HOME", "LC_ALL", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "PWD", "TMPDIR", "USER"];
    let own = ["SHLVL", "_", "OLDPWD"];
    let (mark, mut lines) = (doubles.mark(), Vec::new());
    lines.extend(mark.lines().filter(|line| !known.contains(line) && !own.contains(line)));
    let arguments =
        "-S -no-user-config -nodefaults -display none -machine none,accel=kvm:mshv:tcg -qmp stdio";
    assert_eq!(lines, ["/", "NoNewPrivs:\t1", arguments]);
}

/// Root's emulators run as another user, who can open every device all the same.
#[test]
fn it_runs_as_another() {
    if !fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        return eprintln!("skipped: this is not root");
    }
    let doubles = Doubles::new();
    let body = "id -ur > $mark; id -g >> $mark; grep CapEff /proc/self/status >> $mark";
    let account = Some(Account { uid: 12345, gid: 54321 });
    let found = [doubles.script("emulator", body)];
    ask(&found, Limits { account, ..Limits::default() });
    assert_eq!(doubles.mark(), "12345\n54321\nCapEff:\t0000000000000002\n");
}

/// The reason for the capability: a `/dev/kvm` of root's alone is opened with it, and the same domains are offered.
#[test]
fn kvm_is_offered_to_another_account() {
    let kvm = fs::metadata("/dev/kvm");
    let found: Vec<_> = emulators(Some(Arch::X86_64)).into_iter().take(1).collect();
    if !kvm.is_ok_and(|kvm| kvm.mode() & 0o006 == 0)
        || fs::metadata("/proc/self").unwrap().uid() != 0
    {
        return eprintln!("skipped: no /dev/kvm of root's alone, or this is not root");
    }
    let account = Some(Account { uid: 12345, gid: 54321 });
    let said = [None, account].map(|account| ask(&found, Limits { account, ..Limits::default() }));
    let [own, other] = said
        .map(|said| said.values().next().map(|said| verdict(said).map(|facts| facts.accelerator)));
    assert_eq!(own, other);
}

#[test]
fn the_real_one() {
    let found = emulators(Some(Arch::X86_64));
    if found.is_empty() {
        eprintln!("skipped: no emulator here");
    }
    for (emulator, said) in ask(&found, Limits::default()) {
        let emulator = String::from_utf8_lossy(&emulator).into_owned();
        match verdict(&said) {
            Err(Rejection::TooOld { .. }) => {}
            verdict => assert!(!verdict.expect(&emulator).machines.is_empty()),
        }
    }
}
