//! A roster is kept as a whole or not at all, and only where nobody else could have written it.

use caps_linux::{Root, TscFacts};
use caps_qemu::{Epoch, RosterBuf, Store, Trouble};
use caps_roster::{Unreadable, Untrusted};
use rustix::fs::{FlockOperation, flock};
use std::ffi::CString;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SHORT: Duration = Duration::from_millis(20);

fn store() -> (TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::new(directory.path().join("a/b"));
    (directory, store)
}

fn roster() -> RosterBuf {
    RosterBuf::of_sayings(&[], &[(b"/q".to_vec(), Ok(Vec::new()))].into())
}

fn kept() -> (TempDir, Store) {
    let (directory, store) = store();
    store.lock(SHORT).unwrap().write(&roster()).unwrap();
    (directory, store)
}

#[test]
fn what_is_written_is_read() {
    let (_keep, store) = store();
    assert!(store.read().unwrap().is_none());
    let lock = store.lock(SHORT).unwrap();
    // One that was killed left a part of another.
    fs::write(store.path().with_extension("new"), "half").unwrap();
    lock.write(&roster()).unwrap();
    assert_eq!(store.read().unwrap().unwrap().as_bytes(), roster().as_bytes());
    assert!(!store.path().with_extension("new").exists());
    assert!(store.clear().unwrap() && !store.clear().unwrap());
    assert!(store.read().unwrap().is_none());
}

#[test]
fn what_is_something_else_is_told() {
    let (_keep, store) = kept();
    let whole = fs::read(store.path()).unwrap();
    let unreadable = |bytes: &[u8]| {
        fs::write(store.path(), bytes).unwrap();
        match store.read() {
            Err(Trouble::Unreadable(path, why)) if path == store.path() => Some(why),
            Ok(None) => None,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(unreadable(b""), Some(Unreadable::Foreign));
    assert_eq!(unreadable(&whole[..whole.len() - 1]), Some(Unreadable::Damaged));
    let mut other = whole.clone();
    other[8] ^= 1;
    assert_eq!(unreadable(&other), None, "another version is no trouble");
    assert_eq!(unreadable(&vec![0; caps_roster::MAX_BYTES + 9]), Some(Unreadable::Foreign));
}

#[test]
fn what_others_may_write_is_not_trusted() {
    let (keep, store) = kept();
    fs::set_permissions(store.path(), Permissions::from_mode(0o664)).unwrap();
    assert!(matches!(store.read(), Err(Trouble::Untrusted(..))));
    fs::set_permissions(store.path(), Permissions::from_mode(0o600)).unwrap();
    assert!(store.read().is_ok());
    let elsewhere = keep.path().join("elsewhere");
    fs::rename(store.path(), &elsewhere).unwrap();
    symlink(&elsewhere, store.path()).unwrap();
    assert!(matches!(store.read(), Err(Trouble::File(..))));
    store.lock(SHORT).unwrap().write(&roster()).unwrap();
    assert!(store.read().unwrap().is_some() && elsewhere.exists());
    fs::remove_file(store.path()).unwrap();
    fs::create_dir(store.path()).unwrap();
    assert!(store.read().is_err() && store.clear().is_err());
    assert!(store.lock(SHORT).unwrap().write(&roster()).is_err());
}

#[test]
fn one_at_a_time() {
    let (_keep, store) = store();
    let first = store.lock(SHORT).unwrap();
    let begin = Instant::now();
    assert!(matches!(store.lock(SHORT), Err(Trouble::Busy(_))));
    assert!(begin.elapsed() >= SHORT);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| store.lock(Duration::from_secs(60)).map(drop));
        std::thread::sleep(SHORT);
        drop(first);
        assert!(second.join().unwrap().is_ok());
    });
}

#[test]
fn a_place_that_cannot_be_made_is_told() {
    let (keep, store) = store();
    fs::write(keep.path().join("a"), "").unwrap();
    let trouble = store.lock(SHORT).unwrap_err();
    assert!(trouble.to_string().contains("a/b: "), "{trouble}");
    assert!(matches!(store.read(), Err(Trouble::File(..))));
}

/// The epoch of a host with this boot and this device.
fn epoch(boot: &str, kvm: Option<&str>) -> Option<Epoch> {
    let host = tempfile::tempdir().unwrap();
    let file = |path: &str, text: &str| {
        let path = host.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    file("proc/sys/kernel/random/boot_id", boot);
    kvm.inspect(|kvm| file("dev/kvm", kvm));
    let root = CString::new(host.path().to_str().unwrap()).unwrap();
    Epoch::of(&Root::recorded(&root).unwrap())
}

const TSC: TscFacts = TscFacts { khz: 2_596_152, control: 1 };

#[test]
fn the_tsc_is_known_until_the_next_boot() {
    let (_keep, store) = store();
    let now = epoch("a\n", Some("")).unwrap();
    assert_eq!(store.tsc(&now), None);
    store.lock(SHORT).unwrap().keep_tsc(&now, TSC).unwrap();
    assert_eq!(store.tsc(&now), Some(TSC));
    assert_eq!(epoch("a\n", None), None);
    for later in [epoch("b\n", Some("")), epoch("a\n", Some("another"))] {
        assert_eq!(store.tsc(&later.unwrap()), None);
    }
    assert!(!store.clear().unwrap(), "there was no roster");
    assert_eq!(store.tsc(&now), None);
}

#[test]
fn a_broken_tsc_is_not_known() {
    let (_keep, store) = store();
    let now = epoch("a\n", Some("")).unwrap();
    store.lock(SHORT).unwrap().keep_tsc(&now, TSC).unwrap();
    let path = store.path().with_file_name("tsc");
    let whole = fs::read(&path).unwrap();
    for len in 0..whole.len() - 2 {
        fs::write(&path, &whole[..len]).unwrap();
        assert_eq!(store.tsc(&now), None, "{len}");
    }
    fs::write(&path, [&whole[..], b"1"].concat()).unwrap();
    assert_eq!(store.tsc(&now), None);
    fs::write(&path, &whole).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o646)).unwrap();
    assert_eq!(store.tsc(&now), None, "others may write it");
}

/// The mode of the lock.
fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn nobody_else_can_open_the_lock() {
    let (_keep, store) = kept();
    let lock = store.path().with_file_name("lock");
    assert_eq!(mode(&lock), 0o600);
    // As an earlier version made it: somebody may hold it already.
    fs::set_permissions(&lock, Permissions::from_mode(0o644)).unwrap();
    let held = File::open(&lock).unwrap();
    flock(&held, FlockOperation::LockExclusive).unwrap();
    store.lock(SHORT).unwrap().write(&roster()).unwrap();
    assert_eq!(mode(&lock), 0o600);
}

#[test]
fn what_is_no_lock_is_not_waited_for() {
    let (keep, store) = kept();
    let lock = store.path().with_file_name("lock");
    let refused = || {
        let begin = Instant::now();
        let trouble = store.lock(Duration::from_secs(60)).unwrap_err();
        assert!(begin.elapsed() < Duration::from_secs(30));
        trouble
    };
    fs::remove_file(&lock).unwrap();
    assert!(Command::new("mkfifo").arg(&lock).status().unwrap().success());
    assert!(matches!(refused(), Trouble::File(..)), "nobody reads the FIFO");
    let reader = File::options().read(true).write(true).open(&lock).unwrap();
    assert!(matches!(refused(), Trouble::Untrusted(_, Untrusted::NotRegular)));
    drop(reader);
    fs::remove_file(&lock).unwrap();
    symlink(keep.path().join("elsewhere"), &lock).unwrap();
    assert!(matches!(refused(), Trouble::File(..)));
    assert!(!keep.path().join("elsewhere").exists());
}

#[test]
fn a_lock_and_a_file_of_somebody_else_are_not_used() {
    let (_keep, store) = kept();
    let lock = store.path().with_file_name("lock");
    let foreign = Some(65534);
    if std::os::unix::fs::chown(&lock, foreign, None).is_err() {
        return eprintln!("skipped: this is not root");
    }
    let owner = Untrusted::Foreign { owner: 65534 };
    assert!(matches!(store.lock(SHORT), Err(Trouble::Untrusted(_, why)) if why == owner));
    std::os::unix::fs::chown(store.path(), foreign, None).unwrap();
    assert!(matches!(store.read(), Err(Trouble::Untrusted(_, why)) if why == owner));
}
