//! `<uuid>` where the firmware gives none.

use caps_core::Uuid;
use caps_linux::{Environment, Errno, Error, Facts, FailedFact, Host, Live, Native, Unavailable};
use caps_tests::caps;
use caps_tests::program::run;
use caps_tests::recording::{Recording, document};
use caps_tests::sketch::Sketch;
use caps_tests::tree::{Fault, Faulty};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);
const MACHINE_ID: &str = "0123456789abcdef0123456789abcdef";
/// As `systemd-id128 machine-id --app-specific=...` prints it for that machine id.
const DERIVED: &str = "b07689ec-5f7f-43ce-bb9e-11e75905e85e";
const OTHER: &str = "00112233-4455-4677-8899-aabbccddeeff";

fn host() -> Sketch {
    let mut host = Sketch::default();
    host.facts("phys_pages 1\nnuma no\n").line("etc/machine-id", MACHINE_ID);
    host
}

/// The UUID in the document of `host`; empty where there is none.
fn uuid(host: &Sketch) -> String {
    uuid_of(&Recording::open(host.directory().path()).document())
}

fn uuid_of(document: &[u8]) -> String {
    let text = String::from_utf8_lossy(document);
    let after = text.split("<uuid>").nth(1).unwrap_or("");
    after.split("</uuid>").next().unwrap_or("").to_owned()
}

#[test]
fn it_is_derived_from_the_machine_id() {
    assert_eq!(uuid(&host()), DERIVED);
    let other = uuid(host().line("etc/machine-id", "fedcba9876543210fedcba9876543210"));
    assert!(other.len() == 36 && other != DERIVED, "{other}");
}

#[test]
fn a_host_without_a_machine_id_has_none() {
    for text in ["", "uninitialized\n", "00000000000000000000000000000000\n"] {
        assert_eq!(uuid(host().file("etc/machine-id", text)), "", "{text}");
    }
}

#[test]
fn other_sources_go_before_the_machine_id() {
    let fact = format!("phys_pages 1\nnuma no\nrandom_uuid {OTHER}\n");
    let setting = format!("host_uuid = \"{OTHER}\"\n");
    assert_eq!(uuid(host().facts(&fact)), OTHER);
    assert_eq!(uuid(host().line("sys/devices/virtual/dmi/id/product_uuid", OTHER)), OTHER);
    assert_eq!(uuid(host().file("etc/libvirt/libvirtd.conf", setting)), OTHER);
    let source = "host_uuid_source = \"machine-id\"\n";
    let itself = uuid(host().file("etc/libvirt/libvirtd.conf", source));
    assert_eq!(itself.replace('-', ""), MACHINE_ID);
}

/// The document of `host` that could draw no random UUID, if reading its machine id fails with `errno`.
fn without_random(host: &Sketch, errno: Errno) -> Result<String, Error> {
    let directory = host.directory();
    let recording = Recording::open(directory.path());
    let fault = Fault::Under("/etc/machine-id".into());
    let tree = Faulty::new(recording.root(), fault, errno);
    let failed = [FailedFact { name: "random_uuid", source: "getrandom", errno: Errno::IO }];
    recording.visit_through(&tree, |host| {
        let facts = Facts { failed: &failed, ..host.facts.clone() };
        Ok(uuid_of(&document(&Host { facts: &facts, ..*host })?))
    })
}

fn unavailable(source: &str, errno: Errno) -> Result<String, Error> {
    Err(Unavailable::new(&caps_linux::Path::new(&[&source]), errno).into())
}

#[test]
fn a_machine_id_that_fails_is_an_error_and_one_that_is_denied_is_none() {
    for errno in [12, 24, 5, 4].map(Errno) {
        assert_eq!(without_random(&host(), errno), unavailable("/etc/machine-id", errno));
    }
    for errno in [Errno::NOENT, Errno::ACCES] {
        assert_eq!(without_random(&host(), errno), unavailable("getrandom", Errno::IO));
    }
}

#[test]
fn a_random_uuid_is_needed_only_without_another() {
    let failed = [FailedFact { name: "random_uuid", source: "getrandom", errno: Errno::IO }];
    let directory = host().directory();
    let document = Recording::open(directory.path()).visit(|host| {
        document(&Host { facts: &Facts { failed: &failed, ..host.facts.clone() }, ..*host })
    });
    assert_eq!(uuid_of(&document.unwrap()), DERIVED);
}

/// As an agent does after a failure.
#[test]
fn a_random_uuid_stays_where_facts_are_asked_for_again() {
    let (native, drawn) = (Native::open(), Some(Uuid(*b"0123456789abcdef")));
    let ask = |last_uuid| {
        let system_bus = b"/nowhere".as_slice();
        let environment = Environment { system_bus, last_uuid, ..Environment::default() };
        Live::ask(&native, environment).unwrap().facts().last_uuid
    };
    assert_eq!(ask(drawn), drawn);
    assert!(ask(None).is_some_and(|uuid| uuid.is_valid()) && ask(None) != ask(None));
}

/// A record has the machine id; a scrubbed one has neither that nor the UUID.
#[test]
fn a_record_keeps_it_and_a_scrubbed_one_does_not() {
    let (host, place) = (host().directory(), tempfile::tempdir().unwrap());
    let record = |name: &str, options: &[&str]| {
        let place = place.path().join(name);
        let mut command = caps!();
        command.arg("--root").arg(host.path()).arg("record").arg(&place).args(options);
        let ended = run(command.arg("--no-guests"), LIMIT);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        place
    };
    assert_eq!(uuid_of(&Recording::open(&record("plain", &[])).document()), DERIVED);
    let scrubbed = record("scrubbed", &["--scrub"]);
    let scrubbed_uuid = uuid_of(&Recording::open(&scrubbed).document());
    assert!(scrubbed_uuid.len() == 36 && scrubbed_uuid != DERIVED, "{scrubbed_uuid}");
    let kept = ["facts", "etc/machine-id"].map(|name| fs::read_to_string(scrubbed.join(name)));
    let [facts, machine_id] = kept.map(Result::unwrap);
    assert!(!facts.contains(DERIVED) && !machine_id.contains(MACHINE_ID), "{facts}{machine_id}");
}

#[test]
fn each_run_prints_the_same_and_so_does_capsd() {
    let id = fs::read(Path::new("/etc/machine-id")).unwrap_or_default();
    if !caps_linux::parse::uuid::uuid(&id).is_ok_and(|id| id.is_valid()) {
        return eprintln!("skipped: this machine has no machine id");
    }
    let print = |command: &mut Command| uuid_of(&run(command, LIMIT).stdout);
    let first = print(caps!().args(["--no-guests", "--no-cache"]));
    assert!(!first.is_empty());
    assert_eq!(first, print(caps!().args(["--no-guests", "--no-cache"])));
    let mut capsd = Command::new(caps_tests::agent::program());
    assert_eq!(first, print(capsd.args(["--no-guests", "--once"])));
}
