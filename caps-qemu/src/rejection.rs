//! Why an emulator is left out.

use crate::query::Query;
use rustix::io::Errno;
use rustix::process::Signal;
use std::fmt;
use std::os::unix::process::ExitStatusExt;
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
    Unstartable(Errno),
    /// Its replies cannot be read, or nothing can be sent to it.
    Unreachable(Errno),
    /// It, or this process on its behalf, had too little of a resource.
    Lacking(Resource),
    /// It ended before it had answered.
    Ended(ExitStatus),
    /// The same, while the memory of this process and its children was limited.
    EndedWithinLimit(ExitStatus),
    /// It closed its monitor before it had answered.
    Closed,
    /// It took too long.
    TimedOut,
    /// It runs with its accelerator, but failed when started once more without.
    SecondStart,
}

/// A resource that an emulator may lack on a bad day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Memory or address space.
    Memory,
    /// File descriptors.
    Descriptors,
    /// Processes or threads.
    Processes,
    /// Space on a file system, or a disk that can be read.
    Storage,
}

/// Errors of starting a program that are due to its file, and so stay as long as the file does.
const ERRORS_OF_FILE: [Errno; 9] = [
    Errno::NOENT,
    Errno::NOTDIR,
    Errno::ACCESS,
    Errno::NOEXEC,
    Errno::LOOP,
    Errno::ISDIR,
    Errno::INVAL,
    Errno::LIBBAD,
    Errno::NAMETOOLONG,
];

/// Signals that come from outside of a process, as from the kernel when memory is short; all others are crashes.
const SIGNALS_FROM_OUTSIDE: [Signal; 8] = [
    Signal::KILL,
    Signal::TERM,
    Signal::INT,
    Signal::HUP,
    Signal::QUIT,
    Signal::XCPU,
    Signal::XFSZ,
    // A page of a mapped file could not be read.
    Signal::BUS,
];

impl Rejection {
    /// Returns whether this stays true as long as the emulator's file is the same. If not, the emulator could not be asked, for
    /// lack of something that may be there the next time. In doubt it is not: asking again is the smaller mistake.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Unstartable(errno) => ERRORS_OF_FILE.contains(errno),
            Self::Ended(status) => !is_ended_from_outside(*status),
            Self::Unreachable(_)
            | Self::Lacking(_)
            | Self::EndedWithinLimit(_)
            | Self::TimedOut => false,
            _ => true,
        }
    }
}

/// A shell exits with 128 and the signal that ended its child.
fn is_ended_from_outside(status: ExitStatus) -> bool {
    let of_child = status.code().and_then(|code| code.checked_sub(128));
    let signal = status.signal().or(of_child).and_then(Signal::from_named_raw);
    signal.is_some_and(|signal| SIGNALS_FROM_OUTSIDE.contains(&signal))
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Descriptors => "file descriptors",
            Self::Processes => "processes or threads",
            Self::Storage => "disk space, or a disk that can be read",
        })
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
            Self::Unstartable(errno) => write!(f, "it cannot be started: {errno}"),
            Self::Unreachable(errno) => write!(f, "its monitor failed: {errno}"),
            Self::Lacking(resource) => write!(f, "it lacked {resource}"),
            Self::Ended(status) => write!(f, "it ended before it had answered: {status}"),
            Self::EndedWithinLimit(status) => write!(
                f,
                "it ended before it had answered, with little memory allowed by ulimit: {status}"
            ),
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

    fn ended(wait_status: i32) -> Rejection {
        Rejection::Ended(ExitStatus::from_raw(wait_status))
    }

    #[test]
    fn crashes_are_permanent_and_shortages_are_not() {
        let exit = |code: i32| ended(code << 8);
        for crash in [exit(0), exit(1), exit(127), exit(128 + 11), ended(6), ended(11), ended(5)] {
            assert!(crash.is_permanent(), "{crash}");
        }
        for outside in [ended(9), ended(15), ended(7), ended(24), exit(128 + 9)] {
            assert!(!outside.is_permanent(), "{outside}");
        }
        assert!(Rejection::Closed.is_permanent() && !Rejection::TimedOut.is_permanent());
    }

    #[test]
    fn only_errors_of_the_file_are_permanent() {
        let is_permanent = |errno| Rejection::Unstartable(errno).is_permanent();
        assert!([Errno::NOENT, Errno::NOEXEC, Errno::ACCESS].into_iter().all(is_permanent));
        let passing = [Errno::NOMEM, Errno::AGAIN, Errno::MFILE, Errno::NFILE, Errno::TXTBSY];
        assert!(!passing.into_iter().chain([Errno::IO, Errno::PERM]).any(is_permanent));
    }

    proptest! {
        #[test]
        fn a_target_name_is_a_beginning(name: String) {
            let kept = TargetName::new(&name);
            prop_assert!(name.starts_with(kept.as_str()));
            prop_assert!(kept.as_str().len() + 3 >= name.len().min(NAME_BYTES));
        }
    }
}
