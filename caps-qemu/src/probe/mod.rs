//! Asking the emulators of this host: each distinct binary once, a few at a time.

mod child;
mod complaints;
mod conversation;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod interview;
mod privileges;
mod shortage;
mod talk;

pub use privileges::Account;

use crate::find::Found;
use crate::rejection::Rejection;
use crate::verdict::{Said, Sayings};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How emulators are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What one of them may take, from its start to its last answer.
    pub timeout: Duration,
    /// How many are asked at a time.
    pub at_once: usize,
    /// Who they run as, which root alone can choose; `None` is the caller.
    pub account: Option<Account>,
}

impl Limits {
    /// 10 s for each; four at a time, as on two CPUs that is still faster than two.
    pub const DEFAULT: Self = Self { timeout: Duration::from_secs(10), at_once: 4, account: None };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Starts the emulators that were `found` on this host and asks them: what each said, by its path.
///
/// A binary with several names, links or not, is started once. Each runs with a closed environment, never to gain privileges,
/// below a supervisor that kills everything that it has started, whatever group or session that is in: before this returns, or
/// when this process ends, even by `SIGKILL`.
///
/// `progress` hears how many binaries are done, and of how many: at the beginning, and after each.
pub fn ask(found: &[Found], limits: Limits, progress: &(dyn Fn(usize, usize) + Sync)) -> Sayings {
    let binaries = binaries(found);
    let (next, done, said) = (AtomicUsize::new(0), AtomicUsize::new(1), Mutex::new(Vec::new()));
    let work = || {
        if privileges::confine(limits.account).is_err() {
            return;
        }
        while let Some(names) = binaries.get(next.fetch_add(1, Ordering::Relaxed)) {
            let answers = ask_one(names, limits);
            said.lock().unwrap_or_else(PoisonError::into_inner).extend(answers);
            progress(done.fetch_add(1, Ordering::Relaxed), binaries.len());
        }
    };
    progress(0, binaries.len());
    thread::scope(|scope| {
        for _ in 0..limits.at_once.clamp(1, binaries.len().max(1)) {
            // Where there is no room for all threads, those that are there do the work. So do those that could be confined.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
    });
    let said = said.into_inner().unwrap_or_else(PoisonError::into_inner);
    unasked(found).chain(said).collect()
}

/// What a binary said, under each of its names.
fn ask_one(names: &[&[u8]], limits: Limits) -> Vec<(Vec<u8>, Said)> {
    let said = names.first().map(|name| conversation::ask(path(name), limits));
    let said = names.iter().zip(said.into_iter().cycle());
    said.map(|(&name, said)| (name.to_vec(), said)).collect()
}

/// What is to be said of emulators that nobody had the means to ask.
fn unasked(found: &[Found]) -> impl Iterator<Item = (Vec<u8>, Said)> {
    let reason = Rejection::Unstartable(Errno::AGAIN);
    found.iter().map(move |found| (found.emulator.clone(), Err(reason)))
}

/// The emulators, names of the same binary together. One that is gone has itself alone.
fn binaries(found: &[Found]) -> Vec<Vec<&[u8]>> {
    let mut binaries: BTreeMap<_, Vec<&[u8]>> = BTreeMap::new();
    for Found { emulator, .. } in found {
        let metadata = fs::metadata(path(emulator));
        let identity = metadata.map(|metadata| (metadata.dev(), metadata.ino()));
        let names = binaries.entry(identity.map_err(|_| emulator)).or_default();
        if !names.contains(&emulator.as_slice()) {
            names.push(emulator);
        }
    }
    binaries.into_values().collect()
}

fn path(emulator: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(emulator))
}
