//! Error numbers of the kernel.

use core::fmt;

/// An error number of the kernel: open, so that a number of tomorrow is a number too.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Errno(pub u16);

impl Errno {
    /// No such file or directory.
    pub const NOENT: Self = Self(libc::ENOENT as u16);
    /// A part of the path is no directory.
    pub const NOTDIR: Self = Self(libc::ENOTDIR as u16);
    /// Permission denied.
    pub const ACCES: Self = Self(libc::EACCES as u16);
    /// Operation not permitted.
    pub const PERM: Self = Self(libc::EPERM as u16);
    /// The call was interrupted by a signal.
    pub const INTR: Self = Self(libc::EINTR as u16);
    /// It would have to be waited for.
    pub const AGAIN: Self = Self(libc::EAGAIN as u16);
    /// Something is there already.
    pub const EXIST: Self = Self(libc::EEXIST as u16);
    /// Another socket has the address.
    pub const ADDRINUSE: Self = Self(libc::EADDRINUSE as u16);
    /// No process listens at the address.
    pub const CONNREFUSED: Self = Self(libc::ECONNREFUSED as u16);
    /// The descriptor is not a socket.
    pub const NOTSOCK: Self = Self(libc::ENOTSOCK as u16);
    /// The file does not support the operation.
    pub const OPNOTSUPP: Self = Self(libc::EOPNOTSUPP as u16);
    /// The client went before it was accepted.
    pub const CONNABORTED: Self = Self(libc::ECONNABORTED as u16);
    /// The kernel does not have the call.
    pub const NOSYS: Self = Self(libc::ENOSYS as u16);
    /// The path is longer than the kernel takes.
    pub const NAMETOOLONG: Self = Self(libc::ENAMETOOLONG as u16);
    /// What the file told of is gone.
    pub const NODEV: Self = Self(libc::ENODEV as u16);
    /// There is no such device.
    pub const NXIO: Self = Self(libc::ENXIO as u16);
    /// An input or output error.
    pub const IO: Self = Self(libc::EIO as u16);

    /// The connection was closed by its other end.
    pub const CONNRESET: Self = Self(libc::ECONNRESET as u16);
    /// It took too long.
    pub const TIMEDOUT: Self = Self(libc::ETIMEDOUT as u16);

    /// Errors that are a property of what was called, like its permissions: the same call fails again in the same way, in
    /// libvirt too.
    const PERMANENT: [i32; 17] = [
        libc::EPERM,
        libc::ENXIO,
        libc::E2BIG,
        libc::EACCES,
        libc::EBUSY,
        libc::ENODEV,
        libc::EISDIR,
        libc::EINVAL,
        libc::ENOTTY,
        libc::ENAMETOOLONG,
        libc::ENOSYS,
        libc::ELOOP,
        libc::ENODATA,
        libc::EOVERFLOW,
        libc::EPROTOTYPE,
        libc::EOPNOTSUPP,
        libc::ECONNREFUSED,
    ];

    /// Returns `true` if nothing is there.
    pub const fn is_absence(self) -> bool {
        matches!(self, Self::NOENT | Self::NOTDIR)
    }

    /// Returns `true` if the call failed for a reason that has nothing to do with what was called, such as a lack of memory or
    /// of descriptors. It proves neither that something is there nor that it is not.
    pub fn is_trouble(self) -> bool {
        !self.is_absence() && !Self::PERMANENT.contains(&self.0.into())
    }

    /// Sentences for those that a probe meets.
    const SENTENCES: [(i32, &'static str); 25] = [
        (libc::EPERM, "operation not permitted"),
        (libc::ENOENT, "no such file or directory"),
        (libc::EINTR, "interrupted"),
        (libc::EIO, "input or output error"),
        (libc::ENXIO, "no such device or address"),
        (libc::EAGAIN, "temporarily unavailable"),
        (libc::ENOMEM, "out of memory"),
        (libc::EACCES, "permission denied"),
        (libc::EBUSY, "busy"),
        (libc::EEXIST, "something else is there"),
        (libc::EADDRINUSE, "address in use"),
        (libc::ENODEV, "no such device"),
        (libc::ENOTDIR, "not a directory"),
        (libc::EISDIR, "is a directory"),
        (libc::EINVAL, "invalid argument"),
        (libc::ENFILE, "too many open files in the system"),
        (libc::EMFILE, "too many open files"),
        (libc::ENOSPC, "no space left on the device"),
        (libc::EPIPE, "nobody reads any more"),
        (libc::ENAMETOOLONG, "name too long"),
        (libc::ELOOP, "too many symbolic links"),
        (libc::ENOBUFS, "no buffer space"),
        (libc::ECONNRESET, "connection closed by the other end"),
        (libc::ETIMEDOUT, "timed out"),
        (libc::ECONNREFUSED, "connection refused"),
    ];

    /// Names for those that a probe meets, for programmers.
    const NAMES: [(i32, &'static str); 25] = [
        (libc::EPERM, "EPERM"),
        (libc::ENOENT, "ENOENT"),
        (libc::EINTR, "EINTR"),
        (libc::EIO, "EIO"),
        (libc::ENXIO, "ENXIO"),
        (libc::EAGAIN, "EAGAIN"),
        (libc::ENOMEM, "ENOMEM"),
        (libc::EACCES, "EACCES"),
        (libc::EBUSY, "EBUSY"),
        (libc::EEXIST, "EEXIST"),
        (libc::EADDRINUSE, "EADDRINUSE"),
        (libc::ENODEV, "ENODEV"),
        (libc::ENOTDIR, "ENOTDIR"),
        (libc::EISDIR, "EISDIR"),
        (libc::EINVAL, "EINVAL"),
        (libc::ENFILE, "ENFILE"),
        (libc::EMFILE, "EMFILE"),
        (libc::ENOSPC, "ENOSPC"),
        (libc::EPIPE, "EPIPE"),
        (libc::ENAMETOOLONG, "ENAMETOOLONG"),
        (libc::ELOOP, "ELOOP"),
        (libc::ENOBUFS, "ENOBUFS"),
        (libc::ECONNRESET, "ECONNRESET"),
        (libc::ETIMEDOUT, "ETIMEDOUT"),
        (libc::ECONNREFUSED, "ECONNREFUSED"),
    ];

    fn find(self, texts: &[(i32, &'static str)]) -> Option<&'static str> {
        let (_, text) = texts.iter().find(|(number, _)| *number == i32::from(self.0))?;
        Some(text)
    }
}

/// Separates absence from a call that failed.
pub(crate) trait OrAbsent<T> {
    /// `None` for an error that is permanent: nothing is there that could be used.
    fn or_absent(self) -> Result<Option<T>, Errno>;
}

impl<T> OrAbsent<T> for Result<T, Errno> {
    fn or_absent(self) -> Result<Option<T>, Errno> {
        match self {
            Err(errno) if errno.is_trouble() => Err(errno),
            outcome => Ok(outcome.ok()),
        }
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.find(&Self::NAMES) {
            Some(name) => f.write_str(name),
            None => write!(f, "Errno({})", self.0),
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.find(&Self::SENTENCES) {
            Some(sentence) => f.write_str(sentence),
            None => write!(f, "error {}", self.0),
        }
    }
}

impl core::error::Error for Errno {}
