//! `<uuid>` where the firmware gives none.

use caps_tests::caps;
use caps_tests::program::run;
use caps_tests::recording::Recording;
use caps_tests::sketch::Sketch;
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
