//! Destinations of the output: standard output, or the file of `--output`.
//!
//! | module | for |
//! |---|---|
//! | [`file`] | files, links, devices and pipes that `--output` names |
//! | [`replacement`] | a new file in the place of an old one, as a whole or not at all |
//! | [`signals`] | no temporary file left behind by a signal |

mod file;
mod replacement;
mod signals;

use crate::Failure;
use caps_core::Sink;
use rustix::fs::OFlags;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::path::Path;

/// Bytes that are gathered before the kernel is called.
const BUFFER_BYTES: usize = 64 << 10;

/// Hands a destination to `write`, and makes it final if that succeeds.
///
/// A reader that has closed its pipe has all that it needs: no failure, whatever the command.
pub(crate) fn to(
    file: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    signals::survive_size_limit();
    match file {
        None => unless_closed(to_stdout(write)).map_err(Failure::Output),
        Some(path) => unless_closed(to_file(path, write)).map_err(Failure::file(path)),
    }
}

/// Calls `print`, which prints to standard output by itself.
pub(crate) fn print_help(print: impl FnOnce() -> io::Result<()>) -> Result<(), Failure> {
    let printed = require_stdout().and_then(|()| require_writable()).and_then(|()| print());
    unless_closed(printed).map_err(Failure::Output)
}

/// Fails if standard output is open for reading only: that of std takes all that is written to it, and drops it.
fn require_writable() -> io::Result<()> {
    match rustix::fs::fcntl_getfl(io::stdout())? & OFlags::RWMODE {
        OFlags::RDONLY => Err(rustix::io::Errno::BADF.into()),
        _ => Ok(()),
    }
}

fn unless_closed(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    require_stdout()?;
    let mut buffer = BufWriter::with_capacity(BUFFER_BYTES, Stdout);
    write(&mut buffer)?;
    buffer.flush()
}

/// Gathers the whole output first: a file is touched only once there is something to write.
fn to_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut text = Vec::new();
    write(&mut text)?;
    file::put(path, &text)
}

/// Fails if this process was started without standard output, in whose place std has opened `/dev/null`.
fn require_stdout() -> io::Result<()> {
    match caps_linux::stdout_was_closed() {
        true => Err(io::Error::other("closed")),
        false => Ok(()),
    }
}

/// Standard output. Unlike that of std, one that cannot be written to is an error.
struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(io::stdout().as_fd(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A sink over any writer of std.
pub(crate) struct WriteSink<'w>(pub(crate) &'w mut dyn Write);

impl Sink for WriteSink<'_> {
    type Error = io::Error;

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }
}
