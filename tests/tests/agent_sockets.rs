//! The sockets that capsd creates: whose they are, from their first moment to their last.

use caps_tests::agent::{Agent, Client, command};
use rustix::net::sockopt::socket_peercred;
use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

/// The process that listens at a socket, as the kernel saw it when it began to.
fn listener(socket: &Path) -> u32 {
    let stream = UnixStream::connect(socket).unwrap();
    socket_peercred(&stream).unwrap().pid.as_raw_nonzero().get().unsigned_abs()
}

fn names(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Waits for the end of a process that is to be refused: its exit status and its standard error.
fn refused(mut child: Child) -> (Option<i32>, String) {
    let begin = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begin.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
        }
        sleep(Duration::from_millis(2));
    }
    let mut words = String::new();
    child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    (child.wait().unwrap().code(), words)
}

#[test]
fn a_second_agent_is_refused_and_removes_nothing() {
    let agent = Agent::start();
    let second = command(agent.directory()).stderr(Stdio::piped()).spawn().unwrap();
    let (status, words) = refused(second);
    assert_eq!(status, Some(1), "{words}");
    assert!(words.contains("sock: another process does"), "{words}");
    for socket in [agent.socket(), agent.socket_ro()] {
        assert_eq!(listener(&socket), agent.pid());
        assert!(Client::open(&socket).unwrap().capabilities().is_ok());
    }
    assert_eq!(names(agent.directory()).len(), 2);
}

#[test]
fn an_abandoned_socket_is_replaced() {
    let mut agent = Agent::start();
    agent.end("KILL");
    assert!(agent.socket().exists());
    agent.restart();
    assert_eq!(listener(&agent.socket()), agent.pid());
    assert_eq!(names(agent.directory()).len(), 2);
}

#[test]
fn an_agent_leaves_the_socket_of_another_alone() {
    let mut first = Agent::start();
    names(first.directory()).iter().for_each(|socket| fs::remove_file(socket).unwrap());
    let mut second = command(first.directory()).spawn().unwrap();
    drop(Client::wait_for(&first.socket_ro()));
    assert_eq!(first.end("TERM"), Some(0));
    for socket in [first.socket(), first.socket_ro()] {
        assert_eq!(listener(&socket), second.id());
    }
    second.kill().unwrap();
    second.wait().unwrap();
}

#[test]
fn a_listener_of_another_program_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sock");
    let _other = UnixListener::bind(&path).unwrap();
    let before = fs::metadata(&path).unwrap().ino();
    let (status, words) =
        refused(command(directory.path()).stderr(Stdio::piped()).spawn().unwrap());
    assert_eq!(status, Some(1), "{words}");
    assert_eq!(fs::metadata(&path).unwrap().ino(), before);
    assert_eq!(names(directory.path()), [path]);
}

#[test]
fn a_start_that_fails_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing/sock");
    let twice = directory.path().join("sock");
    let long = directory.path().join("x".repeat(120));
    for options in [
        ["--socket".as_ref(), missing.as_os_str()],
        ["--socket".as_ref(), twice.as_os_str()],
        ["--socket".as_ref(), long.as_os_str()],
        ["--group".as_ref(), "no-such-group".as_ref()],
    ] {
        let mut command = command(directory.path());
        let child = command.args(options).stderr(Stdio::piped()).spawn().unwrap();
        let (status, words) = refused(child);
        assert_eq!(status, Some(1), "{options:?}: {words}");
        assert_eq!(names(directory.path()), Vec::<PathBuf>::new(), "{options:?}");
    }
}

#[test]
fn a_link_is_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    let (link, file) = (directory.path().join("sock"), directory.path().join("file"));
    fs::write(&file, "precious").unwrap();
    symlink(&file, &link).unwrap();
    let before = fs::metadata(&file).unwrap().mode();
    let (status, words) =
        refused(command(directory.path()).stderr(Stdio::piped()).spawn().unwrap());
    assert_eq!(status, Some(1), "{words}");
    assert_eq!(
        (fs::read_to_string(&file).unwrap(), fs::metadata(&file).unwrap().mode()),
        ("precious".into(), before)
    );
    assert!(link.is_symlink());
}

/// A group that every privileged process may give a file to.
const GROUP: u32 = 65533;

#[test]
fn a_socket_has_its_mode_and_group_and_a_listener_from_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let (path, done) = (directory.path().join("sock"), AtomicBool::new(false));
    let privileged = rustix::process::geteuid().is_root();
    let group = if privileged { GROUP } else { rustix::process::getegid().as_raw() };
    scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut seen = HashSet::new();
            while !done.load(Ordering::Relaxed) {
                if let Ok(found) = fs::symlink_metadata(&path) {
                    seen.insert((found.mode() & 0o777, found.gid()));
                    let connected = UnixStream::connect(&path).map_err(|error| error.kind());
                    assert_ne!(connected.err(), Some(std::io::ErrorKind::ConnectionRefused));
                }
            }
            seen
        });
        for _ in 0..30 {
            let mut command = command(directory.path());
            command.args(["--mode", "0620", "--group", &group.to_string()]);
            let mut child = command.spawn().unwrap();
            drop(Client::wait_for(&directory.path().join("sock-ro")));
            rustix::process::kill_process(pid(&child), rustix::process::Signal::TERM).unwrap();
            assert!(child.wait().unwrap().success());
        }
        done.store(true, Ordering::Relaxed);
        assert_eq!(watcher.join().unwrap(), HashSet::from([(0o620, group)]));
    });
}

fn pid(child: &Child) -> rustix::process::Pid {
    rustix::process::Pid::from_child(child)
}

#[test]
fn one_of_many_starts_takes_an_abandoned_socket() {
    for _ in 0..5 {
        let directory = tempfile::tempdir().unwrap();
        for name in ["sock", "sock-ro"] {
            drop(UnixListener::bind(directory.path().join(name)).unwrap());
        }
        let mut starts: Vec<Child> =
            (0..8).map(|_| command(directory.path()).spawn().unwrap()).collect();
        let begin = Instant::now();
        while starts.iter_mut().filter_map(|child| child.try_wait().unwrap()).count() < 7 {
            assert!(begin.elapsed() < Duration::from_secs(30), "more than one goes on");
            sleep(Duration::from_millis(2));
        }
        let mut left = starts
            .into_iter()
            .filter_map(|mut child| child.try_wait().unwrap().is_none().then_some(child));
        let mut agent = left.next().unwrap();
        drop(Client::wait_for(&directory.path().join("sock-ro")));
        for name in ["sock", "sock-ro"] {
            assert_eq!(listener(&directory.path().join(name)), agent.id());
        }
        agent.kill().unwrap();
        agent.wait().unwrap();
        assert_eq!(names(directory.path()).len(), 2);
    }
}
