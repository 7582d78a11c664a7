//! What a driver attached to a document, written into it and read back.

use crate::doc;
use crate::out::{Out, put};
use crate::read::{Event, ReadError, Reader};
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
    /// The document is not well-formed.
    Document(ReadError),
    /// The private data was refused by its own parser.
    Private(P),
    /// An element of the namespace was refused by its own parser.
    Namespace(N),
}

/// Reads back what [`write_with`] wrote: `<privateData>` and the elements of the namespace, by whatever prefix the root
/// declares for it. Everything else is passed over.
///
/// # Errors
/// [`HookError`] for a document that is not well-formed, and what the parsers of the driver say.
pub fn read_hooks<P: PrivateData, N: Namespace>(
    document: &[u8],
    private: &mut P,
    namespace: &mut N,
) -> Result<(), HookError<P::Error, N::Error>> {
    let mut reader = Reader::new(document).map_err(HookError::Document)?;
    let mut prefix = None;
    while let Some(event) = reader.next_event().map_err(HookError::Document)? {
        let Event::Start(start) = event else { continue };
        if reader.depth() == 1 {
            prefix = start.attributes.prefix(N::HREF);
            continue;
        }
        let element = reader.raw_element().map_err(HookError::Document)?;
        if start.name == "privateData" {
            private.parse(element).map_err(HookError::Private)?;
        } else if prefix.is_some_and(|prefix| has_prefix(start.name, prefix)) {
            namespace.parse(element).map_err(HookError::Namespace)?;
        }
    }
    Ok(())
}

fn has_prefix(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(':'))
}
