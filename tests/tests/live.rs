//! This machine's document, compared with the libvirt that is installed: the host part, and then all of it.
//!
//! What is known to differ between versions is masked.

use caps_tests::caps;
use caps_tests::difference::assert_same;
use caps_tests::libvirtd::beside;
use caps_tests::masks::{guests, masked};
use caps_tests::program::run;
use std::fs;
use std::time::Duration;

/// Asking a machine full of emulators takes libvirt ten seconds, where it has the machine for itself.
const LIMIT: Duration = Duration::from_secs(600);

/// The documents of libvirt, which looks for emulators along `path`, and of the program. `None` where there is no libvirt, or
/// where it cannot be started.
fn both(path: &str, arguments: &[&str]) -> Option<[String; 2]> {
    let directory = tempfile::tempdir().unwrap();
    let mut command = beside(r#""$@" > "$place/ours.xml""#, directory.path(), path)?;
    let ended = run(command.arg(caps!().get_program()).args(arguments), LIMIT);
    let said = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap_or_default();
    let theirs = said("theirs.xml");
    if !theirs.contains("</host>") {
        eprintln!("skipped: libvirtd does not start here: {}{}", ended.stderr, said("log"));
        return None;
    }
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    Some([theirs, said("ours.xml")])
}

#[test]
fn the_host_part_is_the_installed_libvirts() {
    let Some([theirs, ours]) = both("/nowhere", &["--no-guests"]) else { return };
    assert!(ours.contains("<uuid>00112233-4455-6677-8899-aabbccddeeff</uuid>"), "{ours}");
    assert_same("this host", masked(&theirs).as_bytes(), masked(&ours).as_bytes());
}

#[test]
fn the_document_is_the_installed_libvirts() {
    let path = std::env::var("PATH").unwrap();
    let Some([theirs, ours]) = both(&path, &["--no-cache"]) else { return };
    let documents = [&theirs, &ours].map(|document| masked(document) + &guests(document));
    assert_same("this host and its guests", documents[0].as_bytes(), documents[1].as_bytes());
    println!("{} guests are the same", guests(&ours).matches("  <guest>\n").count());
}
