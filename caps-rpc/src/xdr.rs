//! XDR: big-endian words of four bytes; strings are a length, bytes, and zeros up to the next word.

use core::fmt;

/// Bytes of a word, which everything is a multiple of.
pub const WORD_BYTES: usize = 4;

/// The bytes end before the value does, or a length is beyond its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Zeros that follow `len` bytes.
pub const fn padding(len: usize) -> usize {
    len.wrapping_neg() % WORD_BYTES
}

/// Reads values off the front of a payload.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of `payload`.
    pub const fn new(payload: &'a [u8]) -> Self {
        Self { rest: payload }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    /// An unsigned word.
    ///
    /// # Errors
    /// [`Malformed`], as of all methods here.
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        let (word, rest) = self.rest.split_first_chunk().ok_or(Malformed)?;
        self.rest = rest;
        Ok(u32::from_be_bytes(*word))
    }

    /// A signed word.
    pub fn i32(&mut self) -> Result<i32, Malformed> {
        self.u32().map(u32::cast_signed)
    }

    /// `N` bytes as they are; `N` is a multiple of a word.
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// A string. What it is encoded in is for the caller to tell.
    pub fn text(&mut self) -> Result<&'a [u8], Malformed> {
        let len = usize::try_from(self.u32()?).map_err(|_| Malformed)?;
        let text = self.take(len)?;
        self.take(padding(len))?;
        Ok(text)
    }

    /// A string that may be absent.
    pub fn nullable_text(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        match self.u32()? {
            0 => Ok(None),
            1 => self.text().map(Some),
            _ => Err(Malformed),
        }
    }

    /// A counted list of at most `most` strings, which are checked to be there.
    pub fn texts(&mut self, most: u32) -> Result<Texts<'a>, Malformed> {
        let count = self.count(most)?;
        let texts = Texts { reader: *self, left: count };
        (0..count).try_for_each(|_| self.text().map(drop))?;
        Ok(texts)
    }

    /// A counted list of at most `most` words.
    pub fn words(&mut self, most: u32) -> Result<Words<'a>, Malformed> {
        let count = usize::try_from(self.count(most)?).map_err(|_| Malformed)?;
        let words = self.take(count.checked_mul(WORD_BYTES).ok_or(Malformed)?)?;
        Ok(Words { words })
    }

    fn count(&mut self, most: u32) -> Result<u32, Malformed> {
        self.u32().ok().filter(|&count| count <= most).ok_or(Malformed)
    }
}

/// Iterator over a list of strings.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    reader: Reader<'a>,
    left: u32,
}

impl Texts<'_> {
    /// Strings that are still to come.
    pub const fn len(&self) -> u32 {
        self.left
    }

    /// Whether none is.
    pub const fn is_empty(&self) -> bool {
        self.left == 0
    }
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        self.reader.text().ok()
    }
}

/// A list of words.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    words: &'a [u8],
}

impl<'a> Words<'a> {
    /// The words one by one.
    pub fn iter(&self) -> impl Iterator<Item = u32> + 'a {
        self.words
            .chunks_exact(WORD_BYTES)
            .filter_map(|word| word.try_into().ok().map(u32::from_be_bytes))
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.words.len() / WORD_BYTES
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// Writes values one behind the other into a slice. What does not fit is counted on, and [`written`](Self::written) is `None`.
#[derive(Debug)]
pub struct Writer<'b> {
    buffer: &'b mut [u8],
    len: usize,
}

impl<'b> Writer<'b> {
    /// A writer over `buffer`, empty.
    pub const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, len: 0 }
    }

    /// Bytes so far, those that did not fit included.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes written; `None` where they did not fit.
    pub const fn written(&self) -> Option<usize> {
        if self.len <= self.buffer.len() { Some(self.len) } else { None }
    }

    /// Forgets all behind the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        let rest = self.buffer.get_mut(self.len..);
        if let Some(room) = rest.and_then(|rest| rest.get_mut(..bytes.len())) {
            room.copy_from_slice(bytes);
        }
        self.len = self.len.saturating_add(bytes.len());
    }

    /// An unsigned word.
    pub fn u32(&mut self, word: u32) {
        self.raw(&word.to_be_bytes());
    }

    /// A signed word.
    pub fn i32(&mut self, word: i32) {
        self.raw(&word.to_be_bytes());
    }

    /// Two words, the high one first.
    pub fn u64(&mut self, number: u64) {
        self.raw(&number.to_be_bytes());
    }

    /// A string.
    pub fn text(&mut self, text: &[u8]) {
        self.counted(|writer| writer.raw(text));
    }

    /// A string of what `text` displays.
    pub fn display(&mut self, text: &dyn fmt::Display) {
        self.counted(|writer| {
            // Only the writer could fail, and it does not: it counts.
            let _ = fmt::write(writer, format_args!("{text}"));
        });
    }

    /// A string that is there, although it might be absent.
    pub fn some_display(&mut self, text: &dyn fmt::Display) {
        self.u32(1);
        self.display(text);
    }

    /// A string that is absent, as is anything else that might be.
    pub fn absent(&mut self) {
        self.u32(0);
    }

    /// Overwrites the word at `at`, which was written before.
    pub fn patch(&mut self, at: usize, word: u32) {
        if let Some(place) = self.buffer.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *place = word.to_be_bytes();
        }
    }

    /// A length, what `write` writes, and zeros.
    fn counted(&mut self, write: impl FnOnce(&mut Self)) {
        let at = self.len;
        self.u32(0);
        let begin = self.len;
        write(self);
        let len = self.len.saturating_sub(begin);
        self.raw([0; WORD_BYTES].get(..padding(len)).unwrap_or(&[]));
        self.patch(at, u32::try_from(len).unwrap_or(u32::MAX));
    }
}

impl fmt::Write for Writer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.raw(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn strings_are_padded_to_words() {
        let mut buffer = [0xff; 12];
        let mut writer = Writer::new(&mut buffer);
        writer.text(b"abcde");
        assert_eq!(writer.written(), Some(12));
        assert_eq!(buffer, *b"\0\0\0\x05abcde\0\0\0");
        assert_eq!([0, 1, 2, 3, 4, 5].map(padding), [0, 3, 2, 1, 0, 3]);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut buffer = [0; 7];
        let mut writer = Writer::new(&mut buffer);
        writer.u64(1);
        writer.text(b"a");
        assert_eq!((writer.written(), writer.len()), (None, 16));
        writer.truncate(0);
        writer.u32(7);
        assert_eq!(writer.written(), Some(4));
    }

    #[test]
    fn a_list_is_as_long_as_it_says() {
        let two = b"\0\0\0\x02\0\0\0\x01a\0\0\0\0\0\0\x01b\0\0\0";
        assert!(Reader::new(two).texts(2).unwrap().eq([b"a", b"b"]));
        assert!(Reader::new(two).texts(1).is_err());
        assert!(Reader::new(&two[..two.len() - 1]).texts(2).is_err());
        assert!(Reader::new(b"\0\0\0\x02\0\0\0\x07\0\0\0\x08").words(2).unwrap().iter().eq([7, 8]));
        assert!(Reader::new(b"\x40\0\0\0\0\0\0\x07").words(u32::MAX).is_err());
    }

    proptest! {
        #[test]
        fn values_read_back(number: i32, text: Vec<u8>, words in proptest::collection::vec(any::<u32>(), 0..9)) {
            let mut buffer = vec![0; 64 + text.len()];
            let mut writer = Writer::new(&mut buffer);
            writer.i32(number);
            writer.u32(1);
            writer.text(&text);
            writer.u32(words.len() as u32);
            words.iter().for_each(|&word| writer.u32(word));
            let len = writer.written().unwrap();
            let mut reader = Reader::new(&buffer[..len]);
            prop_assert_eq!(reader.i32(), Ok(number));
            prop_assert_eq!(reader.nullable_text(), Ok(Some(&text[..])));
            prop_assert!(reader.words(9).unwrap().iter().eq(words));
            prop_assert_eq!(reader.u32(), Err(Malformed));
        }

        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            let mut reader = Reader::new(&bytes);
            while reader.nullable_text().is_ok() {}
            let texts = Reader::new(&bytes).texts(u32::MAX).map_or(0, Iterator::count);
            prop_assert!(texts <= bytes.len());
        }
    }
}
