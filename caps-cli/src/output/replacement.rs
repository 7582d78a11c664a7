//! A new file in the place of an old one, as a whole or not at all.
//!
//! The new file has no name while it is written, where the file system can do that: however the process ends, nothing is left.

use super::signals::Held;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, fchown, linkat, openat};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use tempfile::Builder;
use xattr::FileExt;

/// Reason why no new file has taken the place.
pub(super) enum Stop {
    /// Only the old file itself, written in place, can stay what it is.
    InPlace,
    Failed(io::Error),
}

/// Permissions of a new file, before the umask.
const MODE: u32 = 0o666;

/// Writes `text` to a new file at `path`, with owner, group, mode and extended attributes of the `old` one that is there.
pub(super) fn put(path: &Path, text: &[u8], old: Option<&File>) -> Result<(), Stop> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = parent.unwrap_or(Path::new("."));
    match unnamed(directory) {
        Ok(file) => {
            fill(&file, text, old)?;
            let _held = Held::hold().map_err(Stop::Failed)?;
            name(&file, directory, path, old.is_some()).map_err(Stop::of_place)
        }
        Err(_) => {
            let _held = Held::hold().map_err(Stop::Failed)?;
            put_named(directory, path, text, old)
        }
    }
}

/// A file without a name on the file system of `directory`.
fn unnamed(directory: &Path) -> rustix::io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    openat(CWD, directory, flags, Mode::from_raw_mode(MODE)).map(File::from)
}

/// Gives a file its name. A name cannot pass from one file to another but by renaming.
fn name(file: &File, directory: &Path, path: &Path, replace: bool) -> io::Result<()> {
    let source = format!("/proc/self/fd/{}", file.as_raw_fd());
    let link = |name: &Path| -> io::Result<()> {
        Ok(linkat(CWD, &source, CWD, name, AtFlags::SYMLINK_FOLLOW)?)
    };
    if !replace {
        return link(path);
    }
    let temporary = Builder::new().prefix(PREFIX).make_in(directory, link)?;
    temporary.persist(path).map(drop).map_err(|refused| refused.error)
}

/// Names of temporary files begin with it.
const PREFIX: &str = ".caps-";

/// Does the same as [`put`] on a file system where every file has a name.
fn put_named(directory: &Path, path: &Path, text: &[u8], old: Option<&File>) -> Result<(), Stop> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).permissions(Permissions::from_mode(MODE));
    let temporary = builder.tempfile_in(directory).map_err(Stop::of_place)?;
    fill(temporary.as_file(), text, old)?;
    let placed = match old {
        Some(_) => temporary.persist(path),
        None => temporary.persist_noclobber(path),
    };
    placed.map(drop).map_err(|refused| Stop::of_place(refused.error))
}

fn fill(mut file: &File, text: &[u8], old: Option<&File>) -> Result<(), Stop> {
    file.write_all(text).and_then(|()| file.sync_all()).map_err(Stop::Failed)?;
    match old.map_or(Ok(true), |old| adopt(file, old)) {
        Ok(true) => Ok(()),
        _ => Err(Stop::InPlace),
    }
}

/// Gives a new file owner, group, mode and extended attributes of the old one. Returns whether it has them all.
fn adopt(new: &File, old: &File) -> io::Result<bool> {
    let wanted = old.metadata()?;
    let (uid, gid) = (wanted.uid(), wanted.gid());
    let current = new.metadata()?;
    if (current.uid(), current.gid()) != (uid, gid) {
        fchown(new, Some(rustix::fs::Uid::from_raw(uid)), Some(rustix::fs::Gid::from_raw(gid)))?;
    }
    let attributes = attributes(old)?;
    for (name, value) in &attributes {
        new.set_xattr(name, value)?;
    }
    // Access lists have the mode in them, and a change of the owner takes bits of it.
    new.set_permissions(Permissions::from_mode(wanted.mode() & 0o7777))?;
    Ok(new.metadata()?.mode() == wanted.mode() && self::attributes(new)? == attributes)
}

/// The extended attributes of a file: its label, its access list, and what users keep there.
fn attributes(file: &File) -> io::Result<BTreeMap<OsString, Vec<u8>>> {
    let names = match file.list_xattr() {
        Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(BTreeMap::new()),
        names => names?,
    };
    let value = |name: &OsString| Ok(file.get_xattr(name)?.unwrap_or_default());
    names.map(|name| value(&name).map(|value| (name, value))).collect()
}

impl Stop {
    /// An error of making or placing the file: where only the directory or the mount is in the way, the old file may still be
    /// written to, and if not, the error of that is the right one.
    fn of_place(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::ResourceBusy
            | ErrorKind::CrossesDevices
            | ErrorKind::AlreadyExists
            | ErrorKind::NotADirectory
            | ErrorKind::NotFound => Self::InPlace,
            _ => Self::Failed(error),
        }
    }
}
