//! The roster: which emulators a host has, what each offers, and by what to tell whether that still holds.
//!
//! Starting emulators takes a good part of a second, so what they say is kept in one file. This crate reads that file where it
//! lies, read or mapped, without a heap and without trusting it; it checks by `stat` alone whether it still holds, and makes
//! `<guest>`s of it.
//!
//! ```text
//! Contents ──encode()──> bytes ──Roster::open()──> Roster ──check()──────> Check: what has to be asked again
//!                                                     └────add_guests()──> caps_core::Builder
//! ```
//!
//! | part | for |
//! |---|---|
//! | [`Surroundings`] | what holds for the host as a whole |
//! | [`Watch`] | a directory or file whose change means that emulators may have come or gone |
//! | [`Emulator`] | one emulator: its [`Identity`], and its [`Verdict`] |
//! | [`Slot`] | an architecture and the emulator that serves it: `<guest>` |
//! | [`verify_owner`] | the rule by which the file is believed |
//!
//! The file is a magic word and the number of the form, the parts one behind the other as postcard writes them, and the CRC-32 of
//! all that. It holds for the program version that wrote it.
#![no_std]
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

#[cfg(test)]
extern crate std;

mod check;
mod file;
mod guest;
mod list;
mod record;
mod roster;
mod surroundings;
mod trust;

pub use check::Check;
pub use file::{MAX_BYTES, Unreadable, encode};
pub use list::List;
pub use record::{
    Accelerator, Contents, Emulator, Identity, MAX_EMULATORS, Offer, Slot, Verdict, Watch,
};
pub use roster::Roster;
pub use surroundings::Surroundings;
pub use trust::{Untrusted, verify_owner};
