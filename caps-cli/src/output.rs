//! Where the output goes: standard output, or a file that is replaced as a whole.

use crate::Failure;
use caps_core::Sink;
use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::NamedTempFile;

/// Bytes that are gathered before the kernel is called.
const BUFFER_BYTES: usize = 64 << 10;

/// Hands a destination to `write`, and makes it final if that succeeds.
pub(crate) fn to<T>(
    file: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> Result<T, Failure> {
    match file {
        None => to_stdout(write).map_err(Failure::Output),
        Some(path) if is_replaceable(path) => to_file(path, write).map_err(Failure::file(path)),
        Some(path) => to_device(path, write).map_err(Failure::file(path)),
    }
}

fn to_stdout<T>(write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
    buffered(io::stdout().lock(), write)
}

fn to_device<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
    buffered(File::options().write(true).open(path)?, write)
}

fn to_file<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let temporary = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(directory.unwrap_or(Path::new(".")))?;
    let written = buffered(temporary.as_file(), write)?;
    temporary.as_file().sync_all()?;
    NamedTempFile::persist(temporary, path)?;
    Ok(written)
}

fn buffered<T>(
    destination: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> io::Result<T> {
    let mut buffer = BufWriter::with_capacity(BUFFER_BYTES, destination);
    let written = write(&mut buffer)?;
    buffer.flush()?;
    Ok(written)
}

/// A device or a pipe is written to; replacing it would take it away.
fn is_replaceable(path: &Path) -> bool {
    path.metadata().map_or(true, |metadata| metadata.is_file())
}

/// A sink over any writer of std.
pub(crate) struct WriteSink<'w>(pub(crate) &'w mut dyn Write);

impl Sink for WriteSink<'_> {
    type Error = io::Error;

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }
}
