//! Text that libvirt escapes: CPU model and vendor. Everything else is copied raw, as libvirt does.

use crate::out::{Piece, Tray};
use caps_core::Sink;

/// `<`, `>`, `&`, `"` and `'` become entities; control characters up to 0x19 are dropped, but for tab and line ends.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl Piece for Escaped<'_> {
    fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, len: usize) -> usize {
        self.0.as_bytes().iter().fold(len, |len, byte| match byte {
            b'<' => tray.raw(len, b"&lt;"),
            b'>' => tray.raw(len, b"&gt;"),
            b'&' => tray.raw(len, b"&amp;"),
            b'"' => tray.raw(len, b"&quot;"),
            b'\'' => tray.raw(len, b"&apos;"),
            b'\t' | b'\n' | b'\r' => tray.raw(len, &[*byte]),
            ..=0x19 => len,
            _ => tray.raw(len, &[*byte]),
        })
    }
}
