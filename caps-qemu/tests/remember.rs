//! Only what changed is asked again.

mod support;

use caps_linux::{Facts, Host, Root, Unavailable};
use caps_qemu::probe::{self, Limits};
use caps_qemu::{Found, Rejection, RosterBuf, Sayings, remember};
use caps_roster::{Surroundings, Verdict};
use rustix::io::Errno;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use support::{ANSWERS, Doubles};

/// A host whose `PATH` is the directory of the doubles, and what is known of it.
struct Known {
    doubles: Doubles,
    roster: RosterBuf,
    kvm: bool,
}

fn name(found: &Found) -> String {
    let path = String::from_utf8(found.emulator.clone()).unwrap();
    path.rsplit_once("qemu-system-").unwrap().1.to_owned()
}

/// An emulator of this architecture.
fn answers(arch: &str) -> String {
    ANSWERS.replace("x86_64", arch)
}

impl Known {
    /// Emulators of x86_64 and sh4, and one of alpha that is broken.
    fn new() -> Self {
        let doubles = Doubles::new();
        doubles.script("qemu-system-x86_64", ANSWERS);
        doubles.script("qemu-system-sh4", &answers("sh4"));
        doubles.script("qemu-system-alpha", "exit 3");
        let mut known = Self { doubles, roster: RosterBuf::default(), kvm: true };
        assert_eq!(known.asked(), ["alpha", "sh4", "x86_64"]);
        known
    }

    /// Remembers what there is. Which emulators were asked for that.
    fn asked(&mut self) -> Vec<String> {
        let mut asked = Vec::new();
        let knew = self.holds() && !self.roster.roster().emulators().is_empty();
        let before = self.roster.as_bytes().to_vec();
        self.remember(|found| {
            asked.extend(found.iter().map(name));
            probe::ask(found, Limits::default(), &|_, _| {})
        });
        assert!(self.holds(), "{:?}", self.roster.roster());
        assert_eq!(knew, before == self.roster.as_bytes());
        asked.sort();
        asked.dedup();
        asked
    }

    fn remember(&mut self, ask: impl FnOnce(&[Found]) -> Sayings) {
        let remembered = self.visit(|host, now| {
            remember(host, now, &self.roster.roster(), |found| Ok::<_, Unavailable>(ask(found)))
        });
        self.roster = remembered.unwrap().roster;
    }

    fn holds(&self) -> bool {
        self.visit(|host, now| self.roster.roster().check(now, host.tree).holds())
    }

    fn visit<T>(&self, visit: impl FnOnce(&Host<'_>, &Surroundings<'_>) -> T) -> T {
        let path = self.doubles.path("").to_str().unwrap().to_owned();
        let facts =
            Facts { machine: "x86_64", path: path.as_bytes(), kvm: self.kvm, ..Facts::default() };
        let host = Host { tree: &Root::live(), facts: &facts, cpuid: None };
        visit(&host, &Surroundings::of(&host, "6.1").unwrap())
    }

    /// The guests, and those of them whose emulator is left out.
    fn guests(&self) -> (Vec<&str>, usize) {
        let roster = self.roster.roster();
        let archs = roster.slots().iter().map(|slot| slot.arch).collect();
        let emulators = roster.emulators().iter();
        let left_out = emulators.filter(|one| !matches!(one.verdict, Verdict::Offers(_)));
        (archs, left_out.count())
    }
}

const NOBODY: [&str; 0] = [];

#[test]
fn what_is_the_same_is_not_asked() {
    let mut known = Known::new();
    assert_eq!(known.guests(), (vec!["alpha", "i686", "sh4", "x86_64"], 1));
    assert_eq!(known.asked(), NOBODY, "a failure is remembered too");
    assert_eq!(known.guests().1, 1);
}

#[test]
fn what_changed_is_asked_alone() {
    let mut known = Known::new();
    known.doubles.script("qemu-system-sh4", "exit 4");
    assert_eq!(known.asked(), ["sh4"]);
    assert_eq!(known.guests().1, 2);
    known.doubles.script("qemu-system-alpha", &answers("alpha"));
    assert_eq!(known.asked(), ["alpha"]);
    fs::set_permissions(known.doubles.path("qemu-system-x86_64"), Permissions::from_mode(0o711))
        .unwrap();
    assert_eq!(known.asked(), ["x86_64"]);
    known.kvm = false;
    assert_eq!(known.asked(), ["x86_64"], "KVM matters for the host's own kind alone");
    assert_eq!(known.asked(), NOBODY);
}

#[test]
fn what_comes_and_goes_is_noticed() {
    let mut known = Known::new();
    known.doubles.script("qemu-system-i386", &answers("i386"));
    assert_eq!(known.asked(), ["i386"]);
    fs::remove_file(known.doubles.path("qemu-system-i386")).unwrap();
    fs::remove_file(known.doubles.path("qemu-system-sh4")).unwrap();
    assert_eq!(known.asked(), NOBODY);
    assert_eq!(known.guests(), (vec!["alpha", "i686", "x86_64"], 1));
    fs::write(known.doubles.path("README"), "none").unwrap();
    assert_eq!(known.asked(), NOBODY);
}

/// A change of mode is none of the directory, nor is what appears behind a link.
#[test]
fn what_becomes_executable_is_noticed() {
    let mut known = Known::new();
    known.doubles.script("qemu-system-sparc", &answers("sparc"));
    let sparc = known.doubles.path("qemu-system-sparc");
    fs::set_permissions(&sparc, Permissions::from_mode(0o644)).unwrap();
    symlink("elsewhere/mips", known.doubles.path("qemu-system-mips")).unwrap();
    fs::create_dir(known.doubles.path("elsewhere")).unwrap();
    assert_eq!(known.asked(), NOBODY);
    fs::set_permissions(&sparc, Permissions::from_mode(0o755)).unwrap();
    assert_eq!(known.asked(), ["sparc"]);
    known.doubles.script("elsewhere/mips", &answers("mips"));
    assert_eq!(known.asked(), ["mips"]);
}

/// That nobody could be asked says nothing of the emulators.
#[test]
fn what_was_not_their_fault_is_asked_again() {
    let mut known = Known::new();
    known.doubles.script("qemu-system-sh4", &answers("sh4"));
    known.remember(|found| {
        assert_eq!(found.iter().map(name).collect::<Vec<_>>(), ["sh4"]);
        [(found[0].emulator.clone(), Err(Rejection::Unstartable(Errno::AGAIN)))].into()
    });
    assert_eq!(known.guests().1, 2);
    assert_eq!(known.asked(), ["sh4"]);
}
