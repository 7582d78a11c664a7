//! Text and attribute values: borrowed as written, decoded on the way out.

use core::fmt;
use core::str;

use super::cursor::is_space;
use super::entity;
use super::error::Needed;

/// Where a text was written, which decides what of it is to be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Between two tags: references, line ends.
    Content,
    /// In a start tag: references, and every literal white space is a space.
    Value,
    /// In a CDATA section: line ends only.
    Cdata,
}

/// Text of a document or value of an attribute, borrowed from the input as it is written there.
///
/// Everything but [`raw`](Self::raw) sees it decoded: references are replaced, line ends are line feeds, and white space that
/// stands as itself in an attribute's value is a space, as XML has it. All its references are known to be good.
///
/// ```
/// use caps_xml::read::{Needed, Reader};
///
/// let mut reader = Reader::new(b"<model fallback='a&lt;b' vendor_id='AMD'/>")?;
/// let start = reader.find_first("model")?.unwrap();
/// let fallback = start.attribute("fallback").unwrap();
/// assert!(fallback == "a<b");
/// assert_eq!(fallback.raw(), "a&lt;b");
/// assert_eq!(fallback.chars().count(), 3);
/// assert_eq!(fallback.plain(), None);
/// assert_eq!(start.attribute("vendor_id").unwrap().plain(), Some("AMD"));
///
/// let mut buffer = [0; 8];
/// assert_eq!(fallback.copy_to(&mut buffer), Ok("a<b"));
/// assert_eq!(fallback.copy_to(&mut buffer[..2]), Err(Needed { bytes: 3 }));
/// # Ok::<(), caps_xml::read::ReadError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    raw: &'a str,
    form: Form,
}

impl<'a> Text<'a> {
    /// The references in `raw` have been checked.
    pub(super) const fn new(raw: &'a str, form: Form) -> Self {
        Self { raw, form }
    }

    /// The text as it is written in the document, without the quotation marks of a value or the marks of a CDATA section.
    pub const fn raw(&self) -> &'a str {
        self.raw
    }

    /// The text itself, borrowed from the input, if nothing in it needs decoding; most texts are like that.
    pub fn plain(&self) -> Option<&'a str> {
        let coded = |c: char| match self.form {
            Form::Content => matches!(c, '&' | '\r'),
            Form::Value => matches!(c, '&' | '\r' | '\n' | '\t'),
            Form::Cdata => c == '\r',
        };
        if self.raw.contains(coded) { None } else { Some(self.raw) }
    }

    /// The characters of the text.
    pub fn chars(&self) -> Chars<'a> {
        Chars { rest: self.raw.chars(), form: self.form }
    }

    /// Whether there is nothing but white space in it, written as itself.
    pub fn is_blank(&self) -> bool {
        self.raw.chars().all(is_space)
    }

    /// Whether it may stand outside of the root element: white space, and not in a CDATA section.
    pub(super) fn is_between(&self) -> bool {
        self.form == Form::Content && self.is_blank()
    }

    /// Copies the text to the start of `buffer` and gives it back as a string; `self.raw().len()` bytes always suffice.
    ///
    /// # Errors
    /// How much the whole text needs, where that is more than `buffer` has; what then is in `buffer` is of no use.
    pub fn copy_to<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, Needed> {
        let mut bytes: usize = 0;
        for c in self.chars() {
            let (mut room, len) = ([0; 4], c.len_utf8());
            c.encode_utf8(&mut room);
            let place = buffer.get_mut(bytes..).and_then(|rest| rest.get_mut(..len));
            if let (Some(place), Some(coded)) = (place, room.get(..len)) {
                place.copy_from_slice(coded);
            }
            bytes = bytes.saturating_add(len);
        }
        let copied = buffer.get(..bytes).ok_or(Needed { bytes })?;
        Ok(str::from_utf8(copied).unwrap_or_default())
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chars().eq(other.chars())
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.chars().eq(other.chars())
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.eq(*other)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        self.chars().try_for_each(|c| f.write_char(c))
    }
}

/// The characters of a [`Text`], decoded one by one.
#[derive(Clone, Debug)]
pub struct Chars<'a> {
    rest: str::Chars<'a>,
    form: Form,
}

impl Chars<'_> {
    /// The character of the reference whose `&` was just taken.
    fn reference(&mut self) -> char {
        let Ok((c, behind)) = entity::decode(self.rest.as_str()) else { return '&' };
        self.rest = behind.chars();
        c
    }

    /// The line end whose carriage return was just taken.
    fn line_end(&mut self) -> char {
        let text = self.rest.as_str();
        self.rest = text.strip_prefix('\n').unwrap_or(text).chars();
        if self.form == Form::Value { ' ' } else { '\n' }
    }
}

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        Some(match (self.rest.next()?, self.form) {
            ('&', Form::Content | Form::Value) => self.reference(),
            ('\r', _) => self.line_end(),
            ('\n' | '\t', Form::Value) => ' ',
            (c, _) => c,
        })
    }
}
