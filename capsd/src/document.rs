//! The document: held, looked at again at each call, and kept as text while it is being sent.
//!
//! This is the one place that knows where host part and guests come from: the one from a [`Held`] host, the others from
//! [`Emulators`].

use crate::emulators::Emulators;
use crate::log::log;
use caps_core::sink::SliceSink;
use caps_core::{Builder, Caps};
use caps_linux::serve::monotonic_ms;
use caps_linux::{
    Change, Environment, Errno, Error, Facts, Guests, Held, Host, Live, Native, Path, Root,
};
use caps_rpc::{Document, MAX_TEXT_BYTES, Unavailable};
use core::cell::Cell;

/// Milliseconds between two times that logind is waited for in vain.
const AGAIN_MS: u64 = 5000;
/// Texts that may be on their way at once. While all are, a document that has changed is refused: an old one would be wrong.
const TEXTS: usize = 4;

/// Texts of the document, each as long as any client takes it.
pub(crate) struct Texts {
    texts: [Text; TEXTS],
    /// The text that was made last.
    last: u32,
    /// Whether it is that of the held document.
    current: bool,
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

    fn write(&mut self, caps: &Caps<'_>) -> Result<(), Unavailable> {
        let mut sink = SliceSink::new(&mut self.bytes);
        let written = caps_xml::write(caps, &mut sink);
        self.len = sink.written().len();
        written.map_err(|_| Unavailable("the document is longer than any client takes it"))
    }
}

impl Texts {
    pub(crate) const fn new() -> Self {
        Self { texts: [const { Text::new() }; TEXTS], last: 0, current: false }
    }

    /// The text of a document.
    pub(crate) fn text(&self, id: u32) -> &[u8] {
        self.texts.get(id as usize).map_or(&[], Text::bytes)
    }

    /// Writes the text of `caps`.
    fn write(&mut self, caps: &Caps<'_>) -> Result<(), Unavailable> {
        let mut texts = self.texts.iter_mut().zip(0..);
        let free = texts.find(|(text, _)| text.clients == 0);
        let (text, id) = free.ok_or(Unavailable("too many older documents are being sent"))?;
        text.write(caps)?;
        (self.last, self.current) = (id, true);
        Ok(())
    }

    /// The last text, for one more client.
    fn give(&mut self) -> Document {
        let id = self.last;
        let Some(text) = self.texts.get_mut(id as usize) else { return Document { id, bytes: 0 } };
        text.clients += 1;
        Document { id, bytes: text.len as u32 }
    }

    /// One client less.
    pub(crate) fn release(&mut self, document: Document) {
        if let Some(text) = self.texts.get_mut(document.id as usize) {
            text.clients = text.clients.saturating_sub(1);
        }
    }
}

/// The document of this host, and where it comes from.
pub(crate) struct Source<'s> {
    pub(crate) root: &'s Root,
    pub(crate) native: Native,
    pub(crate) live: Live<'static>,
    /// When facts that failed were asked for last.
    pub(crate) asked_ms: u64,
    /// Whether something failed in the last call.
    pub(crate) unread: bool,
    pub(crate) held: Held<'s>,
    pub(crate) texts: &'s mut Texts,
    pub(crate) emulators: &'s mut Emulators,
    /// Where the roster of emulators is kept; without, there are no guests.
    pub(crate) roster: Option<Path>,
    /// Whether a call used what is known of emulators since that was last compared with them.
    pub(crate) is_used: Cell<bool>,
}

impl Source<'_> {
    /// The text of the document as it is now, for one more client.
    pub(crate) fn make(&mut self) -> Result<Document, Unavailable> {
        let Self { held, texts, .. } = self.refresh()?;
        if let (false, Some(caps)) = (texts.current, held.caps()) {
            texts.write(&caps)?;
        }
        Ok(texts.give())
    }

    /// The document as it is now.
    pub(crate) fn caps(&mut self) -> Result<Caps<'_>, Unavailable> {
        self.refresh()?.held.caps().ok_or(Unavailable("there is no document"))
    }

    /// What the host answers otherwise than by files.
    pub(crate) fn facts(&self) -> Facts<'_> {
        self.live.facts()
    }

    /// Whether all that is known of emulators still holds, under a kernel of this release. True if that cannot be checked now.
    pub(crate) fn emulators_hold(&self, release: &str) -> bool {
        let host = Host { tree: self.root, facts: &self.facts(), cpuid: None };
        self.emulators.hold(&host, release)
    }

    /// What is known of emulators now. Where that is another than before, so is the document.
    pub(crate) fn emulators(&mut self) -> Result<&Emulators, Unavailable> {
        self.is_used.set(true);
        let Some(roster) = &self.roster else { return Ok(self.emulators) };
        let changed = self.emulators.look(self.root, roster);
        if changed != Ok(false) {
            self.held.forget();
        }
        changed.map_err(|errno| unread(&caps_linux::Unavailable::new(roster, errno)))?;
        Ok(self.emulators)
    }

    fn refresh(&mut self) -> Result<&mut Self, Unavailable> {
        self.emulators()?;
        self.ask_again()?;
        let add = |builder: &mut Builder<'_>| self.emulators.add_guests(builder);
        let facts = self.live.facts();
        let host = Host { tree: self.root, facts: &facts, cpuid: Some(&self.native) };
        let refreshed = self.held.refresh(&host, Guests::Added(&add), &mut ());
        self.unread = matches!(refreshed, Err(Error::Unavailable(_)));
        match refreshed.map_err(refused)? {
            Change::None => {}
            Change::Numbers | Change::Probed => self.texts.current = false,
        }
        Ok(self)
    }

    /// Opens devices and asks for facts again after a failure. A fact that was waited for in vain is not asked at each call:
    /// all clients wait meanwhile.
    fn ask_again(&mut self) -> Result<(), Unavailable> {
        let facts = self.live.facts();
        let failed = facts.failed;
        if failed.is_empty() && !self.unread {
            return Ok(());
        }
        let now_ms = monotonic_ms();
        let timed_out = failed.iter().any(|failed| failed.errno == Errno::TIMEDOUT);
        if timed_out && now_ms.saturating_sub(self.asked_ms) < AGAIN_MS {
            return Ok(());
        }
        // A random UUID stays that of this daemon.
        let environment = Environment { last_uuid: facts.last_uuid, ..Environment::default() };
        self.native = Native::open();
        let asked = Live::ask(&self.native, environment);
        self.live = asked.map_err(|errno| {
            log!("uname: {errno}");
            UNREAD
        })?;
        self.asked_ms = monotonic_ms();
        Ok(())
    }
}

/// The words for a client; the log has the source and the error.
const UNREAD: Unavailable =
    Unavailable("the host cannot be read now; the log of capsd names the file");

fn unread(unavailable: &caps_linux::Unavailable) -> Unavailable {
    log!("{unavailable}");
    UNREAD
}

fn refused(error: Error) -> Unavailable {
    match error {
        Error::Unavailable(unavailable) => unread(&unavailable),
        Error::Full(_) => Unavailable("this host is larger than any that there is room for"),
        Error::Refused(_) => Unavailable("the configuration of this host is refused"),
    }
}
