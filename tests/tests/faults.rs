//! Calls that fail. What libvirt takes for absence or for an error of one file is that, and other topics do not notice. Any
//! other failure is an error that names the file, or changes nothing: never another document.

use caps_core::{Driver, storage};
use caps_linux::{
    Errno, Error, Facts, FailedFact, Guests, Host, Observer, Outcome, Path, Topic, Unavailable,
};
use caps_tests::difference::assert_same;
use caps_tests::place::{directories, name, own_hosts, shared};
use caps_tests::recording::{Recording, document, element, text};
use caps_tests::tree::{Fault, Faulty};
use std::path::Path as Directory;

/// Errors that come again, because of what lies there.
const PERMANENT: [Errno; 4] = [Errno::NOENT, Errno::ACCES, Errno(21), Errno(40)];
/// ENOMEM, EMFILE, ENFILE, EIO, EINTR, EAGAIN.
const TROUBLE: [Errno; 6] = [Errno(12), Errno(24), Errno(23), Errno::IO, Errno::INTR, Errno::AGAIN];
const HOSTS: [&str; 6] = ["two-cpus", "node-gap", "hmat", "resctrl", "no-numa", "selinux"];

fn recording(host: &str) -> Recording {
    Recording::open(&own_hosts().join(host).join("root"))
}

/// The document where `fault` strikes, and the number of calls that it took.
fn faulty(recording: &Recording, fault: Fault, errno: Errno) -> (Result<Vec<u8>, Error>, usize) {
    let tree = Faulty::new(recording.root(), fault, errno);
    let made = recording.visit_through(&tree, document);
    (made, tree.calls())
}

#[test]
fn any_call_may_fail() {
    for host in HOSTS {
        let recording = recording(host);
        let (_, calls) = faulty(&recording, Fault::Nth(usize::MAX), Errno::IO);
        for errno in PERMANENT {
            for nth in 0..calls {
                let (made, _) = faulty(&recording, Fault::Nth(nth), errno);
                assert_whole(host, nth, made);
            }
        }
    }
}

fn assert_whole(host: &str, nth: usize, made: Result<Vec<u8>, Error>) {
    match made {
        Ok(document) => {
            let text = String::from_utf8(document).unwrap();
            let parsed = roxmltree::Document::parse(&text);
            assert!(parsed.is_ok(), "{host}, call {nth}: {text}");
        }
        Err(Error::Refused(_)) => {}
        Err(error) => panic!("{host}, call {nth}: {error}"),
    }
}

/// Every call of the probe of `host` fails in turn, with each of `errors` in turn: the same bytes, or an error of that source.
fn assert_same_or_unavailable(
    host: &Directory,
    errors: &[Errno],
    open: fn(&Directory) -> Recording,
) {
    let recording = open(&host.join("root"));
    let (whole, calls) = faulty(&recording, Fault::Nth(usize::MAX), Errno::IO);
    for (nth, errno) in (0..calls).flat_map(|nth| errors.iter().map(move |&errno| (nth, errno))) {
        let title = format!("{}, call {nth} of {calls} with {errno:?}", name(host));
        match (faulty(&recording, Fault::Nth(nth), errno).0, &whole) {
            (Err(Error::Unavailable(unavailable)), _) => {
                assert_eq!(unavailable.errno, errno, "{title}");
                assert!(unavailable.source.starts_with('/'), "{title}: {unavailable}");
            }
            (Ok(made), Ok(whole)) => assert_same(&title, whole, &made),
            (made, whole) => assert_eq!(made, *whole, "{title}"),
        }
    }
}

#[test]
fn trouble_is_never_another_document_of_own_hosts() {
    for open in [Recording::open, Recording::open_as_sysfs] {
        for host in directories(&own_hosts()) {
            assert_same_or_unavailable(&host, &TROUBLE, open);
        }
    }
}

#[test]
fn trouble_is_never_another_document_of_shared_hosts() {
    let Some(cases) = shared("cases/host") else { return };
    for (host, errno) in directories(&cases).iter().zip(TROUBLE.into_iter().cycle()) {
        assert_same_or_unavailable(host, &[errno], Recording::open);
    }
}

/// One that is denied is as good as none, as libvirt has it.
#[test]
fn a_configuration_file_that_fails_is_an_error_that_names_it() {
    let recording = recording("two-cpus");
    let whole = recording.document();
    for file in ["libvirtd.conf", "virtqemud.conf", "qemu.conf"] {
        let path = format!("/etc/libvirt/{file}");
        for errno in TROUBLE {
            let (made, _) = faulty(&recording, Fault::ReadingUnder(path.clone()), errno);
            let unavailable = Unavailable::new(&Path::new(&[&path.as_str()]), errno);
            assert_eq!(made, Err(unavailable.into()));
        }
        let (denied, _) = faulty(&recording, Fault::ReadingUnder(path), Errno::ACCES);
        assert_same(file, &whole, &denied.unwrap());
    }
}

#[test]
fn an_executable_that_cannot_be_looked_at_is_no_absent_emulator() {
    let recording = recording("two-cpus");
    for errno in TROUBLE {
        let tree = Faulty::new(recording.root(), Fault::Under("/usr/bin/qemu-kvm".into()), errno);
        let made = recording.visit_through(&tree, |host| {
            let mut storage = vec![0; storage::MAX];
            caps_linux::capabilities(
                host,
                &Driver::QEMU,
                Guests::Files,
                &mut storage,
                None,
                &mut (),
            )
            .map(|caps| text(&caps))
        });
        let source = Path::new(&[&"/usr/bin/qemu-kvm"]);
        assert_eq!(made, Err(Unavailable::new(&source, errno).into()));
    }
}

/// The document of `recording` if this fact could not be had.
fn without_fact(recording: &Recording, name: &'static str) -> Result<Vec<u8>, Error> {
    recording.visit(|host| {
        let failed = [FailedFact { name, source: "/dev/fact", errno: Errno(12) }];
        let facts = Facts {
            failed: &failed,
            tsc: None,
            logind: None,
            physical_bytes: 0,
            ..host.facts.clone()
        };
        document(&Host { facts: &facts, ..*host })
    })
}

#[test]
fn a_fact_that_failed_is_an_error_where_it_is_needed() {
    let unavailable = Error::Unavailable(Unavailable::new(&Path::new(&[&"/dev/fact"]), Errno(12)));
    for (host, name) in
        [("two-cpus", "logind"), ("no-numa", "phys_pages"), ("two-cpus", "kvm_tsc_khz")]
    {
        assert_eq!(without_fact(&recording(host), name), Err(unavailable.clone()), "{name}");
    }
    assert!(without_fact(&recording("two-cpus"), "phys_pages").is_ok());
}

/// Accepts holes, and counts them.
#[derive(Default)]
struct Holes(Vec<(Topic, String)>);

impl Observer for Holes {
    fn note(&mut self, topic: Topic, path: &Path, outcome: Outcome) {
        if let Outcome::Failed(_) = outcome {
            self.0.push((topic, String::from_utf8_lossy(path.as_bytes()).into_owned()));
        }
    }

    fn accepts_holes(&self) -> bool {
        true
    }
}

/// The document of `host` without what lies under `path`, and the holes in it.
fn partial(host: &str, path: &str) -> (String, Vec<(Topic, String)>) {
    let recording = recording(host);
    let tree = Faulty::new(recording.root(), Fault::Under(path.into()), Errno::IO);
    let (mut holes, mut storage) = (Holes::default(), vec![0; storage::MAX]);
    let made = recording.visit_through(&tree, |host| {
        let storage = &mut storage;
        caps_linux::capabilities(host, &Driver::QEMU, Guests::None, storage, None, &mut holes)
            .map(|caps| text(&caps))
    });
    (String::from_utf8(made.unwrap()).unwrap(), holes.0)
}

/// Nothing is put in the place of what is left out: no topology that is made up, no label of an account that may be another.
#[test]
fn a_partial_document_claims_nothing_of_what_failed() {
    let whole = String::from_utf8(recording("two-cpus").document()).unwrap();
    assert!(whole.contains("<model>dac</model>") && whole.contains("<uuid>"), "{whole}");
    let (made, holes) = partial("two-cpus", "/etc/passwd");
    assert_eq!(holes, [(Topic::Security, "/etc/passwd".into())]);
    assert!(!made.contains("<model>dac</model>"), "{made}");
    assert_eq!(part(&made, "topology"), part(&whole, "topology"));
    let core = "/sys/devices/system/cpu/cpu1/topology/core_id";
    let (made, holes) = partial("two-cpus", core);
    assert_eq!(holes, [(Topic::Numa, core.into())]);
    assert!(!made.contains("<cells"), "{made}");
    let (made, holes) = partial("two-cpus", "/sys/devices/virtual/dmi");
    assert_eq!(holes.len(), 1, "{holes:?}");
    assert!(!made.contains("<uuid>"), "{made}");
    let (made, _) = partial("selinux", "/etc/selinux/targeted");
    assert!(
        !made.contains("<model>selinux</model>") && made.contains("<model>dac</model>"),
        "{made}"
    );
    let (made, _) = partial("selinux", "/sys/fs/selinux");
    assert!(!made.contains("<secmodel>"), "{made}");
}

/// Children of `<host>`, `<cpu>` aside, which several topics share.
const ELEMENTS: [&str; 8] = [
    "power_management",
    "migration_features",
    "topology",
    "cache",
    "memory_bandwidth",
    "energy",
    "iommu",
    "uuid",
];

/// Asserts that the elements of `host` other than `but` are the same where nothing under `path` can be read.
fn assert_others_stay(host: &str, path: &str, but: &[&str]) {
    let recording = recording(host);
    let whole = String::from_utf8(recording.document()).unwrap();
    for errno in PERMANENT {
        let fault = Fault::ReadingUnder(path.to_owned());
        let (made, _) = faulty(&recording, fault, errno);
        let made = String::from_utf8(made.unwrap()).unwrap();
        for name in ELEMENTS.into_iter().filter(|name| !but.contains(name)) {
            let [expected, actual] = [&whole, &made].map(|document| part(document, name));
            let title = format!("<{name}> of {host} without {path}");
            assert_same(&title, expected.as_bytes(), actual.as_bytes());
        }
    }
}

/// An element of `<host>`, or its one line.
fn part<'d>(document: &'d str, name: &str) -> &'d str {
    let start = format!("    <{name}");
    let line = document.lines().find(|line| line.starts_with(&start)).unwrap_or_default();
    if line.ends_with(&format!("<{name}>")) { element(document, name) } else { line }
}

#[test]
fn other_topics_do_not_notice() {
    for host in ["two-cpus", "resctrl", "resctrl-cdp"] {
        assert_others_stay(host, "/sys/fs/resctrl", &["cache", "memory_bandwidth", "energy"]);
        assert_others_stay(host, "/sys/devices/system/node", &["topology"]);
        assert_others_stay(host, "/sys/kernel/mm/hugepages", &[]);
        assert_others_stay(host, "/sys/kernel/iommu_groups", &["iommu"]);
        assert_others_stay(host, "/sys/devices/virtual/dmi", &["uuid"]);
        assert_others_stay(host, "/proc/cpuinfo", &[]);
        assert_others_stay(host, "/etc", &[]);
        for cpu in [0, 1] {
            let cpu = format!("/sys/devices/system/cpu/cpu{cpu}");
            assert_others_stay(
                host,
                &format!("{cpu}/cache"),
                &["cache", "memory_bandwidth", "energy"],
            );
            assert_others_stay(host, &format!("{cpu}/topology"), &["topology"]);
        }
    }
}

/// What is there and cannot be read is an error where what is not there is none.
#[test]
fn denied_is_not_absent() {
    let recording = recording("two-cpus");
    let path = "/sys/devices/system/cpu/cpu1/topology/die_id".to_owned();
    let absent = faulty(&recording, Fault::Under(path.clone()), Errno::NOENT).0.unwrap();
    let absent = String::from_utf8(absent).unwrap();
    assert!(element(&absent, "topology").contains("die_id='0'"), "{absent}");
    let denied = faulty(&recording, Fault::ReadingUnder(path), Errno::ACCES).0.unwrap();
    let denied = String::from_utf8(denied).unwrap();
    // The real topology fails, and is made up: without distances.
    let topology = element(&denied, "topology");
    assert!(topology.contains("<cells num='1'>") && !topology.contains("<distances>"), "{denied}");
}
