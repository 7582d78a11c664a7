//! What a partial document lacks.

use crate::{Failure, Status};
use caps_linux::{Observer, Outcome, Path, Topic};
use std::collections::BTreeSet;

/// Sources that failed, as an observer of the probe.
#[derive(Default)]
pub(crate) struct Holes {
    accepted: bool,
    found: BTreeSet<String>,
}

impl Holes {
    /// No holes yet. They are errors unless they are `accepted`.
    pub(crate) fn new(accepted: bool) -> Self {
        Self { accepted, found: BTreeSet::new() }
    }

    /// The outcome of a part of the document: a failure is a hole if those are accepted.
    pub(crate) fn part<T>(
        &mut self,
        made: Result<Option<T>, Failure>,
    ) -> Result<Option<T>, Failure> {
        match made {
            Err(Failure::Unavailable(sentence)) if self.accepted => {
                self.found.insert(sentence);
                Ok(None)
            }
            made => made,
        }
    }

    /// Prints a warning for each hole, and returns the status that goes with them.
    pub(crate) fn report(&self) -> Status {
        self.found.iter().for_each(|hole| eprintln!("caps: {hole}; left out"));
        if self.found.is_empty() { Status::Complete } else { Status::Incomplete }
    }
}

impl Observer for Holes {
    fn note(&mut self, topic: Topic, path: &Path, outcome: Outcome) {
        if let Outcome::Failed(errno) = outcome {
            let path = String::from_utf8_lossy(path.as_bytes());
            self.found.insert(format!("{}: {path}: {errno}", topic.name()));
        }
    }

    fn accepts_holes(&self) -> bool {
        self.accepted
    }
}
