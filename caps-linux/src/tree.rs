//! The files of a host, as probes see them.

use crate::path::Path;
use crate::sys::{Errno, Fd, Stat};
use core::ops::ControlFlow;

/// A file hierarchy to probe. [`Root`](crate::Root) is the real one; a test wraps it to trace or to fail.
pub trait Tree {
    /// Hands the contents of a file to `visit`, a `buffer` full at a time, until the end or until `visit` breaks.
    ///
    /// # Errors
    /// The kernel's, of opening or reading.
    fn stream(
        &self,
        path: &Path,
        buffer: &mut [u8],
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno>;

    /// Reads a file to its end, or as much as `buffer` takes.
    ///
    /// # Errors
    /// The kernel's, of opening or reading.
    fn read<'b>(&self, path: &Path, buffer: &'b mut [u8]) -> Result<&'b [u8], Errno>;

    /// Hands the names in a directory to `visit`, in the order of the file system, without `.` and `..`, until the end or
    /// until `visit` breaks.
    ///
    /// # Errors
    /// The kernel's, of opening or reading.
    fn list(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno>;

    /// What lies at `path`, behind all links.
    ///
    /// # Errors
    /// The kernel's, of opening.
    fn stat(&self, path: &Path) -> Result<Stat, Errno>;

    /// As [`stat`](Self::stat), of a regular file that the caller may execute; `None` for anything else.
    ///
    /// # Errors
    /// The kernel's, if [it proves nothing](Errno::is_trouble).
    fn executable(&self, path: &Path) -> Result<Option<Stat>, Errno>;

    /// Opens a file that is to be read again and again. Refused where files may be replaced, as those of a copy may: an open
    /// one would go on telling what was.
    ///
    /// # Errors
    /// The kernel's, of opening; [`Errno::NOSYS`] where files are not held.
    fn hold(&self, path: &Path) -> Result<HeldFile, Errno> {
        let _ = path;
        Err(Errno::NOSYS)
    }

    /// Whether `/sys` is the kernel's own, whose files are written at each read and never replaced: only then is a host
    /// [held](crate::Held). A probe reads the same files either way.
    fn is_sysfs(&self) -> bool;
}

/// A file that stays open, and is made anew by the kernel each time that it is read. Closed when dropped.
#[derive(Debug)]
pub struct HeldFile(Fd);

impl HeldFile {
    pub(crate) const fn new(file: Fd) -> Self {
        Self(file)
    }

    /// What the file says now, as much as `buffer` takes: `pread(2)`.
    ///
    /// # Errors
    /// The kernel's, of reading; [`Errno::NODEV`] where what the file told of is gone.
    pub fn read<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Errno> {
        let len = self.0.read_at(buffer, 0)?;
        Ok(buffer.get(..len).unwrap_or(&[]))
    }
}
