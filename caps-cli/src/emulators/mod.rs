//! Emulators of a host, and what they say of themselves.
//!
//! | module | for |
//! |---|---|
//! | [`remembered`] | those of this host, as far as they are known from before |
//! | [`replayed`] | those of a recorded host |

mod remembered;
mod replayed;

use crate::{Arguments, Failure, GuestSource, Status, host, progress, warn};
use caps_core::{Arch, Builder};
use caps_linux::{Guests, Host};
use caps_qemu::probe::{self, Account, Limits};
use caps_qemu::{Found, Recordings, RosterBuf, Sayings, find_in};
use caps_roster::{Emulator, Verdict};
use std::path::PathBuf;

/// Emulators, and what became of each.
pub(crate) struct Emulators {
    roster: RosterBuf,
    /// What they said just now, for a record.
    said: Sayings,
    /// Where they are known from, unless they were all asked just now.
    known_from: Option<PathBuf>,
    /// A sentence for each that was asked just now and is left out.
    news: Vec<String>,
}

impl Emulators {
    /// Those of `host`, if that is where the guests come from: as they are known or asked, or if it is a recorded one, by what
    /// they said then.
    pub(crate) fn wanted(arguments: &Arguments, host: &Host<'_>) -> Result<Option<Self>, Failure> {
        (arguments.guest_source() == GuestSource::Qmp)
            .then(|| Self::of_host(arguments, host))
            .transpose()
    }

    /// As [`wanted`](Self::wanted), wherever the guests come from.
    pub(crate) fn of_host(arguments: &Arguments, host: &Host<'_>) -> Result<Self, Failure> {
        match &arguments.root {
            Some(_) => Self::replayed(host),
            None => remembered::emulators(arguments, host),
        }
    }

    /// Those of `host`, all of them asked just now, or what those of a recorded one said then.
    pub(crate) fn in_full(arguments: &Arguments, host: &Host<'_>) -> Result<Self, Failure> {
        let arch = Arch::from_machine(host.facts.machine);
        let found = find_in(host.tree, arch, host.facts.path, &mut |_| {})?;
        // They were looked for all the same: a record of a record has their files too.
        if arguments.root.is_some() {
            return Self::replayed(host);
        }
        let said = ask(host, &found)?;
        Ok(Self::said(&found, said))
    }

    /// Those of a recorded host. One without recordings has none.
    pub(crate) fn replayed(host: &Host<'_>) -> Result<Self, Failure> {
        let recordings = replayed::recordings(host.tree)?;
        let arch = Arch::from_machine(host.facts.machine);
        Ok(Self::recorded(&recordings, arch, host.facts.path))
    }

    /// Those of recordings, on a host of the architecture `host`.
    pub(crate) fn recorded(recordings: &Recordings, host: Option<Arch>, path: &[u8]) -> Self {
        let found = recordings.find(host, path);
        let said = recordings.said(&found);
        Self::said(&found, said)
    }

    fn said(found: &[Found], said: Sayings) -> Self {
        let roster = RosterBuf::of_sayings(found, &said);
        let news = left_out(&roster, |_| true);
        Self { roster, said, known_from: None, news }
    }

    /// Place in the record and text of a recording of each. What said nothing of use has an empty one, so that it is left out
    /// again.
    pub(crate) fn recordings(&self) -> impl Iterator<Item = (Vec<u8>, &[u8])> {
        self.said.iter().map(|(emulator, said)| {
            let text = said.as_ref().map_or(&[][..], Vec::as_slice);
            (replayed::place(emulator), text)
        })
    }

    /// Whether there is none at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.roster.roster().emulators().is_empty()
    }

    /// Whether none is left that has guests.
    pub(crate) fn is_none_left(&self) -> bool {
        let mut emulators = self.roster.roster().emulators().iter();
        emulators.all(|emulator| !matches!(emulator.verdict, Verdict::Offers(_)))
    }

    /// Whether guests may be missing because an emulator could not be asked.
    pub(crate) fn status(&self) -> Status {
        let mut emulators = self.roster.roster().emulators().iter();
        let is_incomplete =
            emulators.any(|emulator| matches!(emulator.verdict, Verdict::Unasked(_)));
        if is_incomplete { Status::Incomplete } else { Status::Complete }
    }

    /// A sentence for each that is left out.
    pub(crate) fn left_out(&self) -> Vec<String> {
        left_out(&self.roster, |_| true)
    }

    /// Says on standard error which are left out since they were asked just now. What was said once is not said again.
    pub(crate) fn report(&self) {
        self.news.iter().for_each(warn);
    }

    /// Adds their guests to a document.
    pub(crate) fn add_to(&self, builder: &mut Builder<'_>) {
        self.roster.roster().add_guests(builder);
    }

    /// The roster, and where it is known from.
    pub(crate) fn roster(&self) -> (&RosterBuf, Option<&std::path::Path>) {
        (&self.roster, self.known_from.as_deref())
    }
}

/// Starts these emulators of this host and asks them.
fn ask(host: &Host<'_>, found: &[Found]) -> Result<Sayings, Failure> {
    let limits = Limits { account: account(host)?, ..Limits::default() };
    // An old kernel cannot; then they inherit what this process was given.
    let _ = caps_linux::keep_descriptors();
    Ok(progress::shown("asking emulators", |progress| probe::ask(found, limits, progress)))
}

/// Who libvirt runs emulators as: the document says it.
fn account(host: &Host<'_>) -> Result<Option<Account>, Failure> {
    if !host.facts.privileged {
        return Ok(None);
    }
    host::capabilities(host, Guests::None, &mut (), |caps| {
        let dac = caps.secmodels().find(|secmodel| secmodel.model == b"dac");
        Ok(dac.and_then(|dac| dac.qemu_label).and_then(Account::of_label))
    })
}

/// A sentence for each emulator at one of these paths that is left out.
fn left_out(roster: &RosterBuf, is_meant: impl Fn(&[u8]) -> bool) -> Vec<String> {
    let emulators = roster.roster().emulators().iter();
    emulators
        .filter(|emulator| is_meant(emulator.file.path))
        .filter_map(|emulator| sentence(&emulator))
        .collect()
}

/// The reason why an emulator is left out, in a sentence for the user; `None` for one that is not.
pub(crate) fn sentence(emulator: &Emulator<'_>) -> Option<String> {
    let path = shown(emulator.file.path);
    match emulator.verdict {
        Verdict::Offers(_) => None,
        Verdict::LeftOut(reason) => Some(format!("{path} is left out: {reason}")),
        Verdict::Unasked(reason) => {
            Some(format!("{path} could not be asked, its guests are missing: {reason}"))
        }
    }
}

/// A path for a terminal.
pub(crate) fn shown(path: &[u8]) -> String {
    path.escape_ascii().to_string()
}
