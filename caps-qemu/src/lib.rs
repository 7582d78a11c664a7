//! `<guest>`s of the QEMU driver: which emulators there are, what they say over QMP, and what becomes of it.
//!
//! ```text
//! find ──> probe, or Recordings ──> what they said ──> RosterBuf ──> caps_roster::Roster ──> caps_core::Builder
//!  └─────── remember ──────────────────────────────────────┘ └── Store
//! ```
//!
//! | question | answer |
//! |---|---|
//! | which emulator serves which architecture | [`find()`] |
//! | what an emulator said | [`Replies`], read from JSON lines |
//! | what that amounts to | [`EmulatorFacts`], or the [`Rejection`] for which libvirt 12.8.0 leaves the emulator out |
//! | what the emulators of this host say | [`probe::ask`] |
//! | what others said | [`Recordings`], a directory with a file for each emulator |
//! | what becomes of all of them | [`RosterBuf`] |
//! | what of that still holds, and what has to be asked again | [`remember()`] |
//! | where it is kept from call to call | [`Store`] |
//!
//! Nothing here fails as a whole: an emulator that makes no sense costs its own guests.
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable
)]
#![cfg_attr(
    test,
    allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod facts;
mod find;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod machine;
pub mod probe;
mod query;
mod recorded;
mod rejection;
mod remember;
mod reply;
mod roster;
mod search;
mod store;
mod target;
mod verdict;

pub use facts::EmulatorFacts;
pub use find::{Found, find, places};
pub use machine::Machine;
pub use query::Query;
pub use recorded::Recordings;
pub use rejection::{Rejection, Resource, TargetName};
pub use remember::{Remembered, remember};
pub use reply::{MAX_REPLY_BYTES, Replies};
pub use roster::RosterBuf;
pub use search::find_in;
pub use store::{Epoch, Lock, Store, Trouble};
pub use verdict::{Said, Sayings, verdict};
