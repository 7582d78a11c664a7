//! Writer and reader of libvirt's capabilities document: no std, no heap, no unsafe.
//!
//! [`write()`] streams a document of caps-core into any [`Sink`], with exactly libvirt's spacing, quoting,
//! escaping and order; the bytes end as the string of `virConnectGetCapabilities()` does. A 40 MB document takes 2 KiB.
//!
//! ```
//! use caps_core::{Builder, sink::SliceSink};
//! let caps = Builder::new(&mut []).finish().unwrap();
//! let mut text = [0; 512];
//! let mut sink = SliceSink::new(&mut text);
//! caps_xml::write(&caps, &mut sink).unwrap();
//! assert!(sink.written().starts_with(b"<capabilities>\n\n  <host>\n    <cpu>\n"));
//! ```
//!
//! [`read`] is a pull reader for small documents, [`cpu`] reads `<cpu>` elements as libvirt does, [`write_with`] and [`read_hooks`] carry what a driver attached.
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

pub mod cpu;
mod doc;
mod escape;
mod hooks;
mod out;
pub mod read;

pub use hooks::{HookError, read_hooks, write_with};

use caps_core::{Caps, Sink};

/// Writes the document of `caps`.
///
/// # Errors
/// The first error of the sink; nothing is written after it.
pub fn write<S: Sink>(caps: &Caps<'_>, sink: &mut S) -> Result<(), S::Error> {
    write_with(caps, &(), &(), sink)
}

/// Writes the `<cpu>` element of `caps` alone: as it stands in the document, but from the left margin on.
///
/// # Errors
/// The first error of the sink; nothing is written after it.
pub fn write_cpu<S: Sink>(caps: &Caps<'_>, sink: &mut S) -> Result<(), S::Error> {
    let mut out = out::Out::new(sink);
    doc::cpu(&mut out, caps, "");
    out.finish()
}

/// Writes the `<guest>` elements of `caps` alone: as they stand in the document, each with the blank line behind it.
///
/// # Errors
/// The first error of the sink; nothing is written after it.
pub fn write_guests<S: Sink>(caps: &Caps<'_>, sink: &mut S) -> Result<(), S::Error> {
    let mut out = out::Out::new(sink);
    doc::guests(&mut out, caps);
    out.finish()
}
