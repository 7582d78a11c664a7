//! A place in the document, and the small steps forward from it.

use core::ops::Range;

use super::error::{Kind, ReadError};

/// A document that is UTF-8 of allowed characters, and what of it is still to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    document: &'a str,
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(document: &'a str) -> Self {
        Self { document, rest: document }
    }

    /// Offset of what is still to be read, in bytes.
    pub(super) const fn at(&self) -> usize {
        self.document.len().saturating_sub(self.rest.len())
    }

    pub(super) const fn rest(&self) -> &'a str {
        self.rest
    }

    pub(super) fn slice(&self, span: Range<usize>) -> &'a str {
        self.document.get(span).unwrap_or_default()
    }

    /// An error at this place; at the end of the document it is always [`Kind::UnexpectedEnd`].
    pub(super) const fn error(&self, kind: Kind) -> ReadError {
        let kind = if self.rest.is_empty() { Kind::UnexpectedEnd } else { kind };
        ReadError::new(self.at(), kind)
    }

    /// Steps over `token` if it stands here.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let behind = self.rest.strip_prefix(token);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    /// Steps over `token`, or fails with `kind`.
    pub(super) fn expect(&mut self, token: &str, kind: Kind) -> Result<(), ReadError> {
        if self.eat(token) { Ok(()) } else { Err(self.error(kind)) }
    }

    /// Steps over white space and says whether there was any.
    pub(super) fn space(&mut self) -> bool {
        let behind = self.rest.trim_start_matches(is_space);
        let any = behind.len() < self.rest.len();
        self.rest = behind;
        any
    }

    /// Takes what stands before the next `stop` and steps over both.
    pub(super) fn before(&mut self, stop: &str) -> Result<&'a str, ReadError> {
        let end = ReadError::new(self.document.len(), Kind::UnexpectedEnd);
        let at = find(self.rest, stop).ok_or(end)?;
        let (taken, behind) = self.rest.split_at_checked(at).ok_or(end)?;
        self.rest = behind.strip_prefix(stop).ok_or(end)?;
        Ok(taken)
    }

    /// Takes what stands before the next `stop`, or all the rest, and steps over that.
    pub(super) fn until(&mut self, stop: char) -> &'a str {
        let end = self.rest.find(stop).unwrap_or(self.rest.len());
        let (taken, behind) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = behind;
        taken
    }

    /// Takes a name: one part, or a prefix and a local part with a colon between them.
    pub(super) fn name(&mut self) -> Result<&'a str, ReadError> {
        let start = self.at();
        self.part()?;
        if self.eat(":") {
            self.part()?;
        }
        Ok(self.slice(start..self.at()))
    }

    fn part(&mut self) -> Result<(), ReadError> {
        let behind = self.rest.strip_prefix(is_name_start).ok_or_else(|| self.error(Kind::Name))?;
        self.rest = behind.trim_start_matches(is_name_char);
        Ok(())
    }
}

/// Where `needle` begins in `text`, without the panic paths of `str::find`.
pub(super) fn find(text: &str, needle: &str) -> Option<usize> {
    let mut windows = text.as_bytes().windows(needle.len().max(1));
    windows.position(|window| window == needle.as_bytes())
}

/// White space of XML: space, tab, line feed, carriage return.
pub(super) const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// A character that may stand in a document (`Char` of XML 1.0).
pub(super) const fn is_allowed(c: char) -> bool {
    is_space(c) || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// A character that may begin a name (`NameStartChar` of XML 1.0 without the colon).
const fn is_name_start(c: char) -> bool {
    matches!(c,
        'a'..='z' | 'A'..='Z' | '_'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
        | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// A character that may go on with a name (`NameChar` of XML 1.0 without the colon).
pub(super) const fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}
