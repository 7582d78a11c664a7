//! The body of a reply that is one string or an array of strings, byte by byte and without keeping it.
use super::{
    Malformed,
    wire::{Endian, Gathered},
};

/// Bytes of a string that are kept: an [`Answer`](super::Answer), and more than any name that is looked for.
const TEXT_MAX: usize = super::Answer::MAX_LEN;
/// Most bytes of an array that the protocol allows.
const ARRAY_MAX: u32 = 64 << 20;

/// The strings of a body as they pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts {
    endian: Endian,
    at: At,
    /// Bytes of body read.
    pos: u32,
    /// Bytes of body.
    len: u32,
    number: [u8; 4],
    text: Gathered<TEXT_MAX>,
    /// The body may end here.
    complete: bool,
    many: bool,
}

#[derive(Clone, Copy, Debug)]
enum At {
    /// The length of the array.
    Array,
    /// The length of a string.
    Length,
    /// That many bytes of a string, then a zero.
    Text(u32),
    /// Zeros before the next string.
    Padding,
}

impl Texts {
    /// The single string of a body of `len` bytes.
    pub(super) const fn one(len: u32, endian: Endian) -> Self {
        Self { at: At::Length, many: false, ..Self::many(len, endian) }
    }

    /// The array of strings of a body of `len` bytes.
    pub(super) const fn many(len: u32, endian: Endian) -> Self {
        let (number, text) = ([0; 4], Gathered::new());
        Self { endian, at: At::Array, pos: 0, len, number, text, complete: false, many: true }
    }

    /// Reads one byte; true when it ends a string.
    pub(super) fn byte(&mut self, byte: u8) -> Result<bool, Malformed> {
        let slot = self.pos % 4;
        self.pos = self.pos.saturating_add(1);
        self.complete = false;
        self.at = match self.at {
            At::Array if slot == 3 => self.array(byte)?,
            At::Length if slot == 3 => self.length(byte)?,
            At::Array | At::Length => self.digit(slot, byte),
            At::Text(0) => return self.terminator(byte),
            At::Text(left) => {
                self.text.push(byte);
                At::Text(left - 1)
            }
            At::Padding => self.padding(slot, byte)?,
        };
        Ok(false)
    }

    /// The string that has ended: all of it, or its first bytes.
    pub(super) fn text(&self) -> &Gathered<TEXT_MAX> {
        &self.text
    }

    /// To be asked after the last byte of the body.
    pub(super) const fn finish(&self) -> Result<(), Malformed> {
        if self.complete { Ok(()) } else { Err(Malformed::Body) }
    }

    /// A byte of a number. All numbers are aligned, so the position tells which.
    fn digit(&mut self, slot: u32, byte: u8) -> At {
        if let Some(digit) = self.number.get_mut(slot as usize) {
            *digit = byte;
        }
        self.at
    }

    fn number(&mut self, last: u8) -> u32 {
        self.digit(3, last);
        self.endian.u32(self.number)
    }

    /// The array is all of the body.
    fn array(&mut self, last: u8) -> Result<At, Malformed> {
        let len = self.number(last);
        if len > ARRAY_MAX || Some(len) != self.len.checked_sub(self.pos) {
            return Err(Malformed::Body);
        }
        self.complete = true;
        Ok(At::Length)
    }

    /// The string and its zero fit in the rest of the body; a single string fills it.
    fn length(&mut self, last: u8) -> Result<At, Malformed> {
        let (len, left) = (self.number(last), self.len.saturating_sub(self.pos));
        if len >= left || !self.many && len != left - 1 {
            return Err(Malformed::Body);
        }
        self.text.clear();
        Ok(At::Text(len))
    }

    fn terminator(&mut self, byte: u8) -> Result<bool, Malformed> {
        if byte != 0 {
            return Err(Malformed::Body);
        }
        self.complete = true;
        self.at = if self.pos.is_multiple_of(4) { At::Length } else { At::Padding };
        Ok(true)
    }

    fn padding(&self, slot: u32, byte: u8) -> Result<At, Malformed> {
        match byte {
            0 if slot == 3 => Ok(At::Length),
            0 => Ok(At::Padding),
            _ => Err(Malformed::Body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{string::String, vec::Vec};

    fn read(mut texts: Texts, body: &[u8]) -> Result<Vec<String>, Malformed> {
        let mut strings = Vec::new();
        for byte in body {
            if texts.byte(*byte)? {
                strings.push(String::from_utf8_lossy(texts.text().kept()).into_owned());
            }
        }
        texts.finish().map(|()| strings)
    }

    fn one(body: &[u8]) -> Result<Vec<String>, Malformed> {
        read(Texts::one(body.len() as u32, Endian::Little), body)
    }

    fn many(body: &[u8]) -> Result<Vec<String>, Malformed> {
        read(Texts::many(body.len() as u32, Endian::Little), body)
    }

    #[test]
    fn one_string() {
        assert_eq!(one(b"\x03\0\0\0yes\0").unwrap(), ["yes"]);
        assert_eq!(one(b"\0\0\0\0\0").unwrap(), [""]);
        assert_eq!(read(Texts::one(7, Endian::Big), b"\0\0\0\x02no\0").unwrap(), ["no"]);
    }

    #[test]
    fn of_a_long_string_the_beginning_is_kept() {
        let body = [&40_u32.to_le_bytes()[..], &[b'x'; 40], b"\0"].concat();
        assert_eq!(one(&body).unwrap(), ["x".repeat(32)]);
    }

    #[test]
    fn many_strings() {
        assert_eq!(many(b"\0\0\0\0").unwrap(), [""; 0]);
        assert_eq!(many(b"\x06\0\0\0\x01\0\0\0a\0").unwrap(), ["a"]);
        let body = b"\x19\0\0\0\x03\0\0\0abc\0\0\0\0\0\0\0\0\0\x04\0\0\0abcd\0";
        assert_eq!(many(body).unwrap(), ["abc", "", "abcd"]);
    }

    #[test]
    fn a_body_that_lies() {
        for body in [
            "",
            "\x01\0\0",
            "\x04\0\0\0yes\0",
            "\x02\0\0\0yes\0",
            "\x03\0\0\0yesx",
            "\x03\0\0\0yes\0\0",
            "\x03\0\0\0yes\0\x02\0\0\0no\0",
        ] {
            assert_eq!(one(body.as_bytes()), Err(Malformed::Body), "{body:?}");
        }
        let cases = [
            "",
            "\x01\0\0\0",
            "\x04\0\0\0",
            "\x04\0\0\0\x01\0\0\0",
            "\x05\0\0\0\x01\0\0\0a\0",
            "\x06\0\0\0\x02\0\0\0a\0",
            "\x07\0\0\0\x01\0\0\0a\0\0",
            "\x0d\0\0\0\x01\0\0\0a\0\x01\0\0\0\0\0\0",
            "\x08\0\0\0\x01\0\0\0a\0\0\0",
        ];
        for body in cases {
            assert_eq!(many(body.as_bytes()), Err(Malformed::Body), "{body:?}");
        }
    }

    #[test]
    fn an_array_above_the_limit() {
        let mut texts = Texts::many(ARRAY_MAX + 5, Endian::Big);
        let length = (ARRAY_MAX + 1).to_be_bytes().map(|byte| texts.byte(byte));
        assert_eq!(length, [Ok(false), Ok(false), Ok(false), Err(Malformed::Body)]);
    }
}
