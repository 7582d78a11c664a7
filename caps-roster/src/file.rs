//! The frame around a roster: how a file of its kind is told, and that it is whole.

use crate::record::Contents;
use core::fmt;
use twox_hash::XxHash3_64;

/// Most bytes of a roster that is read: some hundred times what one takes.
pub const MAX_BYTES: usize = 4 << 20;

const MAGIC: [u8; 8] = *b"\xffroster\n";
/// Changes with the form of a roster.
const FORM: u32 = 1;
/// The number of the form of a roster, of the lists of machines in it, and the version that decides what is in them.
const HEAD: [u8; 16] = head(env!("CARGO_PKG_VERSION").as_bytes());
const SUM_BYTES: usize = size_of::<u64>();

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
    let sum = XxHash3_64::oneshot(buffer.as_ref());
    buffer.extend(sum.to_le_bytes());
    crate::Roster::open(buffer.as_ref())?;
    Ok(buffer)
}

/// What stands in the frame, if it is whole.
pub(crate) fn body(bytes: &[u8]) -> Result<&[u8], Unreadable> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(Unreadable::Foreign)?;
    let rest = match rest.split_first_chunk() {
        Some((head, rest)) if *head == HEAD => rest,
        Some(_) => return Err(Unreadable::OtherVersion),
        None => return Err(Unreadable::Damaged),
    };
    let (whole, sum) = bytes.split_last_chunk::<SUM_BYTES>().ok_or(Unreadable::Damaged)?;
    if XxHash3_64::oneshot(whole) != u64::from_le_bytes(*sum) {
        return Err(Unreadable::Damaged);
    }
    rest.len().checked_sub(SUM_BYTES).and_then(|len| rest.get(..len)).ok_or(Unreadable::Damaged)
}
