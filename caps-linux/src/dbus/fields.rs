//! The header fields of a reply: which call it answers, and of what type its body is.
//!
//! A field is a code and a variant. Codes that are not known here may hold a value of any type: it is walked over.
use super::{
    Malformed,
    wire::{Endian, padding, take},
};

const REPLY_SERIAL: u8 = 5;
const SIGNATURE: u8 = 8;
/// Variants within variants that are walked over: the depth that the protocol allows to all containers together.
const DEPTH_MAX: u8 = 64;

/// What a reply says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    /// Serial number of the call that is answered.
    pub(super) reply_to: u32,
    pub(super) body: BodyType,
}

/// Type of a body, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyType {
    /// `s`
    Text,
    /// `as`
    Texts,
    Other,
}

impl Fields {
    /// Reads the array of fields, which begins 16 bytes into the message.
    pub(super) fn read(bytes: &[u8], endian: Endian) -> Result<Self, Malformed> {
        let mut reader = Reader { rest: bytes, pos: 0, endian };
        let (mut reply_to, mut body) = (0, BodyType::Other);
        while !reader.rest.is_empty() {
            let (code, types) = reader.field().ok_or(Malformed::Fields)?;
            match (code, types) {
                (REPLY_SERIAL, b"u") => reply_to = reader.u32().ok_or(Malformed::Fields)?,
                (SIGNATURE, b"g") => {
                    body = BodyType::new(reader.signature().ok_or(Malformed::Fields)?)
                }
                (0 | REPLY_SERIAL | SIGNATURE, _) => return Err(Malformed::Fields),
                _ => reader.skip(types, DEPTH_MAX).ok_or(Malformed::Fields)?,
            }
        }
        if reply_to == 0 { Err(Malformed::ReplySerial) } else { Ok(Self { reply_to, body }) }
    }
}

impl BodyType {
    const fn new(signature: &[u8]) -> Self {
        match signature {
            b"s" => Self::Text,
            b"as" => Self::Texts,
            _ => Self::Other,
        }
    }
}

/// Reads values off the front; `None` when they do not end within what there is.
struct Reader<'a> {
    rest: &'a [u8],
    pos: usize,
    endian: Endian,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let taken = take(&mut self.rest, n);
        self.pos = self.pos.saturating_add(taken.len());
        (taken.len() == n).then_some(taken)
    }

    fn align(&mut self, to: usize) -> Option<()> {
        let zeros = self.take(padding(self.pos, to))?;
        zeros.iter().all(|&byte| byte == 0).then_some(())
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u32(&mut self) -> Option<u32> {
        self.align(4)?;
        self.take(4)?.first_chunk().map(|bytes| self.endian.u32(*bytes))
    }

    /// `n` bytes and the zero after them.
    fn terminated(&mut self, n: usize) -> Option<&'a [u8]> {
        let text = self.take(n)?;
        (self.byte()? == 0).then_some(text)
    }

    fn signature(&mut self) -> Option<&'a [u8]> {
        let len = self.byte()?;
        self.terminated(len.into())
    }

    /// Code and type of the next field, up to its value.
    fn field(&mut self) -> Option<(u8, &'a [u8])> {
        self.align(8)?;
        Some((self.byte()?, self.signature()?))
    }

    /// Walks over a value of each of these types. A struct is its members, after its alignment.
    fn skip(&mut self, mut types: &[u8], depth: u8) -> Option<()> {
        while let Some((kind, rest)) = types.split_first() {
            types = rest;
            match kind {
                b'a' => types = self.skip_array(rest)?,
                b'v' => {
                    let inner = self.signature()?;
                    self.skip(inner, depth.checked_sub(1)?)?;
                }
                _ => self.skip_one(*kind)?,
            }
        }
        Some(())
    }

    fn skip_one(&mut self, kind: u8) -> Option<()> {
        let fixed = match kind {
            b'g' => return self.signature().map(drop),
            b's' | b'o' => {
                let len = self.u32()?;
                return self.terminated(usize::try_from(len).ok()?).map(drop);
            }
            b'(' | b')' => 0,
            b'y' | b'n' | b'q' | b'b' | b'i' | b'u' | b'h' | b'x' | b't' | b'd' => alignment(kind),
            _ => return None,
        };
        self.align(alignment(kind))?;
        self.take(fixed).map(drop)
    }

    /// Walks over an array by its length; gives the types after that of its elements.
    fn skip_array<'t>(&mut self, element: &'t [u8]) -> Option<&'t [u8]> {
        let len = self.u32()?;
        self.align(alignment(*element.first()?))?;
        self.take(usize::try_from(len).ok()?)?;
        after_one(element)
    }
}

/// Alignment of a type; of those of fixed size it is the size too.
const fn alignment(kind: u8) -> usize {
    match kind {
        b'n' | b'q' => 2,
        b'b' | b'i' | b'u' | b'h' | b's' | b'o' | b'a' => 4,
        b'x' | b't' | b'd' | b'(' | b'{' => 8,
        _ => 1,
    }
}

/// What follows the first complete type.
fn after_one(mut types: &[u8]) -> Option<&[u8]> {
    let mut open = 0_usize;
    loop {
        let (kind, rest) = types.split_first()?;
        types = rest;
        match kind {
            b'(' | b'{' => open = open.saturating_add(1),
            b')' | b'}' => open = open.checked_sub(1)?,
            _ => {}
        }
        if open == 0 && *kind != b'a' {
            return Some(types);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO_7: &[u8] = b"\x05\x01u\0\x07\0\0\0";

    fn read(bytes: &[u8]) -> Result<Fields, Malformed> {
        Fields::read(bytes, Endian::Little)
    }

    /// An unknown field, with its value padded to 8, and `TO_7` after it.
    fn with_unknown(types: &[u8], value: &[u8]) -> std::vec::Vec<u8> {
        let mut bytes = std::vec![200, types.len() as u8];
        bytes.extend_from_slice(types);
        bytes.push(0);
        bytes.extend_from_slice(value);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes.extend_from_slice(TO_7);
        bytes
    }

    #[test]
    fn serial_and_body_type() {
        let fields = |body| Ok(Fields { reply_to: 7, body });
        assert_eq!(read(TO_7), fields(BodyType::Other));
        assert_eq!(read(b"\x08\x01g\0\x01s\0\0\x05\x01u\0\x07\0\0\0"), fields(BodyType::Text));
        assert_eq!(read(b"\x05\x01u\0\x07\0\0\0\x08\x01g\0\x02as\0"), fields(BodyType::Texts));
        assert_eq!(read(b"\x05\x01u\0\x07\0\0\0\x08\x01g\0\x03sas\0"), fields(BodyType::Other));
        assert_eq!(Fields::read(b"\x05\x01u\0\0\0\0\x07", Endian::Big), fields(BodyType::Other));
    }

    #[test]
    fn a_reply_to_nothing() {
        assert_eq!(read(b""), Err(Malformed::ReplySerial));
        assert_eq!(read(b"\x08\x01g\0\x01s\0"), Err(Malformed::ReplySerial));
        assert_eq!(read(b"\x05\x01u\0\0\0\0\0"), Err(Malformed::ReplySerial));
    }

    #[test]
    fn unknown_fields_of_any_type_are_walked_over() {
        let cases: [(&[u8], &[u8]); 13] = [
            (b"y", b"\xff"),
            (b"q", b"\x01\x02"),
            (b"t", b"\0\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08"),
            (b"s", b"\x03\0\0\0abc\0"),
            (b"o", b"\x01\0\0\0/\0"),
            (b"g", b"\x02as\0"),
            (b"v", b"\x01u\0\0\x01\0\0\0"),
            (b"ay", b"\0\0\0\x03\0\0\0abc"),
            (b"a(yy)", b"\x02\0\0\0\0\0\0\0\xff\x05"),
            (b"a(ys)", b"\0\0\0\0\0\0\0\0"),
            (b"(yu)", b"\0\x01\0\0\0\x02\0\0\0"),
            (b"a{sv}y", b"\0\0\0\0\0\0\0\xff"),
            (b"(v)", b"\0\0\x03(u)\0\0\0\0\x01\0\0\0"),
        ];
        for (types, value) in cases {
            let bytes = with_unknown(types, value);
            assert_eq!(read(&bytes).map(|fields| fields.reply_to), Ok(7), "{types:?}");
        }
    }

    #[test]
    fn broken_fields() {
        let cases: [&[u8]; 12] = [
            b"\x05",
            b"\x05\x01u",
            b"\x05\x01u\0\x07\0\0",
            b"\x05\x01u\x01\x07\0\0\0",
            b"\x05\x01s\0\x01\0\0\0a\0",
            b"\x08\x01s\0\x01\0\0\0a\0",
            b"\x08\x01g\0\x01s\x01",
            b"\0\x01y\0\x01",
            b"\xc8\x01s\0\xff\xff\xff\xffa\0",
            b"\xc8\x01z\0a",
            b"\x08\x01g\0\x01s\0\x01\x05\x01u\0\x07\0\0\0",
            b"\x08\x01g\0\x01s\0\0",
        ];
        for bytes in cases {
            assert_eq!(read(bytes), Err(Malformed::Fields), "{bytes:?}");
        }
        for types in [&b"a"[..], b"a(", b"a)", b"aa{s", b"{sv}", b"ay)"] {
            assert_eq!(read(&with_unknown(types, &[0; 16])), Err(Malformed::Fields), "{types:?}");
        }
    }

    #[test]
    fn variants_in_variants_end() {
        let nested = |depth: usize| {
            with_unknown(b"v", &[b"\x01v\0".repeat(depth - 1), b"\x01y\0\0".to_vec()].concat())
        };
        assert!(read(&nested(64)).is_ok());
        assert_eq!(read(&nested(65)), Err(Malformed::Fields));
    }

    #[test]
    fn after_one_complete_type() {
        for (types, rest) in [("yu", "u"), ("aau", ""), ("a(yas)s", "s"), ("a{sa(ii)}x", "x")] {
            assert_eq!(after_one(types.as_bytes()), Some(rest.as_bytes()));
        }
        for types in ["", "a", "(y", ")", "aa"] {
            assert_eq!(after_one(types.as_bytes()), None);
        }
    }
}
