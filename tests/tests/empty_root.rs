//! A root with nothing in it but facts: whatever the document has beyond the least is a leak of the live host.

use caps_tests::caps;
use caps_tests::difference::assert_same;
use caps_tests::place::has_program;
use caps_tests::program::{of_root, run};
use caps_tests::recording::{Recording, document};
use caps_tests::tree::Traced;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(20);

/// All that the least document is made of. Without one of these it would be derived or refused.
const FACTS: &str = "machine x86_64\npage_size 4096\nnuma yes\nprivileged no\n";

/// With NUMA and no node: no cells. `none` is a security model that is always usable.
const LEAST: &str = "\
<capabilities>

  <host>
    <cpu>
      <arch>x86_64</arch>
      <pages unit='KiB' size='4'/>
    </cpu>
    <power_management/>
    <iommu support='no'/>
    <migration_features>
      <live/>
      <uri_transports>
        <uri_transport>tcp</uri_transport>
        <uri_transport>rdma</uri_transport>
      </uri_transports>
    </migration_features>
    <topology>
      <cells num='0'>
      </cells>
    </topology>
    <secmodel>
      <model>none</model>
      <doi>0</doi>
    </secmodel>
  </host>

</capabilities>
";

fn empty_root() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("facts"), FACTS).unwrap();
    root
}

#[test]
fn an_empty_root_gives_the_least_document() {
    let root = empty_root();
    assert_same("an empty root", LEAST.as_bytes(), &Recording::open(root.path()).document());
    let ended = run(&mut of_root(caps!(), root.path()), LIMIT);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_same("an empty root by the program", LEAST.as_bytes(), &ended.stdout);
}

/// Guests too: emulators and `/dev/kvm` are looked for in the root.
#[test]
fn an_empty_root_has_no_guests() {
    let root = empty_root();
    let ended = run(caps!().arg("--root").arg(root.path()).args(["--guests", "files"]), LIMIT);
    assert_same("an empty root with guests", LEAST.as_bytes(), &ended.stdout);
}

/// The environment of the daemon of this host, too, is none of a recorded one's.
#[test]
fn the_environment_does_not_leak() {
    let root = empty_root();
    let mut command = of_root(caps!(), root.path());
    command.env("PATH", "/bin:/usr/bin").env("HOME", "/root").env("XDG_CONFIG_HOME", "/etc");
    command.env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/run/dbus/system_bus_socket");
    assert_same("an empty root", LEAST.as_bytes(), &run(&mut command, LIMIT).stdout);
}

#[test]
fn every_path_is_absolute_and_plain() {
    let root = empty_root();
    let recording = Recording::open(root.path());
    let tree = Traced::new(recording.root());
    recording.visit_through(&tree, document).unwrap();
    let asked = tree.asked();
    assert!(!asked.is_empty());
    for (call, path) in asked {
        let plain = path.starts_with('/') && !path.contains("//") && !path.contains("/.");
        assert!(plain, "{call:?} of {path}");
    }
}

/// What the program may open outside of the root, by the beginning of the path: its libraries, and what the start of any
/// program of this language reads of itself.
const OWN: [&str; 6] =
    ["/etc/ld.so.", "/lib/", "/lib64/", "/usr/lib/", "/proc/self/maps", "/sys/fs/cgroup"];

/// A system call of the program as strace shows it.
struct Opened<'l> {
    call: &'l str,
    directory: &'l str,
    path: &'l str,
}

impl<'l> Opened<'l> {
    /// `[pid 7] openat2(3</root>, "sys", {flags=..., resolve=RESOLVE_IN_ROOT}, 24) = 4</root/sys>`
    fn read(line: &'l str) -> Option<Self> {
        let (call, arguments) = line.split_once('(')?;
        let (directory, rest) = arguments.split_once(", \"")?;
        let path = rest.split_once('"')?.0;
        Some(Self { call: call.rsplit(' ').next()?, directory, path })
    }

    /// Whether it is the root itself, something in it that is opened so as not to leave it, or the program's own.
    fn is_allowed(&self, line: &str, root: &str) -> bool {
        match self.call {
            "openat2" => {
                self.directory.contains(&format!("<{root}>")) && line.contains("RESOLVE_IN_ROOT")
            }
            "open" | "openat" => {
                self.path == root || OWN.iter().any(|own| self.path.starts_with(own))
            }
            _ => false,
        }
    }
}

/// Every file that is opened lies under the root, and is opened in a way that cannot leave it.
#[test]
fn nothing_outside_of_the_root_is_opened() {
    if !has_program("strace") {
        return;
    }
    let (root, log) = (empty_root(), tempfile::NamedTempFile::new().unwrap());
    let mut strace = Command::new("strace");
    let calls = "trace=open,openat,openat2,socket,connect,execve";
    // Cargo's own, which would make the loader look for libraries in its directories.
    strace.env_remove("LD_LIBRARY_PATH");
    strace.args(["-f", "-yy", "-e", calls, "-o"]).arg(log.path());
    strace.arg(caps!().get_program()).arg("--root").arg(root.path()).args(["--guests", "files"]);
    let ended = run(&mut strace, LIMIT);
    if ended.stderr.contains("ptrace") {
        eprintln!("skipped: strace may not trace here: {}", ended.stderr);
        return;
    }
    assert_same("an empty root under strace", LEAST.as_bytes(), &ended.stdout);
    assert_log(&std::fs::read_to_string(log.path()).unwrap(), root.path());
}

fn assert_log(log: &str, root: &Path) {
    let root = root.to_str().unwrap();
    let mut inside = 0;
    for line in log.lines().filter(|line| line.contains("open") || line.contains("connect(")) {
        let opened = Opened::read(line).unwrap_or_else(|| panic!("{line}"));
        assert!(opened.is_allowed(line, root), "{line}");
        inside += usize::from(opened.call == "openat2");
    }
    assert!(inside > 10, "only {inside} files of the root were asked for: {log}");
    assert_eq!(log.matches("execve(").count(), 1, "another program was started: {log}");
    assert!(!log.contains("socket("), "{log}");
}
