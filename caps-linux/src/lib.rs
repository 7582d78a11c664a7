//! Probes of a Linux host: raw system calls and CPUID, no std, no heap.
#![no_std]
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

pub mod dbus;
mod error;
mod facts;
mod held;
mod live;
mod machine_id;
pub mod parse;
mod path;
mod probe;
mod report;
mod root;
mod sink;
mod sys;
mod tree;
mod usage;

pub use error::{ConfFile, Error, Refusal, Unavailable, Word};
pub use facts::{Denied, Facts, FailedFact};
pub use held::{Change, Held};
pub use live::{Environment, Live, Native, PAGE_BYTES, SYSTEM_BUS};
pub use path::{Path, Piece};
pub use probe::{Guests, Host, capabilities};
pub use report::{Observer, Outcome, Report, Tally, Topic};
pub use root::Root;
pub use sink::FdSink;
#[cfg(feature = "startup")]
pub use sys::stdout_was_closed;
#[cfg(feature = "std")]
pub use sys::supervise;
pub use sys::{Errno, Identity, Machine, Stat, TscFacts, keep_descriptors};
pub use tree::{HeldFile, Tree};
pub use usage::{Memory, Usage};

/// What a program needs that answers on sockets: listening, waiting, signals, time.
pub mod serve {
    pub use crate::sys::serve::*;
}

/// Readers of foreign bytes that have no other public entry.
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing {
    /// Returns the names in records of `getdents64`.
    pub fn directory_names(records: &[u8]) -> impl Iterator<Item = &[u8]> {
        crate::root::names(records)
    }
}
