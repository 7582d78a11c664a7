//! Asking emulators where some have changed: `caps` does it, in a process of its own, while clients get what is known.

use crate::document::Source;
use crate::log::log;
use caps_linux::Machine as Names;
use caps_linux::serve::{Child, Ending, Interest, Poll};
use core::ffi::CStr;

/// Milliseconds between two looks at all emulators.
const LOOK_MS: u64 = 1000;
/// Milliseconds before they are asked again, whatever became of it.
const AGAIN_MS: u64 = 5000;
/// Milliseconds for asking all of them.
const PATIENCE_MS: u64 = 120_000;
/// The exit status of `caps` if an emulator could not be asked.
const INCOMPLETE: i32 = 3;

/// The program that asks, if it runs.
pub(crate) struct Asking {
    program: &'static CStr,
    cache: Option<&'static CStr>,
    child: Option<Child>,
    looked_ms: Option<u64>,
    started_ms: Option<u64>,
}

impl Asking {
    /// Asks with `program`, which keeps what it hears in `cache`; without, nobody is asked.
    pub(crate) const fn new(program: &'static CStr, cache: Option<&'static CStr>) -> Self {
        Self { program, cache, child: None, looked_ms: None, started_ms: None }
    }

    pub(crate) const fn is_under_way(&self) -> bool {
        self.child.is_some()
    }

    /// Looks whether what is known still holds, not too often and only if a client used it, and has it asked where it does not.
    pub(crate) fn look(&mut self, source: &Source<'_>, poll: &Poll, token: u64, now_ms: u64) {
        let since = |ms: Option<u64>| ms.map_or(u64::MAX, |ms| now_ms.saturating_sub(ms));
        if let Some(child) = &self.child {
            if since(self.started_ms) > PATIENCE_MS {
                child.kill();
            }
            return;
        }
        let is_due = since(self.looked_ms) >= LOOK_MS && source.is_used.get();
        let Some(cache) = self.cache.filter(|_| is_due) else { return };
        self.looked_ms = Some(now_ms);
        let Ok(names) = Names::ask() else { return };
        if since(self.started_ms) < AGAIN_MS {
            return;
        }
        // What cannot be asked is asked again at a later call, not for nobody.
        source.is_used.set(false);
        if source.emulators_hold(names.release()) {
            return;
        }
        self.started_ms = Some(now_ms);
        self.start(cache, poll, token);
    }

    fn start(&mut self, cache: &CStr, poll: &Poll, token: u64) {
        let words = [self.program, c"xml", c"--cache-dir", cache, c"--output", c"/dev/null"];
        let path = c"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let started = Child::start(self.program, &words, &[path]);
        let watched = started.and_then(|child| {
            poll.add(&child, token, Interest::Read)?;
            Ok(child)
        });
        match watched {
            Ok(child) => self.child = Some(child),
            Err(errno) => log!("emulators cannot be asked: {errno}"),
        }
    }

    /// The program has ended.
    pub(crate) fn end(&mut self) {
        let Some(child) = &self.child else { return };
        match child.ended() {
            Ok(None) => return,
            Ok(Some(Ending::Exited(0))) => log!("emulators were asked"),
            Ok(Some(Ending::Exited(INCOMPLETE))) => {
                log!("some emulators could not be asked; they are asked again at a later call");
            }
            Ok(Some(_)) | Err(_) => log!("emulators could not be asked: caps failed"),
        }
        self.child = None;
    }
}
