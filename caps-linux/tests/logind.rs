//! The conversation with logind over a real socket, with a real bus daemon and a service in place of logind.
//!
//! Each test runs its own daemon in a directory of its own. Skipped where `dbus-daemon` or the D-Bus module of Python is
//! missing.
#![allow(clippy::unwrap_used)]
use caps_linux::dbus::{Answers, Call, Failure, Logind, Step};
use core::time::Duration;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::{fs::MetadataExt, net::UnixStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

const SERVICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/logind_service.py");
const LOGIN1: &str = "org.freedesktop.login1";
const SYSTEMD1: &str = "org.freedesktop.systemd1";

/// The interpreter that has the modules which the service needs: that of the packages, or else one along `PATH`. Its path is
/// absolute, as the bus daemon wants it.
fn python() -> Option<PathBuf> {
    let has_modules = |python: &PathBuf| {
        let mut import = Command::new(python);
        import.args(["-c", "import dbus, gi"]).stderr(Stdio::null());
        import.status().is_ok_and(|status| status.success())
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let others = std::env::split_paths(&path).map(|directory| directory.join("python3"));
    let absolute = others.filter(|python| python.is_absolute());
    ["/usr/bin/python3".into()].into_iter().chain(absolute).find(has_modules)
}

/// A private bus; it and all that was put on it end with this value.
struct Bus {
    dir: PathBuf,
    python: PathBuf,
    children: Vec<Child>,
}

impl Bus {
    /// A bus for the test `name`, on which `activatable` names start these commands.
    fn start(name: &str, activatable: &[(&str, &str)]) -> Option<Self> {
        let python = python();
        if python.is_none() || Command::new("dbus-daemon").arg("--version").output().is_err() {
            eprintln!("skipped: no dbus-daemon, or no python3 with the modules dbus and gi");
            return None;
        }
        let dir = std::env::temp_dir().join(format!("caps-{}-{name}", std::process::id()));
        fs::create_dir_all(dir.join("services")).unwrap();
        let mut bus = Self { dir, python: python?, children: Vec::new() };
        for (name, exec) in activatable {
            let service = format!("[D-BUS Service]\nName={name}\nExec={exec}\n");
            fs::write(bus.dir.join(format!("services/{name}.service")), service).unwrap();
        }
        bus.start_daemon();
        Some(bus)
    }

    fn start_daemon(&mut self) {
        let config = self.dir.join("bus.conf");
        let dir = self.dir.display();
        let text = format!(
            "<busconfig><type>session</type><listen>unix:path={dir}/bus</listen><auth>EXTERNAL</auth>\
             <servicedir>{dir}/services</servicedir>\
             <policy context='default'><allow send_destination='*'/><allow receive_sender='*'/><allow own='*'/></policy>\
             <limit name='max_names_per_connection'>1000</limit></busconfig>"
        );
        fs::write(&config, text).unwrap();
        let mut daemon = Command::new("dbus-daemon");
        daemon.arg("--config-file").arg(config).args([
            "--nofork",
            "--nopidfile",
            "--print-address",
        ]);
        daemon.stderr(Stdio::null());
        self.spawn(daemon);
    }

    /// Puts a service on the bus that nothing has asked for.
    fn put(&mut self, arguments: &[&str]) {
        let mut service = Command::new(&self.python);
        service.arg(SERVICE).args(arguments);
        service.env_remove("DBUS_STARTER_ADDRESS");
        service.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}/bus", self.dir.display()));
        self.spawn(service);
    }

    /// Starts it and waits for its first line: it is ready then.
    fn spawn(&mut self, mut command: Command) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        self.children.push(child);
        assert!(!line.is_empty(), "{command:?} did not start");
    }

    /// Asks as `uid`, with what comes cut into pieces of the sizes that `size` gives.
    fn ask_as(&self, uid: u32, mut size: impl FnMut() -> usize) -> Step<'static> {
        let mut socket = UnixStream::connect(self.dir.join("bus")).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let (mut logind, mut buffer) = (Logind::new(uid), vec![0; 4096]);
        loop {
            match logind.step() {
                Step::Send(bytes) => socket.write_all(bytes).unwrap(),
                Step::Receive => {
                    let limit = size().min(buffer.len());
                    let received = socket.read(&mut buffer[..limit]).unwrap();
                    assert!(received > 0, "the bus hung up");
                    logind.received(&buffer[..received]);
                }
                Step::Done(answers) => return Step::Done(answers),
                Step::Absent => return Step::Absent,
                Step::Failed(failure) => return Step::Failed(failure),
            }
        }
    }

    /// Asks with the stream whole, byte by byte, and in pieces of random size: the outcome is the same.
    fn ask(&self) -> Step<'static> {
        let whole = self.ask_as(uid(), || usize::MAX);
        assert_eq!(whole, self.ask_as(uid(), || 1));
        let mut random = 2_463_534_242_u32;
        let piece = || {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            1 + random as usize % 100
        };
        assert_eq!(whole, self.ask_as(uid(), piece));
        whole
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            child.kill().and_then(|()| child.wait()).ok();
        }
        fs::remove_dir_all(&self.dir).ok();
    }
}

fn uid() -> u32 {
    fs::metadata("/proc/self").unwrap().uid()
}

/// The command of a service file that starts a logind with these answers.
fn exec(words: &str) -> String {
    format!("{} {SERVICE} can {words}", python().unwrap_or_default().display())
}

fn words(step: Step<'_>) -> Option<[String; 3]> {
    let Step::Done(Answers { suspend, hibernate, hybrid_sleep }) = step else { return None };
    Some([suspend, hibernate, hybrid_sleep].map(|answer| answer.to_string()))
}

#[test]
fn logind_is_started_when_systemd_is_there() {
    let Some(mut bus) = Bus::start("started", &[(LOGIN1, &exec("yes challenge no"))]) else {
        return;
    };
    bus.put(&["own", SYSTEMD1]);
    assert_eq!(words(bus.ask()).unwrap(), ["yes", "challenge", "no"]);
}

#[test]
fn logind_is_running() {
    let Some(mut bus) = Bus::start("running", &[(LOGIN1, "/bin/false")]) else { return };
    bus.put(&["can", "na", "inhibited", "challenge-inhibitor-blocked"]);
    assert_eq!(words(bus.ask()).unwrap(), ["na", "inhibited", "challenge-inhibitor-blocked"]);
}

#[test]
fn an_error_ends_it() {
    let Some(mut bus) = Bus::start("error", &[(LOGIN1, "/bin/false")]) else { return };
    bus.put(&["can", "yes", "!", "yes"]);
    assert_eq!(bus.ask(), Step::Failed(Failure::ErrorReply(Call::CanHibernate)));
}

#[test]
fn an_answer_that_is_no_string_ends_it() {
    let Some(mut bus) = Bus::start("number", &[(LOGIN1, "/bin/false")]) else { return };
    bus.put(&["can", "yes", "yes", "#"]);
    assert_eq!(bus.ask(), Step::Failed(Failure::ReplyType(Call::CanHybridSleep)));
}

#[test]
fn logind_does_not_start() {
    let Some(mut bus) = Bus::start("false", &[(LOGIN1, "/bin/false")]) else { return };
    bus.put(&["own", SYSTEMD1]);
    assert_eq!(bus.ask(), Step::Failed(Failure::ErrorReply(Call::CanSuspend)));
}

#[test]
fn registered_but_not_activatable() {
    let Some(mut bus) = Bus::start("registered", &[]) else { return };
    bus.put(&["can", "yes", "yes", "yes"]);
    assert_eq!(bus.ask(), Step::Absent);
}

#[test]
fn activatable_but_neither_it_nor_systemd_on_the_bus() {
    let Some(bus) = Bus::start("activatable", &[(LOGIN1, &exec("yes yes yes"))]) else { return };
    assert_eq!(bus.ask(), Step::Absent);
}

#[test]
fn no_logind_at_all() {
    let Some(bus) = Bus::start("nothing", &[]) else { return };
    assert_eq!(bus.ask(), Step::Absent);
}

#[test]
fn many_names() {
    let names: Vec<String> =
        (0..500).map(|i| format!("org.example.service{}.n{i}", "x".repeat(i % 60))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let services: Vec<_> =
        names.iter().map(|name| (*name, "/bin/false")).chain([(LOGIN1, "/bin/false")]).collect();
    let Some(mut bus) = Bus::start("many", &services) else { return };
    bus.put(&[&["own"], &names[..]].concat());
    assert_eq!(bus.ask(), Step::Absent);
    bus.put(&["can", "no", "no", "yes"]);
    assert_eq!(words(bus.ask()).unwrap(), ["no", "no", "yes"]);
}

#[test]
fn another_user_is_refused() {
    let Some(bus) = Bus::start("refused", &[]) else { return };
    assert_eq!(bus.ask_as(uid() + 1, || usize::MAX), Step::Failed(Failure::Rejected));
}
