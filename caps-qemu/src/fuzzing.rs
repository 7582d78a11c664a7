//! Readers of foreign bytes that have no other public entry, for fuzz targets.

use crate::Rejection;
pub use crate::probe::fuzzing::hear;
use crate::store::{self, Epoch};
use caps_linux::TscFacts;

/// Replies as JSON members, once all have come.
pub type Heard = Result<Option<Vec<String>>, Rejection>;

/// Reads the file of the time stamp counter, if it is of the epoch with this text.
pub fn tsc(epoch: &str, text: &[u8]) -> Option<TscFacts> {
    store::read_tsc(&Epoch::from_text(epoch), text)
}

/// Returns what is kept for `tsc`.
pub fn tsc_text(epoch: &str, tsc: TscFacts) -> String {
    store::tsc_text(&Epoch::from_text(epoch), tsc)
}
