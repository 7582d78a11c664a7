//! What a driver attaches to a document: private data and a namespace of its own.
//!
//! The old capabilities object carried eight function pointers for this. Here they are two traits; the data is a typed value
//! that belongs to the caller, so allocating it is [`Default`] and freeing it is [`Drop`].
//!
//! | old hook | here |
//! |---|---|
//! | `privateDataAllocFunc`, `privateDataFreeFunc` | `Default` and `Drop` of the implementor of [`PrivateData`] |
//! | `privateDataXMLFormat`, `privateDataXMLParse` | [`PrivateData::format`], [`PrivateData::parse`] |
//! | `ns.parse`, `ns.free`, `ns.format`, `ns.href` | [`Namespace::parse`], `Drop`, [`Namespace::format`], [`Namespace::HREF`] |

use crate::sink::Sink;

/// Data of a driver that only the driver understands. It travels in `<privateData>`.
pub trait PrivateData: Default {
    /// Why [`parse`](Self::parse) failed.
    type Error;

    /// Whether there is anything to write. Without, `<privateData>` is left out.
    fn is_empty(&self) -> bool;

    /// Writes the content of `<privateData>`: whole elements, each line with its indent and newline.
    ///
    /// # Errors
    /// What the sink says.
    fn format<S: Sink>(&self, sink: &mut S) -> Result<(), S::Error>;

    /// Reads back what [`format`](Self::format) wrote: the whole of `<privateData>`, from its start tag to its end tag.
    ///
    /// # Errors
    /// The driver's own, where `element` is not what it writes.
    fn parse(&mut self, element: &str) -> Result<(), Self::Error>;
}

/// A driver's own elements, under its own prefix.
pub trait Namespace: Default {
    /// The prefix: `qemu` of `<qemu:commandline>`.
    const PREFIX: &'static str;
    /// The URI that the prefix stands for, in `xmlns:PREFIX='HREF'` of the root element.
    const HREF: &'static str;

    /// Why [`parse`](Self::parse) failed.
    type Error;

    /// Whether there is anything to write. Without, `xmlns:PREFIX` is left out too.
    fn is_empty(&self) -> bool;

    /// Writes the elements: whole, each line with its indent and newline.
    ///
    /// # Errors
    /// What the sink says.
    fn format<S: Sink>(&self, sink: &mut S) -> Result<(), S::Error>;

    /// Reads back one element of the namespace, from its start tag to its end tag. Called for each, in document order.
    ///
    /// # Errors
    /// The driver's own, where `element` is not what it writes.
    fn parse(&mut self, element: &str) -> Result<(), Self::Error>;
}

/// Nothing attached: the QEMU driver's capabilities document.
impl PrivateData for () {
    type Error = core::convert::Infallible;

    fn is_empty(&self) -> bool {
        true
    }

    fn format<S: Sink>(&self, _: &mut S) -> Result<(), S::Error> {
        Ok(())
    }

    fn parse(&mut self, _: &str) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// No namespace of its own.
impl Namespace for () {
    const PREFIX: &'static str = "";
    const HREF: &'static str = "";

    type Error = core::convert::Infallible;

    fn is_empty(&self) -> bool {
        true
    }

    fn format<S: Sink>(&self, _: &mut S) -> Result<(), S::Error> {
        Ok(())
    }

    fn parse(&mut self, _: &str) -> Result<(), Self::Error> {
        Ok(())
    }
}
