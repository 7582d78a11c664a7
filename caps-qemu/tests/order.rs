//! Machines come in the order in which the emulators of this machine list them to libvirt, which has them load all modules
//! before.

mod support;

use caps_qemu::probe::{Limits, ask};
use caps_qemu::{Query, verdict};
use rustix::fd::OwnedFd;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::emulators;

/// A module that emulators with a PCI bus have.
const MODULE: &str = "hw-display-virtio-gpu.so";

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
    for query in Query::ALL {
        let arguments = match query {
            Query::TcgProperties => ",\"arguments\":{\"typename\":\"tcg-accel\"}",
            _ => "",
        };
        questions += &format!("{{\"execute\":\"{query}\"{arguments},\"id\":\"{query}\"}}\n");
    }
    child.stdin.as_mut().unwrap().write_all(questions.as_bytes()).unwrap();
    // The greeting, and the answer to it.
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().skip(2).take(Query::ALL.len());
    let recorded = lines.zip(Query::ALL).map(|(line, query)| {
        let line = line.unwrap();
        let answer: BTreeMap<&str, &RawValue> = serde_json::from_str(&line).unwrap();
        let (member, value) = answer.iter().find(|(name, _)| **name != "id").unwrap();
        format!("{{\"execute\":\"{query}\",\"{member}\":{value}}}\n")
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

    /// Whether it was, since that was asked last.
    fn opened(&self) -> bool {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = Reader::new(&self.0, &mut buffer);
        let mut opened = false;
        while let Ok(event) = events.next() {
            opened |= event.events().contains(ReadFlags::OPEN);
        }
        opened
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
    let opened = || usize::from(watch.as_ref().is_some_and(Watch::opened));
    let (emulators, mut loading) = (emulators(None), [0; 2]);
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
    assert_eq!(ours, theirs);
}
