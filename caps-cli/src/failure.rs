//! What goes wrong, in one sentence.

use caps_linux::{Errno, Unavailable};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// libvirt would refuse, or data is bad: the whole sentence.
    Refused(String),
    /// A source failed, so that nothing is known of what it holds: the whole sentence.
    Unavailable(String),
    /// A file could not be read or written.
    File(PathBuf, io::Error),
    /// Standard output could not be written.
    Output(io::Error),
}

impl Failure {
    /// For `map_err`: the file that could not be read or written.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        |error| Self::File(path, error)
    }

    /// For `map_err`: the system call that failed.
    pub(crate) fn call(name: &'static str) -> impl FnOnce(Errno) -> Self {
        move |errno| Self::Unavailable(format!("{name}: {errno}"))
    }

    /// Whether nobody reads any more: no error for a filter.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(sentence) | Self::Unavailable(sentence) => f.write_str(sentence),
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Output(error) => write!(f, "standard output: {error}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Unavailable> for Failure {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable.to_string())
    }
}
