//! capsd by itself: how it begins, what it says, how it ends, and what it takes.

use caps_tests::agent::{Agent, Client, program};
use caps_tests::caps;
use caps_tests::difference::assert_same;
use caps_tests::place::has_program;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Without the UUID, which is another for each process where the firmware has none.
fn without_uuid(document: &str) -> String {
    document.split_inclusive('\n').filter(|line| !line.starts_with("    <uuid>")).collect()
}

fn document_of_caps() -> String {
    let printed = caps!().arg("--no-guests").output().unwrap();
    without_uuid(&String::from_utf8(printed.stdout).unwrap())
}

#[test]
fn once_prints_what_caps_prints() {
    let printed = Command::new(program()).args(["--no-guests", "--once"]).output().unwrap();
    assert!(printed.status.success());
    let document = without_uuid(&String::from_utf8(printed.stdout).unwrap());
    assert_same("--once", document_of_caps().as_bytes(), document.as_bytes());
}

#[test]
fn both_sockets_give_the_document() {
    let agent = Agent::start();
    let expected = document_of_caps();
    for socket in [agent.socket(), agent.socket_ro()] {
        let mut client = Client::open(&socket).unwrap();
        let documents = [(); 3].map(|()| client.capabilities().unwrap());
        assert!(documents.iter().all(|document| *document == documents[0]));
        assert_same("over the socket", expected.as_bytes(), without_uuid(&documents[0]).as_bytes());
    }
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(agent.socket()), mode(agent.socket_ro())), (0o660, 0o666));
}

#[test]
fn a_signal_ends_it_and_its_sockets() {
    for signal in ["TERM", "INT"] {
        let mut agent = Agent::start();
        let mut client = Client::open(&agent.socket()).unwrap();
        assert_eq!(agent.end(signal), Some(0));
        assert!(!agent.socket().exists() && !agent.socket_ro().exists());
        assert_eq!(client.stream().read(&mut [0]).unwrap(), 0, "clients see the end");
    }
}

#[test]
fn what_is_no_socket_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("file");
    fs::write(&place, "precious").unwrap();
    let ended = Command::new(program()).arg("--socket").arg(&place).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(fs::read_to_string(place).unwrap(), "precious");
}

#[test]
fn command_lines_that_make_no_sense() {
    for words in [&["--sockets", "x"][..], &["--socket"], &["--mode", "999"], &["--mode", "1777"]] {
        let ended = Command::new(program()).args(words).output().unwrap();
        assert_eq!(ended.status.code(), Some(2), "{words:?}");
        assert_eq!(String::from_utf8(ended.stderr).unwrap().lines().count(), 1, "{words:?}");
    }
    let help = Command::new(program()).arg("--help").output().unwrap();
    assert!(help.status.success() && help.stdout.starts_with(b"Answers libvirt's own clients"));
}

#[test]
fn sockets_of_systemd_are_served() {
    if !has_program("systemd-socket-activate") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("handed-over");
    let mut activation = Command::new("systemd-socket-activate");
    activation.arg("-l").arg(&socket).arg(program()).args(["--no-guests", "--quiet"]);
    let mut activated = activation.stderr(Stdio::null()).spawn().unwrap();
    let document = Client::wait_for(&socket).capabilities();
    let _ = activated.kill();
    let _ = activated.wait();
    assert!(document.unwrap().starts_with("<capabilities>"));
    assert!(socket.exists(), "it is systemd's");
}

#[test]
fn whoever_does_not_speak_the_protocol_is_hung_up_on() {
    let agent = Agent::start();
    let mut stream = UnixStream::connect(agent.socket()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    std::io::Write::write_all(&mut stream, b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").unwrap();
    // Closing with bytes unread is a reset.
    assert!(!matches!(stream.read(&mut [0; 64]), Ok(1..)));
    assert!(Client::open(&agent.socket()).unwrap().capabilities().is_ok());
}

#[test]
fn long_calls_find_room() {
    let agent = Agent::start();
    let mut client = Client::open(&agent.socket()).unwrap();
    let cpu = "<cpu><arch>x86_64</arch><model>Penryn</model><!--".to_owned()
        + &"x".repeat(50_000)
        + "--></cpu>";
    let text = |text: &str| {
        let mut bytes = (text.len() as u32).to_be_bytes().to_vec();
        bytes.extend_from_slice(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    };
    let baseline = [&1_u32.to_be_bytes()[..], &text(&cpu), &[0; 4]].concat();
    for _ in 0..40 {
        let answer = client.ask(162, &baseline).unwrap();
        assert!(String::from_utf8_lossy(&answer).contains("Penryn</model>"));
    }
}

#[test]
fn it_is_as_small_as_it_is_said_to_be() {
    let bytes = fs::metadata(program()).unwrap().len();
    println!("{bytes} bytes");
    assert!(bytes <= 228 << 10, "{bytes}");
}
