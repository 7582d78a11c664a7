//! capsd and its standard error: it is never waited for, and never ends anything.

use caps_tests::agent::{Agent, Client, command};
use rustix::fs::{OFlags, fcntl_getfl};
use std::fs;
use std::io::{Read, pipe};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;

/// Connections that fill any pipe or socket with lines about them.
const CONNECTIONS: usize = 3000;

fn connect_often(agent: &Agent) {
    for number in 0..CONNECTIONS {
        let mut client = Client::connect(&agent.socket()).unwrap();
        client.ask(66, &[]).unwrap_or_else(|error| panic!("connection {number}: {error}"));
    }
}

/// Everything that is readable now and until the agent ends.
fn rest(mut agent: Agent, mut reader: impl Read) -> String {
    assert_eq!(agent.end("TERM"), Some(0));
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_closed_log_ends_nothing() {
    let (reader, writer) = pipe().unwrap();
    let mut agent = Agent::start_with(&[], Stdio::from(writer));
    drop(reader);
    for _ in 0..3 {
        assert!(Client::open(&agent.socket()).unwrap().capabilities().is_ok());
    }
    assert_eq!(agent.end("TERM"), Some(0));
}

#[test]
fn a_stalled_log_loses_lines_and_counts_them() {
    let (reader, writer) = pipe().unwrap();
    stalled(reader, writer.into());
}

#[test]
fn a_stalled_socket_in_place_of_a_log_loses_lines_too() {
    let (reader, writer) = UnixStream::pair().unwrap();
    stalled(reader, writer.into());
}

fn stalled(mut reader: impl Read, writer: OwnedFd) {
    let shared = writer.try_clone().unwrap();
    let agent = Agent::start_with(&[], Stdio::from(writer));
    connect_often(&agent);
    let flags = fcntl_getfl(&shared).unwrap();
    assert!(!flags.contains(OFlags::NONBLOCK), "others share it");
    drop(shared);
    // Now it is read again: the next line tells how many are lost.
    let mut room = vec![0; 1 << 20];
    let count = reader.read(&mut room).unwrap();
    let before = String::from_utf8_lossy(&room[..count]).into_owned();
    drop(Client::open(&agent.socket()).unwrap());
    drop(Client::open(&agent.socket()).unwrap());
    let after = rest(agent, reader);
    let text = before + &after;
    let lost = text.lines().find_map(|line| line.strip_prefix("capsd: lost "));
    let lost: usize = lost.unwrap().split(' ').next().unwrap().parse().unwrap();
    let told = text.lines().filter(|line| line.starts_with("capsd: client: pid ")).count();
    // Sockets are looked for by connecting, too.
    assert!(lost > 0 && lost + told >= CONNECTIONS + 2, "{lost} lost, {told} told");
    assert!(lost + told <= CONNECTIONS + 200, "{lost} lost, {told} told");
    assert!(text.lines().all(|line| line.starts_with("capsd: ")), "lines are whole");
}

#[test]
fn sockets_do_not_become_standard_streams() {
    let mut agent = Agent::start_by("exec \"$@\" <&- >&- 2>&-");
    let mut clients: Vec<Client> = (0..8).map(|_| Client::open(&agent.socket()).unwrap()).collect();
    for client in &mut clients {
        assert!(client.capabilities().unwrap().ends_with("</capabilities>\n"));
    }
    for number in 0..3 {
        let stream = fs::read_link(format!("/proc/{}/fd/{number}", agent.pid())).unwrap();
        assert_eq!(stream, Path::new("/dev/null"), "descriptor {number}");
    }
    assert_eq!(agent.end("TERM"), Some(0));
}

#[test]
fn a_closed_output_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let once = command(directory.path());
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "exec \"$@\" --once >&-", "sh"]).arg(once.get_program());
    let ended = shell.args(once.get_args()).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("standard output"));
}
