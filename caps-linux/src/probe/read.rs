//! Reading one file of one value, and telling the observer.

use super::Probe;
use crate::error::Unavailable;
use crate::parse::cpulist::cpulist;
use crate::parse::int;
use crate::parse::line;
use crate::parse::mask::IdMask;
use crate::path::{Path, at};
use crate::report::{Outcome, Topic};
use crate::sys::{Errno, OrAbsent, Stat};
use core::ops::ControlFlow;

/// A source is there and cannot be read or makes no sense. The observer has been told which and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bad;

/// `Ok(None)` for a source that is not there.
pub(super) type Value<T> = Result<Option<T>, Bad>;

/// Most bytes of a file that holds a number, its newline included.
const NUMBER_BYTES: usize = 21;
/// Most bytes of a file that holds a text or a list, its newline included.
pub(super) const TEXT_BYTES: usize = 4096;

/// Most bytes that are looked at of a file of any length: more than `/proc/cpuinfo` of the largest host has. It bounds the
/// time that a hostile one takes.
const STREAM_BYTES: usize = 16 << 20;

impl Probe<'_> {
    /// A signed number.
    pub(super) fn i32(&mut self, topic: Topic, path: &Path) -> Value<i32> {
        self.value::<{ NUMBER_BYTES + 1 }, _>(topic, path, int::signed)
    }

    /// An unsigned number.
    pub(super) fn u32(&mut self, topic: Topic, path: &Path) -> Value<u32> {
        let parse = |text: &[u8]| int::unsigned(text).and_then(|number| u32::try_from(number).ok());
        self.value::<{ NUMBER_BYTES + 1 }, _>(topic, path, parse)
    }

    /// An unsigned number.
    pub(super) fn u64(&mut self, topic: Topic, path: &Path) -> Value<u64> {
        self.value::<{ NUMBER_BYTES + 1 }, _>(topic, path, int::unsigned)
    }

    /// A number of bytes with a unit.
    pub(super) fn scaled(&mut self, topic: Topic, path: &Path) -> Value<u64> {
        self.value::<{ NUMBER_BYTES + 1 }, _>(topic, path, int::scaled)
    }

    /// A list of CPUs.
    pub(super) fn cpulist(&mut self, topic: Topic, path: &Path) -> Value<IdMask> {
        self.value::<{ TEXT_BYTES + 1 }, _>(topic, path, cpulist)
    }

    /// What `parse` makes of a file of less than `ROOM` bytes: of its text as C sees it, without the newline at its end.
    pub(super) fn value<const ROOM: usize, T>(
        &mut self,
        topic: Topic,
        path: &Path,
        parse: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Value<T> {
        let mut buffer = [0; ROOM];
        let Some(text) = self.contents(topic, path, &mut buffer)? else { return Ok(None) };
        let parsed = if text.len() < ROOM { parse(line::value(text)) } else { None };
        self.note(topic, path, if parsed.is_some() { Outcome::Filled } else { Outcome::Odd });
        parsed.map(Some).ok_or(Bad)
    }

    /// The bytes of a file, as many as `buffer` takes. What they are worth is for the caller to tell.
    pub(super) fn contents<'b>(
        &mut self,
        topic: Topic,
        path: &Path,
        buffer: &'b mut [u8],
    ) -> Value<&'b [u8]> {
        match self.host.tree.read(path, buffer) {
            Ok(text) => Ok(Some(text)),
            Err(errno) => self.missing(topic, path, errno).map(|()| None),
        }
    }

    /// Hands a file to `visit` as [`Tree::stream`](crate::Tree::stream) does, up to [`STREAM_BYTES`]. `Ok(None)` where there
    /// is none.
    pub(super) fn stream(
        &mut self,
        topic: Topic,
        path: &Path,
        buffer: &mut [u8],
        mut visit: impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Value<()> {
        let mut left = STREAM_BYTES;
        let read = self.host.tree.stream(path, buffer, &mut |chunk| {
            left = left.saturating_sub(chunk.len());
            if left == 0 { ControlFlow::Break(()) } else { visit(chunk) }
        });
        match read {
            Ok(()) => {
                self.note(topic, path, if left == 0 { Outcome::Odd } else { Outcome::Filled });
                Ok(Some(()))
            }
            Err(errno) => self.missing(topic, path, errno).map(|()| None),
        }
    }

    /// Hands the names in a directory to `visit`, which is told this probe. `Ok(None)` where there is no directory.
    pub(super) fn list(
        &mut self,
        topic: Topic,
        path: &Path,
        visit: &mut dyn FnMut(&mut Self, &[u8]) -> ControlFlow<()>,
    ) -> Value<()> {
        let tree = self.host.tree;
        match tree.list(path, &mut |name| visit(self, name)) {
            Ok(()) => {
                self.note(topic, path, Outcome::Filled);
                Ok(Some(()))
            }
            Err(errno) => self.missing(topic, path, errno).map(|()| None),
        }
    }

    /// What lies at `path`; `Ok(None)` where nothing can be seen there.
    pub(super) fn stat(&mut self, topic: Topic, path: &Path) -> Value<Stat> {
        let stat = self.host.tree.stat(path).or_absent();
        let stat = stat.map_err(|errno| self.failed(topic, path, errno))?;
        self.note(topic, path, if stat.is_some() { Outcome::Filled } else { Outcome::Absent });
        Ok(stat)
    }

    pub(super) fn note(&mut self, topic: Topic, path: &Path, outcome: Outcome) {
        self.observer.note(topic, path, outcome);
    }

    /// Notes that a fact is there or not, as `is_there`, or failed.
    pub(super) fn note_fact(&mut self, topic: Topic, name: &str, is_there: bool) {
        let facts = self.host.facts;
        match facts.failure(name) {
            Some(failed) => drop(self.failed(topic, &at!(failed.source), failed.errno)),
            None if is_there => self.note(topic, &at!(name), Outcome::Filled),
            None => self.note(topic, &at!(name), Outcome::Absent),
        }
    }

    /// Notes that nothing is known of `path`, because of `errno`.
    #[cold]
    #[inline(never)]
    pub(super) fn failed(&mut self, topic: Topic, path: &Path, errno: Errno) -> Bad {
        self.note(topic, path, Outcome::Failed(errno));
        self.failures = self.failures.saturating_add(1);
        self.failure.get_or_insert_with(|| Unavailable::new(path, errno));
        Bad
    }

    /// What `make` returns; `None` where a source failed meanwhile, so that it may be anything.
    pub(super) fn unless_failed<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let before = self.failures;
        let made = make(self);
        (self.failures == before).then_some(made)
    }

    /// Separates what is not there, what cannot be read, which can still be looked at, and what failed.
    fn missing(&mut self, topic: Topic, path: &Path, errno: Errno) -> Result<(), Bad> {
        if errno.is_absence() {
            self.note(topic, path, Outcome::Absent);
            return Ok(());
        }
        let stat =
            if errno.is_trouble() { Err(errno) } else { self.host.tree.stat(path).or_absent() };
        match stat {
            Ok(Some(_)) => {
                self.note(topic, path, Outcome::Denied(errno));
                Err(Bad)
            }
            Ok(None) => {
                self.note(topic, path, Outcome::Absent);
                Ok(())
            }
            Err(errno) => Err(self.failed(topic, path, errno)),
        }
    }
}

/// What a source that must be there says.
pub(super) fn required<T>(value: Value<T>) -> Result<T, Bad> {
    value?.ok_or(Bad)
}

/// The number behind `prefix`, where it is all that follows.
pub(crate) fn numbered(name: &[u8], prefix: &[u8]) -> Option<u32> {
    let number = int::decimal(name.strip_prefix(prefix)?)?;
    u32::try_from(number).ok()
}
