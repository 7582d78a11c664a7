//! Lists of names.

use crate::code::Cursor;

/// Names in the order of the document, as raw bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Names<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { cursor: Cursor::new(bytes) }
    }
}

impl<'a> Iterator for Names<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        (!self.cursor.is_empty()).then(|| self.cursor.text())
    }
}
