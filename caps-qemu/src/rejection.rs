//! Why an emulator is left out.

use crate::query::Query;
use std::fmt;
use std::io::ErrorKind;
use std::process::ExitStatus;

/// Why an emulator has no part in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// Older than QEMU 7.2, which libvirt 12.8.0 asks for.
    TooOld {
        /// Of its version.
        major: u32,
        /// Of its version.
        minor: u32,
    },
    /// libvirt has no architecture of this name.
    UnknownTarget(TargetName),
    /// It did not answer this.
    Missing(Query),
    /// It answered this with an error.
    Refused(Query),
    /// Its answer to this lacks a part or has another form.
    Malformed(Query),
    /// What it said is no JSON object from this line on, counted from 1.
    Garbage {
        /// The line.
        line: u32,
    },
    /// It said more than [`MAX_REPLY_BYTES`](crate::MAX_REPLY_BYTES).
    TooMuch,
    /// It cannot be started.
    Unstartable(ErrorKind),
    /// It ended before it had answered.
    Ended(ExitStatus),
    /// It closed its monitor before it had answered.
    Closed,
    /// It took too long.
    TimedOut,
    /// It runs with its accelerator, but failed when started once more without.
    SecondStart,
}

impl Rejection {
    /// Whether it will be the same as long as the emulator's file is: what this process lacked says nothing of it.
    pub const fn lasts(&self) -> bool {
        !matches!(self, Self::Unstartable(ErrorKind::WouldBlock | ErrorKind::OutOfMemory))
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooOld { major, minor } => {
                write!(f, "QEMU {major}.{minor} is too old, libvirt 12.8.0 asks for 7.2")
            }
            Self::UnknownTarget(name) => write!(f, "libvirt has no architecture {name}"),
            Self::Missing(query) => write!(f, "no answer to {query}"),
            Self::Refused(query) => write!(f, "{query} was answered with an error"),
            Self::Malformed(query) => write!(f, "the answer to {query} makes no sense"),
            Self::Garbage { line } => write!(f, "line {line} of what it said is no JSON object"),
            Self::TooMuch => f.write_str("it said too much"),
            Self::Unstartable(kind) => write!(f, "it cannot be started: {kind}"),
            Self::Ended(status) => write!(f, "it ended before it had answered: {status}"),
            Self::Closed => f.write_str("it closed its monitor before it had answered"),
            Self::TimedOut => f.write_str("it took too long"),
            Self::SecondStart => f.write_str("it failed when started without its accelerator"),
        }
    }
}

impl std::error::Error for Rejection {}

const NAME_BYTES: usize = 16;

/// The architecture that an emulator said it emulates, as far as it fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetName {
    bytes: [u8; NAME_BYTES],
    len: u8,
}

impl TargetName {
    /// The first bytes of `name`.
    pub fn new(name: &str) -> Self {
        let ends = name.char_indices().map(|(start, letter)| start + letter.len_utf8());
        let len = ends.take_while(|&end| end <= NAME_BYTES).last().unwrap_or(0);
        let mut bytes = [0; NAME_BYTES];
        bytes.iter_mut().zip(name.bytes().take(len)).for_each(|(to, from)| *to = from);
        Self { bytes, len: len as u8 }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        let name = self.bytes.get(..self.len.into()).unwrap_or(&[]);
        str::from_utf8(name).unwrap_or("")
    }
}

impl fmt::Display for TargetName {
    /// Control characters escaped: it came from outside and goes to a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_str().escape_debug())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_target_name_is_a_beginning(name: String) {
            let kept = TargetName::new(&name);
            prop_assert!(name.starts_with(kept.as_str()));
            prop_assert!(kept.as_str().len() + 3 >= name.len().min(NAME_BYTES));
        }
    }
}
