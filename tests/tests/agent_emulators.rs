//! capsd and the roster of emulators on bad days: what cannot be read is not taken for an empty one, and what cannot be asked is
//! asked again.

use caps_core::Arch;
use caps_qemu::{Found, Rejection, RosterBuf, Sayings, Store};
use caps_tests::agent::{Client, program};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SAID: &str = r#"{"execute":"query-version","return":{"qemu":{"major":11,"minor":1,"micro":0}}}
{"execute":"query-target","return":{"arch":"sh4"}}
{"execute":"query-kvm","return":{"present":false,"enabled":false}}
{"execute":"qom-list-types","return":[{"name":"tcg-accel"}]}
{"execute":"query-machines","return":[{"name":"r2d"}]}
"#;
const LIMIT: Duration = Duration::from_secs(60);

/// An agent with a roster of one emulator that answered and one that could not be asked.
struct Agent {
    directory: TempDir,
    child: Child,
}

impl Agent {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = |name: &str| directory.path().join(name);
        keep_roster(&place("cache"));
        fs::write(
            place("caps"),
            format!("#!/bin/sh\necho >> {}\nexit 3\n", place("mark").display()),
        )
        .unwrap();
        fs::set_permissions(place("caps"), fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new(program());
        command.arg("--quiet").arg("--cache").arg(place("cache")).arg("--caps").arg(place("caps"));
        command.arg("--socket").arg(place("sock")).stdin(Stdio::null());
        let log = fs::File::create(place("log")).unwrap();
        let agent = Self { child: command.stderr(log).spawn().unwrap(), directory };
        agent.wait_until("it does not listen", || agent.place("sock").exists());
        agent
    }

    fn place(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.place(name)).unwrap_or_default()
    }

    /// How often `caps` was started.
    fn starts(&self) -> usize {
        self.text("mark").lines().count()
    }

    fn client(&self) -> Client {
        Client::open(&self.place("sock")).unwrap()
    }

    #[track_caller]
    fn wait_until(&self, complaint: &str, mut is_so: impl FnMut() -> bool) {
        let begin = Instant::now();
        while !is_so() {
            assert!(begin.elapsed() < LIMIT, "{complaint}: {}", self.text("log"));
            sleep(Duration::from_millis(2));
        }
    }

    /// Lets it have so many descriptors at most.
    fn limit_descriptors(&self, count: usize) {
        let limit = format!("--nofile={count}:4096");
        let pid = self.child.id().to_string();
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn keep_roster(cache: &Path) {
    let paths = ["/q/qemu-system-sh4", "/q/qemu-system-alpha"].map(|path| path.as_bytes().to_vec());
    let archs = ["sh4", "alpha"].map(|arch| Arch::from_name(arch).unwrap());
    let found: Vec<_> = archs
        .into_iter()
        .zip(paths.clone())
        .map(|(arch, emulator)| Found { arch, emulator })
        .collect();
    let said = [Ok(SAID.as_bytes().to_vec()), Err(Rejection::TimedOut)];
    let sayings: Sayings = paths.into_iter().zip(said).collect();
    let store = Store::new(cache.to_owned());
    store.lock(LIMIT).unwrap().write(&RosterBuf::of_sayings(&found, &sayings)).unwrap();
}

#[test]
fn a_roster_that_cannot_be_read_is_read_later() {
    let agent = Agent::start();
    let mut client = agent.client();
    let document = client.capabilities().unwrap();
    assert!(document.contains("<emulator>/q/qemu-system-sh4</emulator>"));
    assert!(agent.text("log").contains("/q/qemu-system-alpha could not be asked"));
    let open = fs::read_dir(format!("/proc/{}/fd", agent.child.id())).unwrap().count();
    agent.limit_descriptors(open);
    keep_roster(&agent.place("cache"));
    for _ in 0..3 {
        assert!(client.capabilities().map_or(true, |limited| limited == document));
    }
    agent.limit_descriptors(4096);
    assert_eq!(client.capabilities().unwrap(), document);
}

#[test]
fn what_could_not_be_asked_is_asked_at_a_later_call() {
    let agent = Agent::start();
    let mut client = agent.client();
    client.capabilities().unwrap();
    agent.wait_until("nobody is asked", || agent.starts() == 1);
    let begin = Instant::now();
    // One at most for the call above; none for a client that only waits.
    sleep(Duration::from_millis(7500));
    let idle = agent.starts();
    assert!(idle <= 2, "{idle} starts in 7.5 s");
    sleep(Duration::from_millis(6500));
    assert_eq!(agent.starts(), idle, "nobody calls");
    client.capabilities().unwrap();
    agent.wait_until("it is not asked again", || agent.starts() > idle);
    assert!(begin.elapsed() < LIMIT && agent.starts() == idle + 1);
    assert!(agent.text("log").contains("some emulators could not be asked"));
}

/// As `caps` does.
#[test]
fn a_roster_of_somebody_else_is_not_believed() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("cache");
    keep_roster(&cache);
    let once = || {
        let output =
            Command::new(program()).args(["--once", "--cache"]).arg(&cache).output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains("<guest>")
    };
    assert!(once());
    let file = cache.join("emulators");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).unwrap();
    assert!(!once(), "its group may write it");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    if std::os::unix::fs::chown(&file, Some(65534), None).is_err() {
        return eprintln!("skipped: this is not root");
    }
    assert!(!once(), "it belongs to nobody");
}
