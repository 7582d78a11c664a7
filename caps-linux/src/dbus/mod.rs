//! The part of D-Bus that asking logind takes: bytes in, bytes out.
//!
//! [`Logind`] holds the whole conversation with the system bus, from the SASL handshake to the third answer, and does no
//! I/O: the caller owns the socket and the deadline. Feeds `<power_management>`.
//!
//! ```text
//! client                                   bus
//! \0AUTH EXTERNAL <uid in hex>      ──>        auth
//!                                   <──    OK  auth
//! BEGIN, Hello                      ──>        request
//!                                   <──   ":1.7"
//! ListActivatableNames, ListNames   ──>
//!                                   <──  names, looked at as they pass, never stored
//! CanSuspend, CanHibernate,
//! CanHybridSleep                    ──>
//!                                   <──  "yes", "challenge", "no", "na", ...
//! ```
//!
//! Requests go out one at a time and are constants of the program. What comes in is cut into messages by `message`; only
//! the head of a reply is kept (1 KiB at most), bodies of any length stream through `body`.
//!
//! ```no_run
//! use std::{io::{Read, Write}, os::unix::net::UnixStream};
//! use caps_linux::dbus::{Logind, Step};
//!
//! let mut bus = UnixStream::connect("/run/dbus/system_bus_socket")?;
//! let mut logind = Logind::new(0);
//! let mut chunk = [0; 4096];
//! loop {
//!     match logind.step() {
//!         Step::Send(bytes) => bus.write_all(bytes)?,
//!         Step::Receive => match bus.read(&mut chunk)? {
//!             0 => break, // hung up
//!             n => logind.received(&chunk[..n]),
//!         },
//!         Step::Done(answers) => break println!("suspend: {}", answers.suspend),
//!         Step::Absent => break println!("no logind"),
//!         Step::Failed(failure) => break println!("{failure}"),
//!     }
//! }
//! # Ok::<(), std::io::Error>(())
//! ```
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing, clippy::expect_used, clippy::unreachable)]

mod answer;
mod auth;
mod body;
mod failure;
mod fields;
mod logind;
mod message;
mod request;
#[cfg(test)]
mod tests;
mod wire;

pub use answer::{Answer, Answers};
pub use failure::{Failure, Malformed};
pub use logind::{Logind, Step};
pub use request::Call;
