//! `qemu.conf` and `libvirtd.conf` as libvirt reads them, beside a libvirt on this machine where there is one.

use caps_tests::caps;
use caps_tests::place::has_program;
use caps_tests::program::{Ended, of_root, run};
use caps_tests::sketch::Sketch;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

/// The host whose daemon has this file, and the accounts of this machine. Facts are given whole, so that none is derived.
fn host(file: &str, text: impl AsRef<[u8]>, privileged: bool) -> Sketch {
    let mut sketch = Sketch::default();
    let privileged = if privileged { "yes" } else { "no" };
    sketch.facts(&format!("phys_pages 2097152\nnuma no\nprivileged {privileged}\n"));
    for accounts in ["passwd", "group"] {
        let here = fs::read(Path::new("/etc").join(accounts)).unwrap_or_default();
        sketch.file(&format!("etc/{accounts}"), here);
    }
    sketch.file(&format!("etc/libvirt/{file}"), text);
    sketch
}

fn ask(sketch: &Sketch) -> Ended {
    let root = sketch.directory();
    run(&mut of_root(caps!(), root.path()), LIMIT)
}

#[track_caller]
fn assert_refused(file: &str, text: &str, sentence: &str) {
    let ended = ask(&host(file, text, true));
    assert_eq!((ended.code, ended.stdout.len()), (Some(1), 0), "{text}");
    assert_eq!(ended.stderr, format!("caps: {sentence}\n"), "{text}");
}

#[test]
fn a_refusal_names_file_and_line() {
    for (text, sentence) in [
        ("\n\nuser-x = 1", "qemu.conf:3: expected NAME = VALUE"),
        ("a = [\n'x', # first\n]", "qemu.conf:2: libvirt does not accept comments in lists"),
        ("\nmax_files = 'x'", "qemu.conf:2: max_files must be a number that is not negative"),
        ("user = 'no such'", "qemu.conf: user `no such` does not exist"),
        (
            "security_driver = 'none'\nsecurity_require_confined = 1",
            "qemu.conf: security_require_confined = 1 does not go with security driver `none`",
        ),
    ] {
        assert_refused("qemu.conf", text, sentence);
    }
    for file in ["libvirtd.conf", "virtqemud.conf"] {
        assert_refused(
            file,
            "\nhost_uuid = 1",
            &format!("{file}:2: host_uuid must be a string in quotes"),
        );
        assert_refused(file, "host_uuid = '1'", &format!("{file}: host_uuid is not a valid UUID"));
        assert_refused(file, "a.b = 1", &format!("{file}:1: expected NAME = VALUE"));
    }
}

#[test]
fn a_daemon_without_privileges_refuses_an_account_that_does_not_exist() {
    let unprivileged = |text| ask(&host("qemu.conf", text, false));
    assert_eq!(unprivileged("user = 'no such'").code, Some(1));
    let ended = unprivileged("user = '+7'");
    assert_eq!(ended.code, Some(0));
    assert!(!String::from_utf8_lossy(&ended.stdout).contains("dac"));
}

/// Files that are accepted and refused, each for a reason of its own.
const FILES: [&[u8]; 40] = [
    b"",
    b"\n",
    b"# only a comment",
    b"user=\"+7\";",
    b"user=\"+7\"; group=\"+8\"\n",
    b";user=\"+7\"\n",
    b"user=\"+7\" group=\"+8\"\n",
    b"user=\"-1\"\n",
    b"user=\"-4294967295\"\n",
    b"user=\"-4294967296\"\n",
    b"user=\"++7\"\n",
    b"user=\" 7\"\n",
    b"user=\"7 \"\n",
    b"user=\"0x7\"\n",
    b"user=\"root\"\ngroup=\"root\"\n",
    b"user=\"\"\"+\n7\"\"\"\n",
    b"user=\"+7\0zz\"\n",
    b"user=\"+7\"\n\0\0\0",
    b"user=\"+7\"\r\n\r\n",
    b"# c\ruser=\"+7\"\r",
    b"user=\"+\r7\"\n",
    b"user='+7'\nuser=8\n",
    b"user=8\nuser='+7'\n",
    b"\x0buser='+7'\n",
    b"user_1=+1\n",
    b"user-1=1\n",
    b"user.1=1\n",
    b"a=0x1\n",
    b"a=[[\"x\"],[1,],]\n",
    b"a=[\"x\" # first\n]\n",
    b"a=[\"x\",,\"y\"]\n",
    b"a=[\n\n",
    b"security_driver=[\"none\",\"none\"]\n",
    b"security_driver=[\"none\",1]\n",
    b"security_default_confined=1\n",
    b"security_require_confined=1\n",
    b"security_require_confined=18446744073709551616\n",
    b"security_require_confined=\"1\"\n",
    b"max_files=-1\n",
    b"cgroup_device_acl=\"/dev/null\"\n",
];

/// Where `virsh` is.
fn virsh() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    has_program("virsh").then(|| {
        std::env::split_paths(&path)
            .map(|directory| directory.join("virsh"))
            .find(|virsh| virsh.is_file())
    })?
}

/// The security models of the driver that runs inside `virsh` with this `qemu.conf`; `None` where it does not start. Without a
/// `PATH` it has no emulators to start.
fn theirs(virsh: &Path, place: &Path, text: &[u8]) -> Option<String> {
    fs::create_dir_all(place.join("etc")).unwrap();
    fs::write(place.join("etc/qemu.conf"), text).unwrap();
    let uri = format!("qemu:///embed?root={}", place.display());
    let mut virsh = Command::new(virsh);
    secmodels(&run(virsh.env("PATH", "/nonexistent").args(["-c", &uri, "capabilities"]), LIMIT))
}

fn secmodels(ended: &Ended) -> Option<String> {
    let document = String::from_utf8(ended.stdout.clone()).unwrap();
    let begin = document.find("<secmodel>")?;
    Some(document[begin..document.find("</host>")?].to_owned())
}

#[test]
fn a_libvirt_on_this_machine_reads_the_same() {
    let Some(virsh) = virsh() else { return };
    let place = tempfile::tempdir().unwrap();
    let plain = theirs(&virsh, place.path(), b"");
    if !plain.as_ref().is_some_and(|models| models.contains("none")) {
        return eprintln!("skipped: virsh has no QEMU driver here, or another security driver");
    }
    let privileged = plain.is_some_and(|models| models.contains("dac"));
    for text in FILES {
        let ours = secmodels(&ask(&host("qemu.conf", text, privileged)));
        let theirs = theirs(&virsh, place.path(), text);
        assert_eq!(ours, theirs, "{:?}", String::from_utf8_lossy(text));
    }
}
