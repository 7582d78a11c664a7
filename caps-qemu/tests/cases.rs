//! Recorded replies: the guests of each shared case, byte for byte, and recordings that lack something.

use caps_core::{Arch, Builder};
use caps_qemu::{Query, Recordings, Rejection, RosterBuf, verdict};
use std::fs;
use std::path::PathBuf;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/guests");

/// The blocks of these guests.
fn blocks(roster: &RosterBuf) -> Vec<u8> {
    let mut storage = vec![0; 1 << 20];
    let mut builder = Builder::new(&mut storage);
    roster.roster().add_guests(&mut builder);
    let caps = builder.finish().unwrap();
    let mut text = vec![0; 1 << 20];
    let mut sink = caps_core::sink::SliceSink::new(&mut text);
    caps_xml::write_guests(&caps, &mut sink).unwrap();
    sink.written().to_vec()
}

fn blocks_of(recordings: &Recordings) -> Vec<u8> {
    let found = recordings.find(Some(Arch::X86_64), b"/usr/local/bin:/usr/bin");
    blocks(&RosterBuf::of_sayings(&found, &recordings.said(&found)))
}

fn cases() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(CASES) else {
        eprintln!("skipped: no ../shared/cases/guests beside the project");
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_shared_case() {
    for case in cases() {
        let expected = fs::read(case.join("expect.xml")).unwrap();
        let made = blocks_of(&Recordings::of_directory(&case).unwrap());
        let text = String::from_utf8_lossy;
        assert!(made == expected, "{}:\n{}", case.display(), text(&made));
    }
}

/// What a recording says, under another name, without its last line.
#[test]
fn a_recording_that_ends_early_is_rejected() {
    let directory = tempfile::tempdir().unwrap();
    let name = "usr%bin%qemu-system-sh4.jsonl";
    let text = "{\"execute\":\"query-version\",\"return\":{\"qemu\":{\"major\":9,\"minor\":0}}}\n";
    fs::write(directory.path().join(name), text).unwrap();
    fs::write(directory.path().join("README"), "no recording").unwrap();
    let recordings = Recordings::of_directory(directory.path()).unwrap();
    let found = recordings.find(None, b"");
    let said = recordings.said(&found);
    let sh4 = verdict(&said[b"/usr/bin/qemu-system-sh4".as_slice()]);
    assert_eq!(sh4, Err(Rejection::Missing(Query::Target)));
    assert_eq!(blocks(&RosterBuf::of_sayings(&found, &said)), b"");
}

#[test]
fn a_name_tells_the_path() {
    let path = |name: &str| Recordings::emulator_of(name.as_bytes());
    assert_eq!(path("usr%bin%kvm.jsonl").unwrap(), b"/usr/bin/kvm");
    assert_eq!(Recordings::file_name(b"/usr/bin/kvm"), b"usr%bin%kvm.jsonl");
    assert_eq!(path("%usr%bin%kvm.jsonl").unwrap(), b"/usr/bin/kvm");
    assert_eq!(path("usr%bin%kvm"), None);
}
