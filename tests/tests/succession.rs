//! One document after another of the same host: what the next one takes from the one before.

use caps_core::{Builder, Caps, Driver, HostCpu};
use caps_linux::{Guests, Host, Unavailable};
use caps_qemu::{Found, RosterBuf, Sayings, remember};
use caps_roster::{Roster, Surroundings};
use caps_tests::place::{copy_tree, own_hosts};
use caps_tests::recording::{Recording, text};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};
use tempfile::TempDir;

const EMULATOR: &str = "usr/bin/qemu-system-sparc";

const SAID: &str = r#"
{"execute":"query-version","return":{"qemu":{"major":9,"minor":0}}}
{"execute":"query-target","return":{"arch":"sparc"}}
{"execute":"query-kvm","return":{"present":false,"enabled":false}}
{"execute":"qom-list-types","return":[{"name":"tcg-accel"}]}
{"execute":"query-machines","return":[{"name":"LX","cpu-max":1},{"name":"SS-5","cpu-max":1,"alias":"ss5"}]}
"#;

/// A recorded host with an emulator, which was changed at a time that is known.
fn host() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    copy_tree(&own_hosts().join("two-cpus/root"), directory.path());
    let emulator = directory.path().join(EMULATOR);
    fs::create_dir_all(emulator.parent().unwrap()).unwrap();
    fs::write(&emulator, "").unwrap();
    fs::set_permissions(&emulator, Permissions::from_mode(0o755)).unwrap();
    touch(&emulator, 7);
    (directory, emulator)
}

fn touch(path: &Path, seconds: u64) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

/// What the emulators of `host` said.
fn roster(host: &Host<'_>) -> RosterBuf {
    let ask = |found: &[Found]| {
        let said = found.iter().map(|found| (found.emulator.clone(), Ok(SAID.into())));
        Ok::<_, Unavailable>(said.collect::<Sayings>())
    };
    let now = Surroundings::of(host, "6.1").unwrap();
    remember(host, &now, &Roster::default(), ask).unwrap().roster
}

fn document<'s>(
    host: &Host<'_>,
    guests: Guests<'_>,
    storage: &'s mut [u8],
    old: Option<&mut Caps<'_>>,
) -> Caps<'s> {
    caps_linux::capabilities(host, &Driver::QEMU, guests, storage, old, &mut ()).unwrap()
}

fn machines(caps: &Caps<'_>) -> Vec<String> {
    let text = String::from_utf8(text(caps)).unwrap();
    let lines = text.lines().filter(|line| line.contains("<machine"));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// The light mode starts no emulator: it has the names of machines that one told before.
#[test]
fn machines_outlive_their_document() {
    let (directory, emulator) = host();
    let recording = Recording::open(directory.path()).with_fact("path /usr/bin");
    recording.visit(|host| {
        let (mut first, mut second) = (vec![0; 1 << 16], vec![0; 1 << 16]);
        let roster = roster(host);
        let add = |builder: &mut Builder<'_>| roster.roster().add_guests(builder);
        let mut told = document(host, Guests::Added(&add), &mut first, None);
        assert_eq!(
            machines(&told),
            [
                "<machine maxCpus='1'>SS-5</machine>",
                "<machine canonical='SS-5' maxCpus='1'>ss5</machine>",
                "<machine maxCpus='1'>LX</machine>",
            ]
        );
        let light = document(host, Guests::Files, &mut second, Some(&mut told));
        let names = ["<machine>SS-5</machine>", "<machine canonical='SS-5'>ss5</machine>"];
        assert_eq!(machines(&light)[..2], names);
        touch(&emulator, 8);
        let light = document(host, Guests::Files, &mut second, Some(&mut told));
        assert_eq!(machines(&light), Vec::<String>::new());
    });
}

/// Whatever guests the next one has.
#[test]
fn the_cpu_moves_on() {
    let (directory, _) = host();
    let recording = Recording::open(directory.path());
    recording.visit(|host| {
        let (mut first, mut second) = (vec![0; 1 << 16], vec![0; 1 << 16]);
        let mut builder = Builder::new(&mut first);
        builder.cpu(&HostCpu { model: Some("of that time"), ..HostCpu::default() }, []);
        let mut old = builder.finish().unwrap();
        let roster = roster(host);
        let add = |builder: &mut Builder<'_>| roster.roster().add_guests(builder);
        let new = document(host, Guests::Added(&add), &mut second, Some(&mut old));
        assert_eq!(new.cpu().unwrap().model, Some("of that time"));
        assert!(old.cpu().is_none() && new.guests().count() == 1);
    });
}
