//! Emulators of a host, and what they say of themselves.

use crate::{Arguments, Failure, host, progress};
use caps_core::{Arch, Builder};
use caps_linux::{Errno, Host, Observer, Outcome, Topic, Tree};
use caps_qemu::probe::{self, Account, Limits};
use caps_qemu::{
    Found, MAX_REPLY_BYTES, Recordings, Sayings, Verdicts, add_guests, find, verdicts,
};
use std::ops::ControlFlow;

/// Emulators, what they said, and what became of each.
pub(crate) struct Emulators {
    found: Vec<Found>,
    said: Sayings,
    verdicts: Verdicts,
}

impl Emulators {
    /// Those of `host`: started and asked, or if it is a recorded one, what they said then.
    pub(crate) fn of_host(
        arguments: &Arguments,
        host: &Host<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Self, Failure> {
        let emulators = match &arguments.root {
            Some(_) => Self::replayed(host)?,
            None => Self::asked(host)?,
        };
        emulators.note(observer);
        Ok(emulators)
    }

    fn new(found: Vec<Found>, said: Sayings) -> Self {
        Self { verdicts: verdicts(&said), found, said }
    }

    fn asked(host: &Host<'_>) -> Result<Self, Failure> {
        let arch = Arch::from_machine(host.facts.machine);
        let found = find(arch, host.facts.path, &mut |path| {
            host.tree.executable(&caps_linux::Path::new(&[&path])).is_some()
        });
        let limits = Limits { account: account(host)?, ..Limits::default() };
        // An old kernel cannot; then they inherit what this process was given.
        let _ = caps_linux::keep_descriptors();
        let said =
            progress::shown("asking emulators", |progress| probe::ask(&found, limits, progress));
        Ok(Self::new(found, said))
    }

    /// What those of a recorded host said. One without recordings has none.
    pub(crate) fn replayed(host: &Host<'_>) -> Result<Self, Failure> {
        let mut recordings = Recordings::default();
        for name in recording_names(host.tree)? {
            let path = caps_linux::Path::new(&[&RECORDINGS, &"/", &name.as_slice()]);
            recordings.add(&name, recording(host.tree, &path).map_err(refused(&path))?);
        }
        let arch = Arch::from_machine(host.facts.machine);
        Ok(Self::recorded(&recordings, arch, host.facts.path))
    }

    /// Those of recordings, on a host of the architecture `host`.
    pub(crate) fn recorded(recordings: &Recordings, host: Option<Arch>, path: &[u8]) -> Self {
        let found = recordings.find(host, path);
        let said = recordings.said(&found);
        Self::new(found, said)
    }

    /// Place in the record and text of a recording of each. What said nothing of use has an empty one, so that it is left out again.
    pub(crate) fn recordings(&self) -> impl Iterator<Item = (Vec<u8>, &[u8])> {
        self.said.iter().map(|(emulator, said)| {
            let text = said.as_ref().map_or(&[][..], Vec::as_slice);
            let name = Recordings::file_name(emulator);
            ([RECORDINGS.as_bytes(), b"/", &name].concat(), text)
        })
    }

    /// Whether there is none at all.
    pub(crate) const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether none is left that has guests.
    pub(crate) fn is_none_left(&self) -> bool {
        self.verdicts.values().all(Result::is_err)
    }

    /// A sentence for each that was rejected.
    pub(crate) fn left_out(&self) -> Vec<String> {
        let verdicts = self.verdicts.iter();
        let rejected = verdicts.filter_map(|(path, verdict)| Some((path, verdict.as_ref().err()?)));
        let sentence =
            |(path, reason): (&Vec<u8>, _)| format!("{} is left out: {reason}", shown(path));
        rejected.map(sentence).collect()
    }

    /// Says on standard error which were rejected and why.
    pub(crate) fn report(&self) {
        self.left_out().iter().for_each(|sentence| eprintln!("caps: {sentence}"));
    }

    /// Adds their guests to a document.
    pub(crate) fn add_to(&self, builder: &mut Builder<'_>) {
        add_guests(builder, &self.found, &self.verdicts);
    }

    fn note(&self, observer: &mut dyn Observer) {
        for (path, verdict) in &self.verdicts {
            let outcome = if verdict.is_ok() { Outcome::Filled } else { Outcome::Odd };
            observer.note(Topic::Guests, &caps_linux::Path::new(&[&path.as_slice()]), outcome);
        }
    }
}

/// Who libvirt runs emulators as: the document says it.
fn account(host: &Host<'_>) -> Result<Option<Account>, Failure> {
    if !host.facts.privileged {
        return Ok(None);
    }
    host::without_guests(host, |caps| {
        let dac = caps.secmodels().find(|secmodel| secmodel.model == b"dac");
        Ok(dac.and_then(|dac| dac.qemu_label).and_then(Account::of_label))
    })
}

/// Where a record has what emulators said.
const RECORDINGS: &str = "/qmp";

fn recording_names(tree: &dyn Tree) -> Result<Vec<Vec<u8>>, Failure> {
    let (path, mut names) = (caps_linux::Path::new(&[&RECORDINGS]), Vec::new());
    let listed = tree.list(&path, &mut |name| {
        names.extend(Recordings::emulator_of(name).map(|_| name.to_vec()));
        ControlFlow::Continue(())
    });
    match listed {
        Err(Errno::NOENT) => Ok(Vec::new()),
        listed => listed.map(|()| names).map_err(refused(&path)),
    }
}

/// What a recording holds, up to where it is too much.
fn recording(tree: &dyn Tree, path: &caps_linux::Path) -> Result<Vec<u8>, Errno> {
    let mut text = Vec::new();
    tree.stream(path, &mut [0; 4096], &mut |chunk| {
        text.extend_from_slice(chunk);
        if text.len() > MAX_REPLY_BYTES {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    Ok(text)
}

fn refused(path: &caps_linux::Path) -> impl FnOnce(Errno) -> Failure {
    let path = shown(path.as_bytes());
    move |errno| Failure::Refused(format!("{path}: {errno}"))
}

/// A path for a terminal.
pub(crate) fn shown(path: &[u8]) -> String {
    path.escape_ascii().to_string()
}
