//! The file of `--output`: a regular file is replaced, everything else is written to, as by a redirection of the shell.

use super::replacement::{self, Stop};
use rustix::fs::OFlags;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Object at the path of the output.
enum Place {
    /// Nothing.
    Vacant,
    /// A regular file of one name, open for writing.
    File(File),
    /// Anything that a new file must not take the place of: a link, device, pipe, socket or directory, or a file that has other
    /// names too.
    Kept,
}

/// Writes `text` to the file at `path`.
pub(super) fn put(path: &Path, text: &[u8]) -> io::Result<()> {
    let replaced = match Place::of(path)? {
        Place::Vacant => replacement::put(path, text, None),
        Place::File(old) => replacement::put(path, text, Some(&old)),
        Place::Kept => Err(Stop::InPlace),
    };
    match replaced {
        Ok(()) => Ok(()),
        Err(Stop::Failed(error)) => Err(error),
        Err(Stop::InPlace) => write_in_place(path, text),
    }
}

impl Place {
    /// Fails if there is a regular file that must not be written to.
    fn of(path: &Path) -> io::Result<Self> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound && has_name(path) => Ok(Self::Vacant),
            Ok(metadata) if metadata.is_file() => Self::of_file(path),
            // Opening it has the same error, if it is one.
            _ => Ok(Self::Kept),
        }
    }

    fn of_file(path: &Path) -> io::Result<Self> {
        // A link or a FIFO may have taken its place by now: neither follow nor wait.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
        let file = File::options().write(true).custom_flags(flags).open(path)?;
        let metadata = file.metadata()?;
        let sole = metadata.is_file() && metadata.nlink() == 1;
        Ok(if sole { Self::File(file) } else { Self::Kept })
    }
}

/// Returns whether the last part of the path can be the name of a file.
fn has_name(path: &Path) -> bool {
    let bytes = path.as_os_str().as_bytes();
    let last = bytes.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    !matches!(last, b"" | b"." | b"..")
}

fn write_in_place(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create(true).truncate(true).open(path)?;
    file.write_all(text)?;
    if file.metadata()?.is_file() { sync(&file) } else { Ok(()) }
}

/// Waits until the file is on its disk, as far as its file system has one.
fn sync(file: &File) -> io::Result<()> {
    match file.sync_all() {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {
            Ok(())
        }
        synced => synced,
    }
}
