//! The emulators of this host, as far as they are known from before; the others are asked, and kept for the next time.

use super::{Emulators, ask, left_out};
use crate::{Arguments, Failure, warn};
use caps_linux::{Host, Machine};
use caps_qemu::probe::Limits;
use caps_qemu::{RosterBuf, Sayings, Store, Trouble, remember};
use caps_roster::Surroundings;
use std::time::Duration;

/// How long another process is waited for that asks the same emulators: as long as one of them may take to answer.
const PATIENCE: Duration = Limits::DEFAULT.timeout;

/// Those of `host`.
pub(super) fn emulators(arguments: &Arguments, host: &Host<'_>) -> Result<Emulators, Failure> {
    let machine = Machine::ask();
    let machine = machine.map_err(Failure::call("uname"))?;
    let now = Surroundings::of(host, machine.release())?;
    let Some(store) = arguments.store() else {
        return asked(host, &now, &RosterBuf::default());
    };
    let known = known(arguments, &store);
    if holds(&known, host, &now) {
        return Ok(from(&store, known));
    }
    let lock = store.lock(PATIENCE).map_err(report).ok();
    // Another process may have asked them while this one waited.
    let known =
        if arguments.refresh { known } else { store.read().ok().flatten().unwrap_or(known) };
    if holds(&known, host, &now) {
        return Ok(from(&store, known));
    }
    let emulators = asked(host, &now, &known)?;
    if let Some(lock) = lock {
        lock.write(&emulators.roster).unwrap_or_else(report);
    }
    Ok(emulators)
}

/// What is kept, even if it holds no more. Nothing if all is to be asked again.
fn known(arguments: &Arguments, store: &Store) -> RosterBuf {
    if arguments.refresh {
        return RosterBuf::default();
    }
    store.read().map_err(report).ok().flatten().unwrap_or_default()
}

fn holds(known: &RosterBuf, host: &Host<'_>, now: &Surroundings<'_>) -> bool {
    known.roster().check(now, host.tree).holds()
}

fn from(store: &Store, roster: RosterBuf) -> Emulators {
    let known_from = Some(store.path());
    Emulators { roster, said: Sayings::new(), known_from, news: Vec::new() }
}

/// Those of `known` that hold, and what the others say.
fn asked(host: &Host<'_>, now: &Surroundings<'_>, known: &RosterBuf) -> Result<Emulators, Failure> {
    let remembered = remember(host, now, &known.roster(), |found| ask(host, found))?;
    let news =
        left_out(&remembered.roster, |path| remembered.asked.iter().any(|asked| asked == path));
    Ok(Emulators { roster: remembered.roster, said: Sayings::new(), known_from: None, news })
}

/// What goes wrong with the cache costs one line, never the document.
fn report(trouble: Trouble) {
    let effect = match trouble {
        Trouble::Unreadable(..) => "made again",
        _ => "emulators are asked again each time",
    };
    warn(format_args!("{trouble}; {effect}"));
}
