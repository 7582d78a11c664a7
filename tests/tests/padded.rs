//! Text ends at the first NUL, in each file that a probe reads: files that were padded leave the document as it is.

use caps_linux::{Errno, Stat, Tree, Usage};
use caps_tests::difference::difference;
use caps_tests::place::{directories, name, own_hosts, shared};
use caps_tests::recording::{Recording, document};
use caps_tests::sketch::Sketch;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// What files are padded with: zeros, and what was in a buffer before.
const PADDINGS: [&[u8]; 2] = [b"\0", b"\0x\n"];

/// A tree whose files are padded, all that are not empty: with a byte they would be others.
struct Padded<'t> {
    tree: &'t dyn Tree,
    padding: &'static [u8],
}

/// Of these the first 36 bytes are read and have to be there, so that a NUL more may complete them; and those of the
/// configuration are for another parser.
fn is_apart(path: &caps_linux::Path) -> bool {
    let path = path.as_bytes();
    path.ends_with(b"/product_uuid") || path.ends_with(b".conf")
}

impl Tree for Padded<'_> {
    fn stream(
        &self,
        path: &caps_linux::Path,
        buffer: &mut [u8],
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        let (mut some, mut ended) = (false, false);
        self.tree.stream(path, buffer, &mut |chunk| {
            some |= !chunk.is_empty();
            let flow = visit(chunk);
            ended |= flow.is_break();
            flow
        })?;
        if some && !ended && !is_apart(path) {
            let _ = visit(self.padding);
        }
        Ok(())
    }

    fn read<'b>(&self, path: &caps_linux::Path, buffer: &'b mut [u8]) -> Result<&'b [u8], Errno> {
        let mut len = self.tree.read(path, buffer)?.len();
        if len > 0 && !is_apart(path) {
            for (byte, padding) in buffer[len..].iter_mut().zip(self.padding) {
                *byte = *padding;
                len += 1;
            }
        }
        Ok(&buffer[..len])
    }

    fn list(
        &self,
        path: &caps_linux::Path,
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        self.tree.list(path, visit)
    }

    fn stat(&self, path: &caps_linux::Path) -> Result<Stat, Errno> {
        self.tree.stat(path)
    }

    fn executable(&self, path: &caps_linux::Path) -> Result<Option<Stat>, Errno> {
        self.tree.executable(path)
    }

    fn is_sysfs(&self) -> bool {
        self.tree.is_sysfs()
    }
}

fn complaints(cases: Vec<PathBuf>) -> Vec<String> {
    let mut complaints = Vec::new();
    for case in cases {
        let recording = Recording::open(&case.join("root"));
        for padding in PADDINGS {
            let padded = Padded { tree: recording.root(), padding };
            let after = recording.visit_through(&padded, document).unwrap();
            complaints.extend(difference(&name(&case), &recording.document(), &after));
        }
    }
    complaints
}

#[test]
fn own_hosts_may_be_padded() {
    let complaints = complaints(directories(&own_hosts()));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn shared_hosts_may_be_padded() {
    let Some(cases) = shared("cases/host") else { return };
    let complaints = complaints(directories(&cases));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The shared cases: libvirt reads these trees as it reads them without what is odd.
#[test]
fn shared_trees_with_odd_text_are_libvirts() {
    for case in ["nul-lists", "nul-cache-type", "cpumap-0x"] {
        let Some(case) = shared(&format!("cases/faults/{case}")) else { return };
        let expected = fs::read(case.join("expect.xml")).unwrap();
        let actual = Recording::open(&case.join("root")).document();
        let complaint = difference(&name(&case), &expected, &actual);
        assert!(complaint.is_none(), "{}", complaint.unwrap_or_default());
    }
}

/// Profiles are one text, which ends at its first NUL; accounts are lines, each of which ends at its own.
#[test]
fn what_a_nul_ends_depends_on_the_reader() {
    let document = |profiles: &str, passwd: &str| {
        let mut host = Sketch::default();
        host.facts("privileged yes\n").file("sys/kernel/security/apparmor/profiles", profiles);
        host.file("etc/passwd", passwd);
        let root = host.directory();
        String::from_utf8(Recording::open(root.path()).document()).unwrap()
    };
    let account = "ro\0t:x:0:0:\nlibvirt-qemu:x:7:7:\n";
    assert!(document("a (enforce)\nlibvirtd (enforce)\n\0", account).contains("<model>apparmor"));
    let hidden = document("a\0 (enforce)\nlibvirtd (enforce)\n", account);
    assert!(hidden.contains("<model>none") && hidden.contains("+7:+0"), "{hidden}");
}

#[test]
fn usage_may_be_padded() {
    let mut host = Sketch::default();
    host.cpus("0-1\n\0", "0\0").node(0, "1", 1024).node(1, "2", 512);
    host.file("proc/stat", "cpu  1 2 3 4 5 6 7\0\n\0");
    host.file(
        "sys/devices/system/node/node0/meminfo",
        "Node 0 MemTotal: 9 kB\0\nNode 0 MemFree: 8 kB\n\0\0",
    );
    let root = host.directory();
    let recording = Recording::open(root.path());
    let usage = Usage::new(recording.root(), true);
    assert_eq!(usage.present_cpus().map(|cpus| cpus.len()), Some(2));
    assert_eq!(usage.online_cpus().map(|cpus| cpus.len()), Some(1));
    assert_eq!(
        usage.cell_memory(0).map(|memory| (memory.total_kib, memory.free_kib)),
        Some((9, 8))
    );
    assert_eq!(usage.cpu_ticks(None).flatten().map(|ticks| ticks.idle), Some(4));
}
