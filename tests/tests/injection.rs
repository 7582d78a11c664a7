//! The programs themselves, of which one system call fails: the same bytes, or an error with a sentence; nothing in between.

use caps_rpc::packet::Status;
use caps_tests::agent::{self, Client};
use caps_tests::caps;
use caps_tests::inject::{Program, contents, may_inject, warm};
use caps_tests::sketch::Sketch;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

fn program() -> PathBuf {
    caps!().get_program().into()
}

fn nothing(_: &Path) -> Vec<u8> {
    Vec::new()
}

#[test]
fn any_call_of_the_host_part_may_fail() {
    let arguments = &["--no-guests", "--no-cache"];
    assert_same_or_error(&program(), arguments, None, &nothing, usize::MAX);
}

#[test]
fn any_call_of_writing_a_file_may_fail() {
    let arguments = &["--no-guests", "--no-cache", "-o", "{}"];
    assert_same_or_error(&program(), arguments, None, &contents, usize::MAX);
}

/// A fact that a record lacks is not taken from what cannot be read now.
#[test]
fn any_call_of_deriving_facts_may_fail() {
    let mut host = Sketch::default();
    host.cpus("0", "0").cpu(0, 0, 0, "0").node(0, "1", 4096);
    host.file("proc/cpuinfo", "address sizes\t: 46 bits physical, 48 bits virtual\n");
    host.file("proc/meminfo", "MemTotal:         8192 kB\n").file("facts", "");
    let root = host.directory();
    let arguments = &["--no-guests", "--root", root.path().to_str().unwrap()];
    assert_same_or_error(&program(), arguments, None, &nothing, usize::MAX);
}

/// What can be made of the record is compared: it holds when files were changed, and a random UUID.
#[test]
fn any_call_of_recording_may_fail() {
    let made_again = |record: &Path| {
        let mut again = caps!();
        again.arg("--root").arg(record).arg("--no-guests").output().unwrap().stdout
    };
    let arguments = &["--no-guests", "--no-cache", "record", "{}"];
    assert_same_or_error(&program(), arguments, None, &made_again, 250);
}

#[test]
fn any_call_with_emulators_that_are_known_may_fail() {
    if may_inject() {
        let arguments = &["--cache-dir", "{}"];
        let (_kept, known) = warm(&program(), arguments);
        assert_same_or_error(&program(), arguments, Some(&known), &nothing, 250);
    }
}

#[test]
fn any_call_of_the_agent_may_fail() {
    let arguments = &["--no-guests", "--once"];
    assert_same_or_error(agent::program(), arguments, None, &nothing, usize::MAX);
}

/// A system call of an agent fails once: its reply is right or an error, and right from then on.
#[test]
fn the_agent_keeps_nothing_of_a_failure() {
    if !may_inject() {
        return;
    }
    let capabilities = |client: &mut Client| {
        client.call(7, &[]).unwrap();
        let (status, payload) = client.any_reply().unwrap();
        (status == Status::OK).then(|| masked(&payload))
    };
    let whole = capabilities(&mut Client::open(&agent::Agent::start().socket()).unwrap());
    let opened = (1..60).step_by(4).map(|nth| format!("openat:error=EMFILE:when={nth}"));
    let asked = (1..5).map(|nth| format!("ioctl:error=ENOMEM:when={nth}"));
    let mut failed = 0;
    for fault in opened.chain(asked).chain(["getrandom:error=EIO:when=1".into()]) {
        // It may be what the agent cannot start without.
        let Some(agent) = Injected::start(&fault) else { continue };
        let mut client = Client::wait_for(&agent.socket);
        let first = capabilities(&mut client);
        failed += usize::from(first.is_none());
        assert!(first.is_none() || first == whole, "{fault}");
        assert_eq!(capabilities(&mut client), whole, "{fault}");
    }
    assert!(failed > 2, "no call met a failure");
}

/// The text of a reply without the UUID, which is random on a host that has none.
fn masked(payload: &[u8]) -> String {
    let text = String::from_utf8_lossy(payload);
    text.lines().filter(|line| !line.contains("<uuid>")).map(|line| format!("{line}\n")).collect()
}

/// An agent under strace, and its socket in a directory of its own.
struct Injected {
    strace: Child,
    socket: PathBuf,
    _directory: tempfile::TempDir,
}

impl Injected {
    /// `None` where it does not start.
    fn start(fault: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("sock");
        let mut strace = Command::new("strace");
        strace.args(["-qqo", "/dev/null", "-e", &format!("inject={fault}")]);
        strace.arg(agent::program()).args(["--quiet", "--no-guests", "--socket"]).arg(&socket);
        let strace = strace.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut started = Self { strace, socket, _directory: directory };
        while !started.socket.exists() {
            if started.strace.try_wait().unwrap().is_some() {
                return None;
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        Some(started)
    }
}

impl Drop for Injected {
    fn drop(&mut self) {
        let pid = self.strace.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        for child in children.unwrap_or_default().split_whitespace() {
            let _ = Command::new("sh").args(["-c", "kill $0", child]).status();
        }
        let _ = self.strace.wait();
    }
}

fn assert_same_or_error(
    path: &Path,
    arguments: &[&str],
    directory: Option<&Path>,
    written: &(dyn Fn(&Path) -> Vec<u8> + Sync),
    runs: usize,
) {
    if may_inject() {
        Program { path, arguments, directory, written, runs }.assert_same_or_error();
    }
}
