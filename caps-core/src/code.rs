//! The encoding of the storage: little-endian fields and variable-length numbers, so that it can be mapped and sent.

/// The number of this encoding: another one as soon as anything is stored otherwise.
pub const FORMAT: u32 = 2;

/// A variable-length number: seven bits a byte, least significant first.
pub(crate) fn varint_bytes(mut value: u64) -> ([u8; 10], usize) {
    let mut bytes = [0; 10];
    let mut len = 0;
    for byte in &mut bytes {
        *byte = (value & 0x7f) as u8;
        value >>= 7;
        len += 1;
        if value == 0 {
            break;
        }
        *byte |= 0x80;
    }
    (bytes, len)
}

/// Reads what a [`Pool`](crate::pool::Pool) wrote. Past the end every field is zero: only a foreign storage has an end there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn u8(&mut self) -> u8 {
        let Some((&first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        first
    }

    pub(crate) fn u32(&mut self) -> u32 {
        let Some((bytes, rest)) = self.rest.split_first_chunk() else { return 0 };
        self.rest = rest;
        u32::from_le_bytes(*bytes)
    }

    pub(crate) fn u64(&mut self) -> u64 {
        let Some((bytes, rest)) = self.rest.split_first_chunk() else { return 0 };
        self.rest = rest;
        u64::from_le_bytes(*bytes)
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> u64 {
        let (value, rest) = match *self.rest {
            [value @ ..0x80, ref rest @ ..] => (value.into(), rest),
            [low, high @ ..0x80, ref rest @ ..] => {
                (u64::from(low & 0x7f) | (u64::from(high) << 7), rest)
            }
            _ => long_varint(self.rest),
        };
        self.rest = rest;
        value
    }

    pub(crate) fn varint32(&mut self) -> u32 {
        self.varint() as u32
    }

    /// The next `len` bytes, fewer at the end.
    #[inline]
    pub(crate) fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = match self.rest.split_at_checked(len) {
            Some(split) => split,
            None => past_the_end(self.rest),
        };
        self.rest = rest;
        taken
    }

    /// Bytes behind a length.
    #[inline]
    pub(crate) fn text(&mut self) -> &'a [u8] {
        let len = self.varint() as usize;
        self.take(len)
    }

    /// The bytes up to and with the next zero at the beginning of a pair of numbers: an encoded set.
    pub(crate) fn set(&mut self) -> &'a [u8] {
        let whole = self.rest;
        while self.varint() != 0 {
            self.varint();
        }
        let len = whole.len() - self.rest.len();
        whole.get(..len).unwrap_or(whole)
    }
}

/// A variable-length number of any length, and what is behind it.
#[cold]
fn long_varint(bytes: &[u8]) -> (u64, &[u8]) {
    let mut value = 0;
    let mut rest = bytes;
    for shift in (0..64).step_by(7) {
        let Some((&byte, behind)) = rest.split_first() else { break };
        rest = behind;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    (value, rest)
}

/// All of `bytes`, and nothing behind them: only a foreign storage has an end there.
#[cold]
#[inline(never)]
fn past_the_end(bytes: &[u8]) -> (&[u8], &[u8]) {
    (bytes, &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    proptest! {
        #[test]
        fn a_varint_reads_back(value: u64) {
            let (bytes, len) = varint_bytes(value);
            let mut cursor = Cursor::new(&bytes[..len]);
            prop_assert_eq!(cursor.varint(), value);
            prop_assert!(cursor.is_empty());
        }

        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            let mut cursor = Cursor::new(&bytes);
            cursor.set();
            cursor.text();
            cursor.varint();
        }
    }
}
