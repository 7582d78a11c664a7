//! What is kept from call to call: files in one directory, each replaced as a whole, written by one process at a time.
//!
//! | module | for |
//! |---|---|
//! | this one | the roster, the directory and its lock |
//! | [`lock`] | the right to write |
//! | [`file`] | reading what nobody else could have written, and replacing it |
//! | [`tsc`] | what KVM said of the time stamp counter |

mod file;
mod lock;
mod tsc;

pub use lock::Lock;
pub use tsc::Epoch;
#[cfg(feature = "fuzzing")]
pub(crate) use tsc::{read_tsc, tsc_text};

use crate::roster::RosterBuf;
use caps_roster::{MAX_BYTES, Unreadable, Untrusted};
use rustix::process::geteuid;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A directory with what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    directory: PathBuf,
}

/// Why a roster is not used or not kept. Guests are made all the same.
#[derive(Debug)]
#[non_exhaustive]
pub enum Trouble {
    /// The file is no roster.
    Unreadable(PathBuf, Unreadable),
    /// Somebody else could have written the file, or hold the lock.
    Untrusted(PathBuf, Untrusted),
    /// The file or its directory cannot be read or written.
    File(PathBuf, io::Error),
    /// Another process has asked emulators for so long that it is not waited for.
    Busy(PathBuf),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, why) => write!(f, "{}: {why}", path.display()),
            Self::Untrusted(path, why) => write!(f, "{}: {why}", path.display()),
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Busy(path) => write!(f, "{}: locked for too long", path.display()),
        }
    }
}

impl std::error::Error for Trouble {}

impl Store {
    /// What is kept in `directory`, which is made where it is missing.
    pub const fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// What is kept for this user: `/var/cache/caps` for root, `caps` in `$XDG_CACHE_HOME` or `~/.cache` for others.
    /// `None` for one without a home.
    pub fn of_user() -> Option<Self> {
        if geteuid().is_root() {
            return Some(Self::new("/var/cache/caps".into()));
        }
        let absolute =
            |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
        cache.map(|cache| Self::new(cache.join("caps")))
    }

    /// The file of the roster.
    pub fn path(&self) -> PathBuf {
        self.directory.join("emulators")
    }

    /// The roster that is kept; `None` if there is none, or one of another version.
    ///
    /// # Errors
    /// [`Trouble`] with the file, which will be replaced.
    pub fn read(&self) -> Result<Option<RosterBuf>, Trouble> {
        let path = self.path();
        let bytes = match file::read(&path, MAX_BYTES) {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(why)) => return Err(Trouble::Untrusted(path, why)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failure(&path)(error)),
        };
        match RosterBuf::new(bytes) {
            Ok(roster) => Ok(Some(roster)),
            Err(Unreadable::OtherVersion) => Ok(None),
            Err(why) => Err(Trouble::Unreadable(path, why)),
        }
    }

    /// Removes all that is kept; whether there was a roster.
    ///
    /// # Errors
    /// [`Trouble`] with one of the files.
    pub fn clear(&self) -> Result<bool, Trouble> {
        self.remove(&self.tsc_path())?;
        self.remove(&self.path())
    }

    fn remove(&self, path: &Path) -> Result<bool, Trouble> {
        match fs::remove_file(path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failure(path)(error)),
        }
    }
}

/// What root knows any daemon may read; what a user knows is the user's.
fn mode(open: u32) -> u32 {
    if geteuid().is_root() { open } else { open & 0o700 }
}

fn failure(path: &Path) -> impl FnOnce(io::Error) -> Trouble + use<> {
    let path = path.to_owned();
    |error| Trouble::File(path, error)
}
