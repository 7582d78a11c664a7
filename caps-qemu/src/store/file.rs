//! Files that are read only if nobody else could have written them, and that are replaced as a whole.

use caps_roster::{Untrusted, verify_owner};
use rustix::fs::OFlags;
use rustix::process::geteuid;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// What a file holds, up to the first byte that is too much, or why it is not believed.
pub(super) fn read(path: &Path, max_bytes: usize) -> io::Result<Result<Vec<u8>, Untrusted>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let metadata = file.metadata()?;
    if let Err(untrusted) = verify(&metadata) {
        return Ok(Err(untrusted));
    }
    // One read for all of it, and one that finds its end.
    let len = usize::try_from(metadata.len()).unwrap_or(max_bytes).min(max_bytes);
    let mut bytes = Vec::with_capacity(len + 1);
    file.take(max_bytes as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Ok(bytes))
}

/// Checks that nobody but root and this user can have written a file.
pub(super) fn verify(metadata: &Metadata) -> Result<(), Untrusted> {
    verify_owner(metadata.mode(), metadata.uid(), geteuid().as_raw())
}

/// Replaces a file; to be called only by who has the lock.
pub(super) fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let new = path.with_extension("new");
    match fs::remove_file(&new) {
        // What is there is left from one that was killed.
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = owned(&mut OpenOptions::new(), mode).create_new(true).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

/// Opens for writing what is no link, or makes it. A FIFO is not waited for.
pub(super) fn owned(options: &mut OpenOptions, mode: u32) -> &mut OpenOptions {
    options
        .write(true)
        .mode(mode)
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
}
