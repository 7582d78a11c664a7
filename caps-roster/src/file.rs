//! The frame around a roster: how a file of its kind is told, and that it is whole.

use crate::record::Contents;
use core::fmt;
use crc::{CRC_32_ISO_HDLC, Crc, Table};

/// Most bytes of a roster that is read: some hundred times what one takes.
pub const MAX_BYTES: usize = 4 << 20;

const MAGIC: [u8; 8] = *b"\xffroster\n";
/// Changes with the form of a roster.
const FORM: u32 = 3;
/// The number of the form of a roster, of the lists of machines in it, and the version that decides what is in them.
const HEAD: [u8; 16] = head(env!("CARGO_PKG_VERSION").as_bytes());
const SUM_BYTES: usize = size_of::<u32>();

/// Why bytes are no roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// It is something else.
    Foreign,
    /// It was written by another version.
    OtherVersion,
    /// It is not as it was written.
    Damaged,
    /// It was written like this, and makes no sense.
    Malformed,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Foreign => "something else than a cache of emulators",
            Self::OtherVersion => "written by another version",
            Self::Damaged => "damaged",
            Self::Malformed => "whole, but it makes no sense",
        })
    }
}

impl core::error::Error for Unreadable {}

/// Two numbers and as much of the version as fits.
const fn head(version: &[u8]) -> [u8; 16] {
    let [form, machines] = [FORM.to_le_bytes(), caps_core::FORMAT.to_le_bytes()];
    let mut head = [0; 16];
    let (numbers, text) = head.split_at_mut(8);
    numbers.split_at_mut(4).0.copy_from_slice(&form);
    numbers.split_at_mut(4).1.copy_from_slice(&machines);
    let len = if version.len() < text.len() { version.len() } else { text.len() };
    text.split_at_mut(len).0.copy_from_slice(version.split_at(len).0);
    head
}

/// Appends a roster with these contents to `buffer`, which must be empty.
///
/// # Errors
/// [`Unreadable::Malformed`] where [`Roster::open`](crate::Roster::open) would refuse them.
pub fn encode<B: Extend<u8> + AsRef<[u8]>>(
    contents: &Contents<'_>,
    mut buffer: B,
) -> Result<B, Unreadable> {
    buffer.extend(MAGIC.into_iter().chain(HEAD));
    let mut buffer = postcard::to_extend(contents, buffer).map_err(|_| Unreadable::Malformed)?;
    let sum = SUM.checksum(buffer.as_ref());
    buffer.extend(sum.to_le_bytes());
    crate::Roster::open(buffer.as_ref())?;
    Ok(buffer)
}

/// A byte at a time: the tables for more are larger than any roster.
const SUM: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// A file, taken apart.
pub(crate) struct Frame<'f> {
    /// What the checksum is of.
    whole: &'f [u8],
    sum: u32,
    pub(crate) body: &'f [u8],
}

/// Takes a file apart, whole or not.
pub(crate) fn frame(bytes: &[u8]) -> Result<Frame<'_>, Unreadable> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(Unreadable::Foreign)?;
    let (head, rest) = rest.split_first_chunk().ok_or(Unreadable::Damaged)?;
    if *head != HEAD {
        return Err(Unreadable::OtherVersion);
    }
    let (body, sum) = rest.split_last_chunk::<SUM_BYTES>().ok_or(Unreadable::Damaged)?;
    let (whole, _) = bytes.split_last_chunk::<SUM_BYTES>().ok_or(Unreadable::Damaged)?;
    Ok(Frame { whole, sum: u32::from_le_bytes(*sum), body })
}

/// What stands in the frame, if it is whole.
pub(crate) fn body(bytes: &[u8]) -> Result<&[u8], Unreadable> {
    let Frame { whole, sum, body } = frame(bytes)?;
    if SUM.checksum(whole) == sum { Ok(body) } else { Err(Unreadable::Damaged) }
}
