//! `caps cache`: what is kept of emulators and KVM.

use crate::emulators::shown;
use crate::tsc::Known;
use crate::{Arguments, CacheAction, Failure, host, output};
use caps_core::{Machines, VirtType};
use caps_linux::{Host, Machine};
use caps_qemu::{RosterBuf, Store};
use caps_roster::{Check, Emulator, Roster, Surroundings, Verdict};
use std::io::{self, Write};

pub(crate) fn run(arguments: &Arguments, action: CacheAction) -> Result<(), Failure> {
    let store = arguments
        .store()
        .ok_or_else(|| Failure::Refused("there is no place for a cache".into()))?;
    match action {
        CacheAction::Show => host::with(arguments, |host| show(arguments, &store, host)),
        CacheAction::Clear => clear(arguments, &store),
    }
}

fn clear(arguments: &Arguments, store: &Store) -> Result<(), Failure> {
    let removed = store.clear().map_err(|trouble| Failure::Refused(trouble.to_string()))?;
    let path = store.path();
    output::to(arguments.output.as_deref(), |writer| match removed {
        true => writeln!(writer, "removed {}", path.display()),
        false => writeln!(writer, "{} is not there", path.display()),
    })
}

fn show(arguments: &Arguments, store: &Store, host: &Host<'_>) -> Result<(), Failure> {
    let kept = store.read().map_err(|trouble| Failure::Refused(trouble.to_string()))?;
    let path = store.path();
    let Some(kept) = kept else {
        return Err(Failure::Refused(format!(
            "{}: nothing of this version is kept",
            path.display()
        )));
    };
    let machine = Machine::ask().map_err(Failure::call("uname"))?;
    let now = Surroundings::of(host, machine.release())?;
    let check = kept.roster().check(&now, host.tree);
    output::to(arguments.output.as_deref(), |writer| {
        writeln!(writer, "file       {}, {} bytes", path.display(), kept.as_bytes().len())?;
        writeln!(writer, "TSC        {}", tsc(&Known::of(arguments, host.tree)))?;
        print(writer, &kept, check)
    })
}

fn tsc(known: &Known) -> String {
    known.tsc.map_or("not kept".into(), |tsc| format!("{} kHz in this boot", tsc.khz))
}

fn print(writer: &mut dyn Write, kept: &RosterBuf, check: Check) -> io::Result<()> {
    let roster = kept.roster();
    let kvm = if roster.surroundings().kvm { "yes" } else { "no" };
    let (release, microcode) = (roster.surroundings().release, roster.surroundings().microcode);
    writeln!(writer, "kernel     {release}, microcode {microcode:#x}, KVM {kvm}")?;
    writeln!(writer, "state      {}", state(&roster, check))?;
    for (index, emulator) in roster.emulators().iter().enumerate() {
        let state = if check.emulator_holds(index) { "" } else { " (stale)" };
        writeln!(writer, "{}{state}", shown(emulator.file.path))?;
        print_verdict(writer, &roster, index, &emulator)?;
    }
    Ok(())
}

fn state(roster: &Roster<'_>, check: Check) -> String {
    let count = roster.emulators().len();
    let stale = (0..count).filter(|&index| !check.emulator_holds(index)).count();
    match (check.places_hold(), stale) {
        (true, 0) => "holds".into(),
        (true, _) => format!("{stale} of {count} emulators will be asked again"),
        (false, 0) => "emulators will be looked for again".into(),
        (false, _) => format!("emulators will be looked for, and {stale} of {count} asked again"),
    }
}

fn print_verdict(
    writer: &mut dyn Write,
    roster: &Roster<'_>,
    index: usize,
    emulator: &Emulator<'_>,
) -> io::Result<()> {
    match emulator.verdict {
        Verdict::LeftOut(reason) => writeln!(writer, "  left out: {reason}"),
        Verdict::Unasked(reason) => writeln!(writer, "  could not be asked: {reason}"),
        Verdict::Offers(offer) => {
            let slots = roster.slots().iter();
            let archs = slots.filter(|slot| usize::from(slot.emulator) == index);
            let archs: Vec<_> = archs.map(|slot| slot.arch).collect();
            let domains: Vec<_> = offer.domains().map(VirtType::name).collect();
            let machines = Machines::of_stored(offer.machines).count();
            let (archs, domains) = (archs.join(" "), domains.join(" "));
            let version = version(offer.version);
            writeln!(writer, "  {archs}; {domains}; {machines} machines; QEMU {version}")
        }
    }
}

fn version(number: u64) -> String {
    format!("{}.{}.{}", number / 1_000_000, number / 1000 % 1000, number % 1000)
}
