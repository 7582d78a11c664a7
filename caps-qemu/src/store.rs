//! Where a roster is kept: one file, replaced as a whole, written by one process at a time.

use crate::roster::RosterBuf;
use caps_roster::{MAX_BYTES, Unreadable};
use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;
use rustix::process::geteuid;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// A directory with a roster in it.
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
    /// The roster in `directory`, which is made where it is missing.
    pub const fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Where the roster of this user is: `/var/cache/caps` for root, `caps` in `$XDG_CACHE_HOME` or `~/.cache` for others.
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
        let bytes = match trusted(&path) {
            Ok(Some(file)) => bounded(file).map_err(failure(&path))?,
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

    /// Removes the roster; whether there was one.
    ///
    /// # Errors
    /// [`Trouble`] with the file.
    pub fn clear(&self) -> Result<bool, Trouble> {
        let path = self.path();
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failure(&path)(error)),
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
        let (path, directory) = (self.store.path(), &self.store.directory);
        // Only the one who has the lock writes it, so what is there is left from one that was killed.
        let new = path.with_extension("new");
        let written = write_new(&new, roster.as_bytes());
        let renamed = written.and_then(|()| fs::rename(&new, &path));
        renamed.map_err(failure(&new))?;
        let synced = File::open(directory).and_then(|directory| directory.sync_all());
        synced.map_err(failure(directory))
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = owned(&mut OpenOptions::new(), mode(0o644)).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Opens for writing what is no link, or makes it.
fn owned(options: &mut OpenOptions, mode: u32) -> &mut OpenOptions {
    options.write(true).mode(mode).custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
}

/// The open file, or `None` if somebody else than its owner could have written it, or its owner is neither this user nor root.
fn trusted(path: &Path) -> io::Result<Option<File>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let metadata = file.metadata()?;
    let ours = metadata.uid() == geteuid().as_raw() || metadata.uid() == 0;
    Ok((ours && metadata.is_file() && metadata.mode() & 0o022 == 0).then_some(file))
}

/// What a file holds, up to the first byte that is too much.
fn bounded(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn failure(path: &Path) -> impl FnOnce(io::Error) -> Trouble + use<> {
    let path = path.to_owned();
    |error| Trouble::File(path, error)
}
