//! A pull reader of XML over one slice of bytes: no heap, bounded, safe on hostile input.
//!
//! It reads `<cpu>` elements, capabilities and domain documents, and the blocks that a driver attached to them:
//!
//! ```text
//! &[u8] ──> Cursor ──> tokens ──> Reader ──> Event { Start, Text, End }
//!           (bytes)    (syntax)   (nesting)
//! ```
//!
//! ```
//! use caps_xml::read::{Event, Reader};
//!
//! let mut reader = Reader::new(b"<cpu><!-- host --><feature name='sse4.1'/><model>kvm64 &amp; co</model></cpu>")?;
//! while let Some(event) = reader.next_event()? {
//!     match event {
//!         Event::Start(start) if start.name == "feature" => assert!(start.attribute("name").unwrap() == "sse4.1"),
//!         Event::Text(text) => assert!(text == "kvm64 & co"),
//!         Event::Start(_) | Event::End { .. } => {}
//!     }
//! }
//! # Ok::<(), caps_xml::read::ReadError>(())
//! ```
//!
//! # What it holds a document to
//!
//! Well-formed XML 1.0 in UTF-8 (a byte order mark may lead it), names of at most one colon, one root, and nothing but white
//! space, comments and processing instructions outside of it. Time is linear in the input. The bounds are [`MAX_BYTES`] (or the
//! caller's own), [`MAX_DEPTH`] and [`MAX_ATTRIBUTES`].
//!
//! # What it does not do
//!
//! - A document type declaration is refused ([`Kind::Doctype`]), so the only entities are the five that XML predefines.
//! - An encoding other than UTF-8 is refused ([`Kind::Encoding`]), not converted.
//! - Prefixes are not resolved: a name is compared as written, and [`Attributes::namespace`] and [`Attributes::prefix`] look up
//!   what one start tag declares. A prefix that nothing declares is no error.

mod cursor;
mod entity;
mod error;
mod reader;
mod tag;
mod text;
mod token;

pub use error::{Kind, Needed, Position, ReadError};
pub use reader::{Event, Reader};
pub use tag::{Attribute, AttributeIter, Attributes, Start};
pub use text::{Chars, Text};

/// The longest input that [`Reader::new`] takes, in bytes; [`Reader::with_limit`] takes the caller's own bound.
pub const MAX_BYTES: usize = 64 << 20;

/// How many elements may be open at once, the root included.
pub const MAX_DEPTH: usize = 64;

/// How many attributes one start tag may have, declarations of namespaces included.
pub const MAX_ATTRIBUTES: usize = 64;
