//! Text that libvirt escapes: CPU model and vendor. Everything else is copied raw, as libvirt does.

use crate::out::{Out, Piece};
use caps_core::Sink;

/// `<`, `>`, `&`, `"` and `'` become entities; control characters up to 0x19 are dropped, but for tab and line ends.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl Piece for Escaped<'_> {
    fn put<S: Sink>(&self, out: &mut Out<'_, S>) {
        for byte in self.0.as_bytes() {
            match byte {
                b'<' => out.raw(b"&lt;"),
                b'>' => out.raw(b"&gt;"),
                b'&' => out.raw(b"&amp;"),
                b'"' => out.raw(b"&quot;"),
                b'\'' => out.raw(b"&apos;"),
                b'\t' | b'\n' | b'\r' => out.raw(&[*byte]),
                ..=0x19 => {}
                _ => out.raw(&[*byte]),
            }
        }
    }
}
