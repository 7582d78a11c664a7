//! The server's side of libvirt's wire protocol, as far as clients of capabilities need it: no std, no heap, no unsafe.
//!
//! A [`Connection`] is the state of one client and does no I/O: bytes in, bytes out. The caller owns sockets, buffers and
//! deadlines; what the machine answers comes through one trait, [`Node`].
//!
//! ```text
//! socket ──> input ──> Packet ──> Call ──> Connection ──> Writer ──> output ──> socket
//!                      (frame)    (arguments)  │  └──> Fault (error record)
//!                                              └──> Node (the machine)
//! ```
//!
//! | what | where |
//! |---|---|
//! | XDR values on slices | [`xdr`] |
//! | a packet: length, program, version, procedure, kind, serial, status | [`packet`] |
//! | numbers of procedures | [`Procedure`] |
//! | errors in the shape that clients print | [`fault`] |
//! | host information, CPU comparison and baseline | [`Node`] |
//!
//! Served: the list of authentications (none), features, open (read-only and read-write alike: all that is served is read-only),
//! close, the close callback, keepalive, capabilities, and host information. Everything else is refused as a driver of
//! libvirt's refuses what it does not have.
//!
//! The document is never held here: its length is told first, then it is copied in pieces, as far as the caller has room
//! ([`Connection::stream`]). One string of the protocol has at most [`MAX_TEXT_BYTES`]; a longer document is an error to the client.
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable
)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used))]

#[cfg(test)]
extern crate std;

mod answer;
mod call;
mod connection;
pub mod fault;
mod node;
pub mod packet;
mod procedure;
pub mod xdr;

pub use connection::{Connection, Hangup, Progress};
pub use node::{CpuTimes, Document, MemoryStats, Node, NodeInfo, SecurityModel, Unavailable};
pub use procedure::Procedure;

/// Most bytes of one string of the protocol: 4 MiB.
pub const MAX_TEXT_BYTES: u32 = 4 << 20;
/// Room that suffices for every reply but a document: the list of all features of a baseline is the longest.
pub const MAX_REPLY_BYTES: usize = 64 << 10;
/// The version of libvirt that is spoken for, as `virConnectGetLibVersion()` gives it: 12.8.0.
pub const LIB_VERSION: u64 = 12_008_000;
