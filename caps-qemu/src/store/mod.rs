//! What is kept from call to call: files in one directory, each replaced as a whole, written by one process at a time.
//!
//! | module | for |
//! |---|---|
//! | this one | the roster, the directory and its lock |
//! | [`file`] | reading what nobody else could have written, and replacing it |
//! | [`tsc`] | what KVM said of the time stamp counter |

mod file;
mod tsc;

pub use tsc::Epoch;
#[cfg(feature = "fuzzing")]
pub(crate) use tsc::{read_tsc, tsc_text};

use self::file::{owned, replace};
use crate::roster::RosterBuf;
use caps_roster::{MAX_BYTES, Unreadable};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::process::geteuid;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// A directory with what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    directory: PathBuf,
}

/// The right to ask emulators and to write the roster. It ends with the process that holds it, however that ends.
#[derive(Debug)]
pub struct Lock<'s> {
    store: &'s Store,
    /// Locked as long as it is open.
    _file: File,
}

/// Why a roster is not used or not kept. Guests are made all the same.
#[derive(Debug)]
#[non_exhaustive]
pub enum Trouble {
    /// The file is no roster.
    Unreadable(PathBuf, Unreadable),
    /// Others may write the file, or it belongs to somebody else.
    Untrusted(PathBuf),
    /// The file or its directory cannot be read or written.
    File(PathBuf, io::Error),
    /// Another process has asked emulators for so long that it is not waited for.
    Busy(PathBuf),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, why) => write!(f, "{}: {why}", path.display()),
            Self::Untrusted(path) => write!(f, "{}: others may write it", path.display()),
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Busy(path) => write!(f, "{}: locked for too long", path.display()),
        }
    }
}

impl std::error::Error for Trouble {}

/// How often a lock is tried.
const ROUND: Duration = Duration::from_millis(5);

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
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(Trouble::Untrusted(path)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failure(&path)(error)),
        };
        match RosterBuf::new(bytes) {
            Ok(roster) => Ok(Some(roster)),
            Err(Unreadable::OtherVersion) => Ok(None),
            Err(why) => Err(Trouble::Unreadable(path, why)),
        }
    }

    /// Waits until no other process has the lock, at most `patience`.
    ///
    /// # Errors
    /// [`Trouble`] with the directory, which is made where it is missing, or with the lock.
    pub fn lock(&self, patience: Duration) -> Result<Lock<'_>, Trouble> {
        let directory = DirBuilder::new().recursive(true).mode(mode(0o755)).create(&self.directory);
        directory.map_err(failure(&self.directory))?;
        let path = self.directory.join("lock");
        let file = owned(&mut OpenOptions::new(), mode(0o644)).create(true).open(&path);
        let file = file.map_err(failure(&path))?;
        let end = Instant::now() + patience;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Lock { store: self, _file: file }),
                Err(Errno::WOULDBLOCK | Errno::INTR) if Instant::now() < end => {
                    thread::sleep(ROUND)
                }
                Err(Errno::WOULDBLOCK | Errno::INTR) => return Err(Trouble::Busy(path)),
                Err(errno) => return Err(failure(&path)(errno.into())),
            }
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

impl Lock<'_> {
    /// Replaces the roster as a whole: whoever reads sees the old one or the new one, after a loss of power too.
    ///
    /// # Errors
    /// [`Trouble`] with one of the files.
    pub fn write(&self, roster: &RosterBuf) -> Result<(), Trouble> {
        self.replace(&self.store.path(), roster.as_bytes())
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
        replace(path, bytes, mode(0o644)).map_err(failure(path))?;
        let directory = &self.store.directory;
        let synced = File::open(directory).and_then(|directory| directory.sync_all());
        synced.map_err(failure(directory))
    }
}

fn failure(path: &Path) -> impl FnOnce(io::Error) -> Trouble + use<> {
    let path = path.to_owned();
    |error| Trouble::File(path, error)
}
