//! The document: made of the host at each call, and kept as text while it is being sent.
//!
//! This is the one place that knows where host part and guests come from.

use caps_core::sink::SliceSink;
use caps_core::{Caps, Driver, Storage, storage};
use caps_linux::{Error, Guests, Host};
use caps_rpc::{Document, MAX_TEXT_BYTES, Unavailable};

/// Texts that may be on their way at once, those that are equal being one. Where all are, the last one is given again.
const TEXTS: usize = 4;

/// The host's document, and its texts.
pub(crate) struct Documents {
    storage: Storage<{ storage::MAX }>,
    texts: [Text; TEXTS],
    /// The text that was made last.
    last: u32,
}

struct Text {
    bytes: [u8; MAX_TEXT_BYTES as usize],
    len: usize,
    /// Clients that it is being sent to.
    clients: u32,
}

impl Text {
    const fn new() -> Self {
        Self { bytes: [0; MAX_TEXT_BYTES as usize], len: 0, clients: 0 }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}

impl Documents {
    pub(crate) const fn new() -> Self {
        Self { storage: Storage::new(), texts: [const { Text::new() }; TEXTS], last: 0 }
    }

    /// Makes the document anew.
    pub(crate) fn make(
        &mut self,
        host: &Host<'_>,
        guests: Guests,
    ) -> Result<Document, Unavailable> {
        let Some(free) = self.texts.iter().position(|text| text.clients == 0) else {
            return Ok(self.give(self.last));
        };
        let caps = caps(&mut self.storage, host, guests)?;
        let Some(text) = self.texts.get_mut(free) else { return Err(Unavailable("no room")) };
        let mut sink = SliceSink::new(&mut text.bytes);
        if caps_xml::write(&caps, &mut sink).is_err() {
            return Ok(Document { id: u32::MAX, bytes: MAX_TEXT_BYTES + 1 });
        }
        text.len = sink.written().len();
        let free = free as u32;
        if self.text(free) != self.text(self.last) {
            self.last = free;
        }
        Ok(self.give(self.last))
    }

    /// The document as it is now, handed to `visit`.
    pub(crate) fn with<T>(
        &mut self,
        host: &Host<'_>,
        visit: impl FnOnce(&Caps<'_>) -> T,
    ) -> Result<T, Unavailable> {
        caps(&mut self.storage, host, Guests::None).map(|caps| visit(&caps))
    }

    pub(crate) fn read(&self, document: Document, offset: u32, room: &mut [u8]) -> usize {
        let rest = self.text(document.id).get(offset as usize..).unwrap_or(&[]);
        let len = rest.len().min(room.len());
        if let (Some(room), Some(rest)) = (room.get_mut(..len), rest.get(..len)) {
            room.copy_from_slice(rest);
        }
        len
    }

    pub(crate) fn release(&mut self, document: Document) {
        if let Some(text) = self.texts.get_mut(document.id as usize) {
            text.clients = text.clients.saturating_sub(1);
        }
    }

    fn give(&mut self, id: u32) -> Document {
        let Some(text) = self.texts.get_mut(id as usize) else { return Document { id, bytes: 0 } };
        text.clients += 1;
        Document { id, bytes: text.len as u32 }
    }

    /// The text of a document.
    pub(crate) fn text(&self, id: u32) -> &[u8] {
        self.texts.get(id as usize).map_or(&[], Text::bytes)
    }
}

fn caps<'s>(
    storage: &'s mut Storage<{ storage::MAX }>,
    host: &Host<'_>,
    guests: Guests,
) -> Result<Caps<'s>, Unavailable> {
    let made =
        caps_linux::capabilities(host, &Driver::QEMU, guests, storage.bytes_mut(), None, &mut ());
    made.map_err(|error| match error {
        Error::Full(_) => Unavailable("this host is larger than any that there is room for"),
        Error::Refused(_) => Unavailable("the configuration of this host is refused"),
    })
}
