//! Guests by looking for files: the table, PATH under the root, KVM, and machines of an older document.

use caps_core::{Builder, Caps, Driver, Guest, HostCpu, Machine};
use caps_linux::{Error, Facts, Guests, Host, Root};
use std::ffi::CString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A recorded host that has nothing but these emulators.
fn host(name: &str, emulators: &[&str]) -> (std::path::PathBuf, Root) {
    let directory = std::env::temp_dir().join(format!("caps-guests-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    for emulator in emulators {
        let path = directory.join(emulator.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, b"").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::create_dir_all(&directory).unwrap();
    let root = Root::recorded(&CString::new(directory.to_str().unwrap()).unwrap()).unwrap();
    (directory, root)
}

fn document<'s>(
    root: &Root,
    kvm: bool,
    storage: &'s mut [u8],
    old: Option<&mut Caps<'_>>,
) -> Caps<'s> {
    let facts =
        Facts { machine: "x86_64", kvm, path: b"/opt/bin:/usr/bin/:relative", ..Facts::default() };
    let host = Host { tree: root, facts: &facts, cpuid: None };
    caps_linux::capabilities(&host, &Driver::QEMU, Guests::Files, storage, old, &mut ()).unwrap()
}

fn text(caps: &Caps<'_>) -> String {
    let mut text = vec![0; 1 << 16];
    let mut sink = caps_core::sink::SliceSink::new(&mut text);
    caps_xml::write(caps, &mut sink).unwrap();
    String::from_utf8(sink.written().into()).unwrap()
}

fn emulators(caps: &Caps<'_>) -> Vec<(String, String)> {
    let utf8 = |bytes: &[u8]| String::from_utf8(bytes.into()).unwrap();
    caps.guests()
        .map(|entry| (entry.guest.arch.name().into(), utf8(entry.guest.emulator)))
        .collect()
}

#[test]
fn the_first_name_of_the_first_place_is_taken() {
    let (directory, root) = host(
        "first",
        &["/usr/bin/qemu-system-x86_64", "/opt/bin/qemu-system-arm", "/usr/bin/qemu-system-arm"],
    );
    let mut storage = [0; 4096];
    let caps = document(&root, false, &mut storage, None);
    let expected = [
        ("i686", "/usr/bin/qemu-system-x86_64"),
        ("x86_64", "/usr/bin/qemu-system-x86_64"),
        ("armv7l", "/opt/bin/qemu-system-arm"),
    ];
    assert_eq!(emulators(&caps), expected.map(|(arch, path)| (arch.into(), path.into())));
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn what_is_no_program_is_passed_over() {
    let (directory, root) = host(
        "program",
        &["/usr/bin/qemu-system-mips", "/opt/bin/qemu-system-ppc/x", "/opt/bin/qemu-system-s390x"],
    );
    fs::set_permissions(
        directory.join("opt/bin/qemu-system-s390x"),
        fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    let mut storage = [0; 4096];
    assert_eq!(
        emulators(&document(&root, false, &mut storage, None)),
        [("mips".into(), "/usr/bin/qemu-system-mips".into())]
    );
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn kvm_needs_the_device_and_an_emulator_of_its_own() {
    let (directory, root) = host("kvm", &["/usr/libexec/qemu-kvm", "/usr/bin/kvm"]);
    let mut storage = [0; 4096];
    assert_eq!(document(&root, false, &mut storage, None).guests().count(), 0);
    let with_kvm = text(&document(&root, true, &mut storage, None));
    let domain = "      <domain type='kvm'>\n        <emulator>/usr/libexec/qemu-kvm</emulator>\n      </domain>\n";
    assert_eq!(with_kvm.matches(domain).count(), 2, "{with_kvm}");
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn features_are_those_of_the_table() {
    let (directory, root) = host("features", &["/usr/bin/qemu"]);
    let mut storage = [0; 4096];
    let text = text(&document(&root, false, &mut storage, None));
    let features = "    <features>\n      <pae/>\n      <nonpae/>\n      <acpi default='on' toggle='yes'/>\n      \
                    <apic default='on' toggle='no'/>\n    </features>\n";
    assert!(text.contains(features), "{text}");
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn xenner_guests_come_last() {
    let (directory, root) = host("xenner", &["/usr/bin/xenner", "/usr/bin/qemu-system-sparc"]);
    let mut storage = [0; 4096];
    let caps = document(&root, true, &mut storage, None);
    let systems: Vec<&str> = caps.guests().map(|entry| entry.guest.os_type.name()).collect();
    assert_eq!(systems, ["hvm", "xen", "xen"]);
    assert!(text(&caps).contains("<machine>xenner</machine>\n      <domain type='kvm'/>\n"));
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn machines_come_from_an_older_document_of_the_same_emulator() {
    let (directory, root) = host("old", &["/usr/bin/qemu-system-x86_64"]);
    let (mut first, mut second, mut third) = ([0; 4096], [0; 4096], [0; 4096]);
    let found = document(&root, false, &mut first, None);
    let mut old = with_machine(&found.guests().last().unwrap().guest, &mut second);
    let new = document(&root, false, &mut third, Some(&mut old));
    let machines: Vec<usize> = new.guests().map(|entry| entry.machines.count()).collect();
    assert_eq!(machines, [0, 1]);
    touch(&directory.join("usr/bin/qemu-system-x86_64"));
    let new = document(&root, false, &mut third, Some(&mut old));
    assert!(new.guests().all(|entry| entry.machines.is_empty()));
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn an_older_document_keeps_its_cpu_where_nothing_comes_of_the_new_one() {
    let (directory, root) = host("cpu", &["/usr/bin/qemu-system-x86_64"]);
    let facts = Facts { machine: "x86_64", ..Facts::default() };
    let host = Host { tree: &root, facts: &facts, cpuid: None };
    let mut first = [0; 4096];
    let mut builder = Builder::new(&mut first);
    builder.cpu(&HostCpu { model: Some("a model of that time"), ..HostCpu::default() }, []);
    let mut old = builder.finish().unwrap();
    let mut make = |size: usize| {
        let mut storage = vec![0; size];
        let driver = &Driver::QEMU;
        let made = caps_linux::capabilities(
            &host,
            driver,
            Guests::Files,
            &mut storage,
            Some(&mut old),
            &mut (),
        );
        (made.map(drop), old.cpu().is_some())
    };
    // Room for the CPU and no more, or for nothing: the same answer, and nothing is lost.
    let (Err(Error::Full(full)), true) = make(0) else { panic!() };
    for size in 1..full.needed {
        let (Err(Error::Full(other)), true) = make(size) else { panic!("{size}") };
        assert_eq!(other.needed, full.needed, "{size}");
    }
    assert_eq!(make(full.needed), (Ok(()), false));
    fs::remove_dir_all(directory).unwrap();
}

/// A document in which `guest` has a machine.
fn with_machine<'s>(guest: &Guest<'_>, storage: &'s mut [u8]) -> Caps<'s> {
    let mut builder = Builder::new(storage);
    builder.guest(guest).machine(&Machine { name: b"q35", ..Machine::default() });
    builder.finish().unwrap()
}

fn touch(path: &Path) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(7))
        .unwrap();
}
