//! Names of models, vendors and architectures, decoded from a document.

use core::{fmt, str};

use crate::read::{Event, ReadError, Reader, Text};

/// Longest name in bytes; libvirt's own have fewer than 40.
pub const MAX_NAME: usize = 64;

/// Decoded text of at most [`MAX_NAME`] bytes.
///
/// Displays with a space in place of each control character, so that a message stays one line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name {
    bytes: [u8; MAX_NAME],
    len: u8,
}

/// The text has more than [`MAX_NAME`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Name {
    const EMPTY: Self = Self { bytes: [0; MAX_NAME], len: 0 };

    /// Returns the text; it is empty only for a feature without a name.
    pub fn as_str(&self) -> &str {
        self.bytes
            .get(..self.len.into())
            .and_then(|bytes| str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    pub(super) fn from_text(text: Text<'_>) -> Result<Self, TooLong> {
        let mut name = Self::EMPTY;
        name.append(text).map(|()| name)
    }

    /// Returns as much of `text` as there is room for.
    pub(super) fn from_str_lossy(text: &str) -> Self {
        let mut name = Self::EMPTY;
        let _ = text.chars().try_for_each(|c| name.push(c));
        name
    }

    /// Reads all text of the element that has just begun, past its end; the text of nested elements too, as XPath's
    /// `string()` does.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Result<Self, TooLong>, ReadError> {
        let outer = reader.depth().saturating_sub(1);
        let mut name = Ok(Self::EMPTY);
        while reader.depth() > outer {
            if let (Some(Event::Text(text)), Ok(so_far)) = (reader.next_event()?, &mut name) {
                name = so_far.append(text).map(|()| *so_far);
            }
        }
        Ok(name)
    }

    /// Returns `None` for an empty name, which libvirt treats as absent.
    pub(super) fn non_empty(self) -> Option<Self> {
        (self.len > 0).then_some(self)
    }

    fn append(&mut self, text: Text<'_>) -> Result<(), TooLong> {
        text.chars().try_for_each(|c| self.push(c))
    }

    fn push(&mut self, c: char) -> Result<(), TooLong> {
        let mut coded = [0; 4];
        for byte in c.encode_utf8(&mut coded).bytes() {
            *self.bytes.get_mut(usize::from(self.len)).ok_or(TooLong)? = byte;
            self.len = self.len.saturating_add(1);
        }
        Ok(())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        on_one_line(f, self.as_str().chars())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Writes characters of a document into a message: at most 512, control characters as spaces.
pub(super) fn on_one_line(
    f: &mut fmt::Formatter<'_>,
    text: impl Iterator<Item = char>,
) -> fmt::Result {
    use fmt::Write;
    let mut shown = text.take(512).map(|c| if c.is_control() { ' ' } else { c });
    shown.try_for_each(|c| f.write_char(c))
}
