//! A roster reads back, holds as long as nothing changes, and makes guests; anything else is refused.

mod support;

use caps_core::{Arch, Builder, FORMAT, Machines};
use caps_roster::{
    Accelerator, Contents, Emulator, Identity, Offer, Roster, Slot, Surroundings, Unreadable,
    Verdict, Watch, encode,
};
use proptest::prelude::*;
use support::{Files, NOW, contents, sealed};

fn encoded() -> Vec<u8> {
    contents(|contents| encode(contents, Vec::new()).unwrap())
}

#[test]
fn it_reads_back() {
    contents(|contents| {
        let bytes = encode(contents, Vec::new()).unwrap();
        let roster = Roster::open(&bytes).unwrap();
        assert_eq!(roster.surroundings(), &contents.surroundings);
        assert!(roster.modules().iter().eq(contents.modules.iter().copied()));
        assert!(roster.places().iter().eq(contents.places.iter().copied()));
        assert!(roster.emulators().iter().eq(contents.emulators.iter().copied()));
        assert!(roster.slots().iter().eq(contents.slots.iter().copied()));
    });
}

#[test]
fn each_bit_counts() {
    let mut bytes = encoded();
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Roster::open(&bytes).is_err(), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(Roster::open(&bytes).is_ok());
}

#[test]
fn each_byte_is_needed() {
    let bytes = encoded();
    for len in 0..bytes.len() {
        assert!(Roster::open(&bytes[..len]).is_err(), "{len} bytes");
    }
    assert_eq!(Roster::open(b"<capabilities>").unwrap_err(), Unreadable::Foreign);
    assert_eq!(Roster::open(&bytes[..bytes.len() - 1]).unwrap_err(), Unreadable::Damaged);
    let more = [&*bytes, b"\0"].concat();
    assert_eq!(Roster::open(&more).unwrap_err(), Unreadable::Damaged);
}

/// The numbers of both forms and the version of the program stand behind the magic word.
#[test]
fn another_version_is_told() {
    let bytes = encoded();
    assert_eq!(&bytes[12..16], FORMAT.to_le_bytes());
    for place in 8..24 {
        let mut other = bytes.clone();
        other[place] ^= 1;
        assert_eq!(Roster::open(&other).unwrap_err(), Unreadable::OtherVersion);
    }
}

#[test]
fn a_slot_needs_an_emulator_and_an_architecture() {
    let with =
        |slot| contents(|all| encode(&Contents { slots: &[slot], ..*all }, Vec::new()).map(|_| ()));
    assert_eq!(with(Slot { arch: "sh4", emulator: 2 }), Ok(()));
    assert_eq!(with(Slot { arch: "sh4", emulator: 3 }), Err(Unreadable::Malformed));
    assert_eq!(with(Slot { arch: "vax", emulator: 0 }), Err(Unreadable::Malformed));
    let file = Watch { path: b"/q", identity: Identity::default() };
    let many = [Emulator { file, verdict: Verdict::LeftOut("") }; 65];
    let many = Contents { emulators: &many, ..Contents::default() };
    assert_eq!(encode(&many, Vec::new()), Err(Unreadable::Malformed));
}

#[test]
fn it_holds_until_something_changes() {
    let bytes = encoded();
    let roster = Roster::open(&bytes).unwrap();
    let files = Files::of(&roster);
    let whole = roster.check(&NOW, &files);
    assert!(whole.holds() && whole.places_hold());
    for place in roster.places().iter() {
        let check = roster.check(&NOW, &files.changed(place.path));
        assert!(!check.places_hold() && !check.holds());
        assert!((0..3).all(|index| check.emulator_holds(index)));
    }
    for (index, emulator) in roster.emulators().iter().enumerate() {
        let check = roster.check(&NOW, &files.changed(emulator.file.path));
        assert!(check.places_hold() && !check.holds());
        assert!((0..3).all(|other| check.emulator_holds(other) == (other != index)));
    }
    for directory in roster.modules().iter() {
        let check = roster.check(&NOW, &files.changed(directory.path));
        assert!(check.places_hold() && (0..3).all(|index| !check.emulator_holds(index)));
    }
}

/// The first emulator is one of the host's own kind, the second of another, the third is left out.
#[test]
fn what_the_host_runs_as_it_is_depends_on_the_host() {
    let bytes = encoded();
    let roster = Roster::open(&bytes).unwrap();
    let holding = |now: Surroundings<'_>| {
        let check = roster.check(&now, &Files::of(&roster));
        (check.places_hold(), [0, 1, 2].map(|index| check.emulator_holds(index)))
    };
    assert_eq!(holding(NOW), (true, [true, true, true]));
    let native = (true, [false, true, true]);
    assert_eq!(holding(Surroundings { kvm: false, ..NOW }), native);
    assert_eq!(holding(Surroundings { microcode: 2, ..NOW }), native);
    assert_eq!(holding(Surroundings { release: "6.2", ..NOW }), native);
    assert_eq!(holding(Surroundings { path: b"/bin", ..NOW }), (false, [true, true, true]));
    assert_eq!(holding(Surroundings { machine: "s390x", ..NOW }), (false, [true, true, true]));
}

#[test]
fn it_makes_guests() {
    let bytes = encoded();
    let mut storage = [0; 4096];
    let mut builder = Builder::new(&mut storage);
    Roster::open(&bytes).unwrap().add_guests(&mut builder);
    let caps = builder.finish().unwrap();
    let guests: Vec<_> = caps.guests().collect();
    let archs: Vec<_> = guests.iter().map(|entry| entry.guest.arch.name()).collect();
    assert_eq!(archs, ["aarch64", "i686", "x86_64"]);
    let domains = |index: usize| -> Vec<_> {
        guests[index].domains.clone().map(|entry| entry.domain.virt.name()).collect()
    };
    assert_eq!((domains(0), domains(1)), (vec!["qemu"], vec!["qemu", "kvm"]));
    assert_eq!(guests[1].guest.emulator, b"/usr/bin/qemu-system-x86_64");
    assert_eq!(guests[1].guest.emulator_mtime, 4);
    assert_eq!(guests[1].machines.map(|machine| machine.max_cpus).collect::<Vec<_>>(), [255]);
}

#[test]
fn an_architecture_has_its_emulator() {
    let bytes = encoded();
    let roster = Roster::open(&bytes).unwrap();
    let path = |arch| roster.emulator_of(arch).map(|emulator| emulator.file.path);
    assert_eq!(path(Arch::I686), Some(b"/usr/bin/qemu-system-x86_64".as_slice()));
    assert_eq!(path(Arch::MIPS), None);
}

#[test]
fn domains_are_in_the_order_of_printing() {
    let names = |tcg, accelerator| {
        let offer = Offer { arch: "sh4", version: 0, tcg, accelerator, machines: &[] };
        offer.domains().map(|virt| virt.name()).collect::<Vec<_>>()
    };
    assert_eq!(names(true, Some(Accelerator::Kvm)), ["qemu", "kvm"]);
    assert_eq!(names(false, Some(Accelerator::Hvf)), ["hvf"]);
    assert_eq!(names(true, Some(Accelerator::Hyperv)), ["qemu", "hyperv"]);
    assert_eq!(names(false, None), Vec::<&str>::new());
}

proptest! {
    #[test]
    fn any_bytes_end(bytes: Vec<u8>) {
        prop_assert!(Roster::open(&bytes).is_err());
    }

    /// Whole, but made by nobody.
    #[test]
    fn any_body_ends(body: Vec<u8>) {
        if let Ok(roster) = Roster::open(&sealed(&body)) {
            roster.check(&NOW, &Files::of(&roster));
            let mut storage = [0; 4096];
            let mut builder = Builder::new(&mut storage);
            roster.add_guests(&mut builder);
        }
    }

    #[test]
    fn any_machines_end(bytes: Vec<u8>) {
        prop_assert!(Machines::of_stored(&bytes).count() <= bytes.len());
    }
}
