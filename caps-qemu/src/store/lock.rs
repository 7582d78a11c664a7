//! The lock of the directory. Its file can be opened by its owner only, so that nobody else can hold it.

use super::file::{owned, replace, verify};
use super::{Store, Trouble, failure, mode};
use crate::roster::RosterBuf;
use caps_roster::Untrusted;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The right to ask emulators and to write the roster. It ends with the process that holds it, however that ends.
#[derive(Debug)]
pub struct Lock<'s> {
    pub(super) store: &'s Store,
    /// Locked as long as it is open.
    _file: File,
}

/// How often a lock is tried.
const ROUND: Duration = Duration::from_millis(5);
/// Permissions of the file.
const MODE: u32 = 0o600;
/// Bits of a mode that let somebody else open the file.
const OPEN_TO_OTHERS: u32 = 0o077;

impl Store {
    /// Waits until no other process has the lock, at most `patience`.
    ///
    /// # Errors
    /// [`Trouble`] with the directory, which is made where it is missing, or with the lock.
    pub fn lock(&self, patience: Duration) -> Result<Lock<'_>, Trouble> {
        let directory = DirBuilder::new().recursive(true).mode(mode(0o755)).create(&self.directory);
        directory.map_err(failure(&self.directory))?;
        let path = self.directory.join("lock");
        let end = Instant::now() + patience;
        loop {
            let file = open(&path)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                // The file may have been replaced meanwhile, and then it is no lock any more.
                Ok(()) if is_at(&file, &path) => return Ok(Lock { store: self, _file: file }),
                Ok(()) | Err(Errno::WOULDBLOCK | Errno::INTR) if Instant::now() < end => {
                    thread::sleep(ROUND)
                }
                Ok(()) | Err(Errno::WOULDBLOCK | Errno::INTR) => return Err(Trouble::Busy(path)),
                Err(errno) => return Err(failure(&path)(errno.into())),
            }
        }
    }
}

/// Opens the file of the lock, or makes it. One that others may open, as earlier versions made it, is replaced, since they may
/// hold it already.
fn open(path: &Path) -> Result<File, Trouble> {
    let (file, mode) = open_trusted(path)?;
    if mode & OPEN_TO_OTHERS == 0 {
        return Ok(file);
    }
    fs::remove_file(path).map_err(failure(path))?;
    // A file system without permissions gives it the same mode again.
    open_trusted(path).map(|(file, _)| file)
}

/// The file and its mode. Its owner is this user, or root where root lets this user open it.
fn open_trusted(path: &Path) -> Result<(File, u32), Trouble> {
    let file = owned(&mut OpenOptions::new(), MODE).create(true).open(path);
    let file = file.map_err(failure(path))?;
    let metadata = file.metadata().map_err(failure(path))?;
    match verify(&metadata) {
        Ok(()) | Err(Untrusted::Writable) => Ok((file, metadata.mode())),
        Err(why) => Err(Trouble::Untrusted(path.to_owned(), why)),
    }
}

/// Whether it is still the file that lies at this path.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let there = fs::symlink_metadata(path).map(identity).ok();
    there.is_some() && file.metadata().map(identity).ok() == there
}

impl Lock<'_> {
    /// Replaces the roster as a whole: whoever reads sees the old one or the new one, after a loss of power too.
    ///
    /// # Errors
    /// [`Trouble`] with one of the files.
    pub fn write(&self, roster: &RosterBuf) -> Result<(), Trouble> {
        self.replace(&self.store.path(), roster.as_bytes())
    }

    pub(super) fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
        replace(path, bytes, mode(0o644)).map_err(failure(path))?;
        let directory = &self.store.directory;
        let synced = File::open(directory).and_then(|directory| directory.sync_all());
        synced.map_err(failure(directory))
    }
}
