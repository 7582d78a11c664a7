//! Machines come in the order in which the emulators of this machine list them to libvirt, which has them load all modules
//! before; and yet most of them load none.

use caps_qemu::probe::{Limits, ask};
use caps_qemu::{Found, find, verdict};
use rustix::fd::OwnedFd;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use serde_json::value::RawValue;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::mem::MaybeUninit;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A module that emulators with a PCI bus have.
const MODULE: &str = "hw-display-virtio-gpu.so";
const ASKED: [&str; 7] = [
    "query-version",
    "query-target",
    "query-accelerators",
    "query-kvm",
    "qom-list-properties",
    "qom-list-types",
    "query-machines",
];

/// All emulators along `PATH`.
fn emulators() -> Vec<Found> {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut executable = |path: &[u8]| {
        let file = fs::metadata(Path::new(str::from_utf8(path).unwrap()));
        file.is_ok_and(|file| file.is_file() && file.permissions().mode() & 1 != 0)
    };
    find(None, path.as_bytes(), &mut executable)
}

/// What an emulator says when it is asked for all types first, as libvirt does it.
fn as_libvirt_asks(emulator: &Path) -> String {
    let mut child = Command::new(emulator)
        .args(["-S", "-no-user-config", "-nodefaults", "-display", "none", "-qmp", "stdio"])
        .args(["-machine", "none,accel=kvm:tcg"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut questions = "{\"execute\":\"qmp_capabilities\"}\n".to_owned();
    for command in ASKED {
        let arguments = match command {
            "qom-list-properties" => ",\"arguments\":{\"typename\":\"tcg-accel\"}",
            _ => "",
        };
        questions += &format!("{{\"execute\":\"{command}\"{arguments},\"id\":\"{command}\"}}\n");
    }
    child.stdin.as_mut().unwrap().write_all(questions.as_bytes()).unwrap();
    // The greeting, and the answer to it.
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().skip(2).take(ASKED.len());
    let recorded = lines.zip(ASKED).map(|(line, command)| {
        let line = line.unwrap();
        let answer: std::collections::BTreeMap<&str, &RawValue> =
            serde_json::from_str(&line).unwrap();
        let (member, value) = answer.iter().find(|(name, _)| **name != "id").unwrap();
        format!("{{\"execute\":\"{command}\",\"{member}\":{value}}}\n")
    });
    let text = recorded.collect();
    child.kill().unwrap();
    child.wait().unwrap();
    text
}

/// Sees that the module is opened.
struct Watch(OwnedFd);

impl Watch {
    fn on(module: &Path) -> Self {
        let watch = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).unwrap();
        inotify::add_watch(&watch, module, WatchFlags::OPEN).unwrap();
        Self(watch)
    }

    /// Since it was asked last; several times one after the other may be told as one.
    fn opened(&self) -> usize {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = Reader::new(&self.0, &mut buffer);
        let mut count = 0;
        while let Ok(event) = events.next() {
            count += usize::from(event.events().contains(ReadFlags::OPEN));
        }
        count
    }
}

fn module() -> Option<PathBuf> {
    let directories = fs::read_dir("/usr/lib").ok()?.flatten();
    let mut modules = directories.map(|directory| directory.path().join("qemu").join(MODULE));
    modules.find(|module| module.exists())
}

#[test]
fn machines_come_in_libvirts_order() {
    // What the tests were started with is none of an emulator's.
    caps_linux::keep_descriptors().unwrap();
    let watch = module().map(|module| Watch::on(&module));
    let opened = || usize::from(watch.as_ref().is_some_and(|watch| watch.opened() > 0));
    let (emulators, mut loading) = (emulators(), [0; 2]);
    if emulators.is_empty() {
        eprintln!("skipped: no emulator here");
    }
    for found in &emulators {
        let said = ask(std::slice::from_ref(found), Limits::default(), &|_, _| {});
        loading[0] += opened();
        let path = Path::new(str::from_utf8(&found.emulator).unwrap());
        let theirs = Ok(as_libvirt_asks(path).into_bytes());
        loading[1] += opened();
        let machines = |said| verdict(said).map(|facts| facts.machines);
        assert_eq!(machines(&said[&found.emulator]), machines(&theirs), "{}", path.display());
    }
    let [ours, theirs] = loading;
    println!("{ours} of {} load {MODULE}, {theirs} if libvirt asks", emulators.len());
    assert!(ours * 2 <= theirs);
}
