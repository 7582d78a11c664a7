//! Configuration files of libvirt's daemons: `name = value` settings.

mod fault;
mod held;
mod kind;
mod parser;

pub use fault::{ConfError, Fault};
pub use held::{Items, Value};
pub use kind::Kind;

use heapless::Vec;
use held::Held;
use kind::Kinds;
use memchr::memchr2;
use parser::{Begin, Event, Parser};

/// Most bytes of a file that libvirt reads.
pub const FILE_BYTES: u32 = 10 << 20;
/// Room for a name; no setting that counts has a longer one.
const NAME_BYTES: usize = 32;

/// Settings whose values are kept.
const KEPT: [&str; 7] = [
    "host_uuid",
    "host_uuid_source",
    "security_driver",
    "security_default_confined",
    "security_require_confined",
    "user",
    "group",
];

/// A file that is being read. Of its values only those are kept that the document depends on, so that a file of any length can
/// be read.
#[derive(Debug)]
pub struct Conf {
    parser: Parser,
    kinds: &'static Kinds,
    /// Bytes that libvirt would still read.
    left: u32,
    error: Option<ConfError>,
    /// The first setting that is not of its kind. A syntax error anywhere goes before it.
    wrong: Option<ConfError>,
    name: Vec<u8, NAME_BYTES, u8>,
    long_name: bool,
    /// The setting that is being read, if it counts.
    current: Option<Current>,
    /// A bit for each of `kinds` that was read: the first of two counts.
    seen: u128,
    settings: Settings,
}

/// A setting that counts.
#[derive(Debug)]
struct Current {
    name: &'static str,
    kind: Kind,
    line: u32,
    held: Held,
}

impl Conf {
    /// An empty `libvirtd.conf` or `virtqemud.conf`.
    pub const fn daemon() -> Self {
        Self::new(kind::DAEMON)
    }

    /// An empty `qemu.conf`.
    pub const fn qemu() -> Self {
        Self::new(kind::QEMU)
    }

    const fn new(kinds: &'static Kinds) -> Self {
        Self {
            parser: Parser::new(),
            kinds,
            left: FILE_BYTES,
            error: None,
            wrong: None,
            name: Vec::new(),
            long_name: false,
            current: None,
            seen: 0,
            settings: Settings::none(),
        }
    }

    /// Takes more of the file. Most of one is comments, which are passed over in long strides.
    pub fn feed(&mut self, bytes: &[u8]) {
        match u32::try_from(bytes.len()).ok().and_then(|len| self.left.checked_sub(len)) {
            Some(left) => self.left = left,
            None => self.error = Some(ConfError::TooLong),
        }
        let mut rest = bytes;
        while self.error.is_none() {
            if self.parser.is_in_comment() {
                let Some(end) = memchr2(b'\n', b'\r', rest) else { return };
                rest = rest.get(end..).unwrap_or(&[]);
            }
            let Some((&byte, behind)) = rest.split_first() else { return };
            rest = behind;
            self.take(byte);
        }
    }

    fn take(&mut self, byte: u8) {
        let line = self.parser.line;
        match self.parser.take(byte) {
            Ok(event) => self.event(event, line),
            Err(fault) => self.error = Some(ConfError::Syntax { line, fault }),
        }
        if self.parser.is_between_settings() {
            self.end_setting();
        }
    }

    fn event(&mut self, event: Event, line: u32) {
        match (event, &mut self.current) {
            (Event::FirstOfName(byte), _) => {
                self.name.clear();
                self.long_name = self.name.push(byte).is_err();
            }
            (Event::Name(byte), _) => self.long_name |= self.name.push(byte).is_err(),
            (Event::Begin(begin, 0), _) => self.begin(begin, line),
            (Event::Begin(begin, depth), Some(current)) => current.held.begin_item(begin, depth),
            (Event::Byte(byte), Some(current)) => current.held.push(byte),
            (Event::WithoutQuotes, Some(current)) => current.held.pop_quotes(),
            _ => {}
        }
    }

    /// Begins the value of a setting. The first of a name counts, and only one whose kind is known.
    fn begin(&mut self, begin: Begin, line: u32) {
        let names = self
            .kinds
            .iter()
            .flat_map(|(kind, names)| names.split_ascii_whitespace().map(|name| (*kind, name)));
        let mut numbered = names.zip(0_u32..);
        let known = numbered.find(|((_, name), _)| !self.long_name && name.as_bytes() == self.name);
        self.current = None;
        let Some(((kind, name), number)) = known else { return };
        let bit = 1_u128.checked_shl(number).unwrap_or(0);
        if self.seen & bit == 0 {
            self.current = Some(Current { name, kind, line, held: Held::new(begin) });
        }
        self.seen |= bit;
    }

    fn end_setting(&mut self) {
        let Some(Current { name, kind, line, held }) = self.current.take() else { return };
        let place = self.settings.place(name);
        let error = if !kind.admits(held.shape()) {
            Some(ConfError::Kind { line, name, kind })
        } else if place.is_some() && held.is_cut() {
            Some(ConfError::LongValue { line, name })
        } else {
            None
        };
        if let Some(place) = place {
            *place = Some(held);
        }
        self.wrong = self.wrong.or(error);
    }

    /// The settings, once the whole file has been taken.
    ///
    /// # Errors
    /// [`ConfError`] for a file that libvirt would refuse.
    pub fn finish(mut self) -> Result<Settings, ConfError> {
        self.end_setting();
        let line = self.parser.line;
        let end = self.parser.end().map_err(|fault| ConfError::Syntax { line, fault });
        self.error.map_or(end, Err)?;
        self.wrong.map_or(Ok(self.settings), Err)
    }
}

/// The settings that the document depends on. The default is a file without any.
#[derive(Debug, Default)]
pub struct Settings([Option<Held>; KEPT.len()]);

impl Settings {
    const fn none() -> Self {
        Self([const { None }; KEPT.len()])
    }

    fn place(&mut self, name: &str) -> Option<&mut Option<Held>> {
        KEPT.iter().zip(&mut self.0).find_map(|(kept, place)| (*kept == name).then_some(place))
    }

    /// The value of the first setting called `name`; `None` without one and for names that do not count.
    pub fn value(&self, name: &str) -> Option<Value<'_>> {
        let mut places = KEPT.iter().zip(&self.0);
        places.find_map(|(kept, held)| (*kept == name).then_some(held.as_ref()))?.map(Held::value)
    }

    /// The string of a setting.
    pub fn text(&self, name: &str) -> Option<&[u8]> {
        match self.value(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
