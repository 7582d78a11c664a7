//! Files that are read only if nobody else could have written them, and that are replaced as a whole.

use rustix::fs::OFlags;
use rustix::process::geteuid;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// What a file holds, up to the first byte that is too much; `None` if somebody else than its owner could have written it, or its
/// owner is neither this user nor root.
pub(super) fn read(path: &Path, max_bytes: usize) -> io::Result<Option<Vec<u8>>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let metadata = file.metadata()?;
    let ours = metadata.uid() == geteuid().as_raw() || metadata.uid() == 0;
    if !ours || !metadata.is_file() || metadata.mode() & 0o022 != 0 {
        return Ok(None);
    }
    // One read for all of it, and one that finds its end.
    let len = usize::try_from(metadata.len()).unwrap_or(max_bytes).min(max_bytes);
    let mut bytes = Vec::with_capacity(len + 1);
    file.take(max_bytes as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
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

/// Opens for writing what is no link, or makes it.
pub(super) fn owned(options: &mut OpenOptions, mode: u32) -> &mut OpenOptions {
    options.write(true).mode(mode).custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
}
