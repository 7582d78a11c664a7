//! The command line.

use crate::start::Strings;
use caps_linux::parse::int::decimal;
use core::ffi::CStr;
use core::fmt;

/// Most sockets that are listened at.
pub(crate) const MAX_SOCKETS: usize = 8;

/// Told by `--help`.
pub(crate) const HELP: &str = "\
Answers libvirt's own clients with the capabilities of this host, read-only
Usage: capsd [OPTION]...
  --socket PATH     listen at PATH; otherwise LISTEN_FDS, or in /run/libvirt
  --socket-ro PATH  the same, with the permissions of --mode-ro
  --mode OCTAL      permissions of the sockets of --socket [0660]
  --mode-ro OCTAL   and of those of --socket-ro [0666]
  --group NAME      group of all sockets, a name or a number
  --cache DIR       where caps keeps what emulators say [/var/cache/caps]
  --caps PROGRAM    what asks emulators that changed [/usr/bin/caps]
  --call-timeout MS time for one call to arrive, or its reply to move [30000]
  --no-guests       leave the guests out
  --quiet           do not log who connects
  --once            print the document and exit
  --help, --version
";

/// A socket to listen at.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) path: &'static CStr,
    pub(crate) read_only: bool,
}

/// Where libvirt's clients look, without a `--socket`.
pub(crate) const DEFAULTS: [Place; 4] = [
    Place { path: c"/run/libvirt/libvirt-sock", read_only: false },
    Place { path: c"/run/libvirt/libvirt-sock-ro", read_only: true },
    Place { path: c"/run/libvirt/virtqemud-sock", read_only: false },
    Place { path: c"/run/libvirt/virtqemud-sock-ro", read_only: true },
];

/// What is to be done.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Action {
    #[default]
    Serve,
    Once,
    Help,
    Version,
}

/// The command line, read.
pub(crate) struct Options {
    pub(crate) action: Action,
    pub(crate) places: heapless::Vec<Place, MAX_SOCKETS>,
    pub(crate) mode: u32,
    pub(crate) mode_ro: u32,
    pub(crate) group: Option<&'static CStr>,
    /// Where the roster of emulators is kept; `None` leaves the guests out.
    pub(crate) cache: Option<&'static CStr>,
    /// The program that asks emulators.
    pub(crate) caps: &'static CStr,
    /// Time for one call in milliseconds.
    pub(crate) call_timeout_ms: u64,
    pub(crate) quiet: bool,
}

/// What is wrong with a command line.
pub(crate) enum Misuse {
    Unknown(&'static CStr),
    WithoutValue(&'static CStr),
    BadValue(&'static CStr, &'static CStr),
    TooMany,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(word) => write!(f, "{}: no such option; see --help", Printed(word)),
            Self::WithoutValue(word) => write!(f, "{} wants a value", Printed(word)),
            Self::BadValue(word, value) => {
                write!(f, "{} {}: not understood", Printed(word), Printed(value))
            }
            Self::TooMany => write!(f, "more than {MAX_SOCKETS} sockets"),
        }
    }
}

/// A text of the user's, for a line of the log: what of it is ASCII.
pub(crate) struct Printed<'t>(pub(crate) &'t CStr);

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = |byte: u8| if matches!(byte, b' '..=b'~') { byte.into() } else { '?' };
        self.0.to_bytes().iter().try_for_each(|&byte| fmt::Write::write_char(f, mark(byte)))
    }
}

impl Options {
    /// Reads the command line; the first word is the program.
    pub(crate) fn read(words: Strings) -> Result<Self, Misuse> {
        let mut options = Self {
            action: Action::Serve,
            places: heapless::Vec::new(),
            mode: 0o660,
            mode_ro: 0o666,
            group: None,
            cache: Some(c"/var/cache/caps"),
            caps: c"/usr/bin/caps",
            call_timeout_ms: 30_000,
            quiet: false,
        };
        let mut words = words.skip(1);
        while let Some(word) = words.next() {
            if !options.flag(word) {
                let value = words.next().ok_or(Misuse::WithoutValue(word))?;
                options.value(word, value)?;
            }
        }
        Ok(options)
    }

    /// Takes a word that wants no value; false for any other.
    fn flag(&mut self, word: &CStr) -> bool {
        match word.to_bytes() {
            b"--once" => self.action = Action::Once,
            b"--help" => self.action = Action::Help,
            b"--version" => self.action = Action::Version,
            b"--quiet" => self.quiet = true,
            b"--no-guests" => self.cache = None,
            _ => return false,
        }
        true
    }

    fn value(&mut self, word: &'static CStr, value: &'static CStr) -> Result<(), Misuse> {
        let bad = Misuse::BadValue(word, value);
        match word.to_bytes() {
            b"--socket" => self.place(value, false)?,
            b"--socket-ro" => self.place(value, true)?,
            b"--mode" => self.mode = octal(value).ok_or(bad)?,
            b"--mode-ro" => self.mode_ro = octal(value).ok_or(bad)?,
            b"--group" => self.group = Some(value),
            b"--caps" => self.caps = value,
            b"--cache" => self.cache = Some(value),
            b"--call-timeout" => self.call_timeout_ms = milliseconds(value).ok_or(bad)?,
            _ => return Err(Misuse::Unknown(word)),
        }
        Ok(())
    }

    fn place(&mut self, path: &'static CStr, read_only: bool) -> Result<(), Misuse> {
        self.places.push(Place { path, read_only }).map_err(|_| Misuse::TooMany)
    }
}

fn milliseconds(text: &CStr) -> Option<u64> {
    decimal(text.to_bytes()).filter(|&count| count > 0)
}

fn octal(text: &CStr) -> Option<u32> {
    let digits = Some(text.to_bytes()).filter(|digits| (1..=4).contains(&digits.len()))?;
    let mode = digits.iter().try_fold(0, |mode, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 8)?;
        Some(mode << 3 | u32::from(digit))
    })?;
    (mode <= 0o777).then_some(mode)
}

/// What systemd says of sockets that it hands over: how many there are, if they are for this process.
pub(crate) fn handed_over(environment: Strings, process: u32) -> Option<u32> {
    let number = |name: &[u8]| {
        let mut values = environment.filter_map(|pair| pair.to_bytes().strip_prefix(name));
        values.next().and_then(decimal)
    };
    let count =
        number(b"LISTEN_FDS=").filter(|_| number(b"LISTEN_PID=") == Some(process.into()))?;
    u32::try_from(count).ok().filter(|count| (1..=MAX_SOCKETS as u32).contains(count))
}
