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
    /// An input or output error.
    pub const IO: Self = Self(libc::EIO as u16);

    /// The short name and its sentence, for those that a probe meets.
    const NAMES: [(i32, &'static str, &'static str); 16] = [
        (libc::EPERM, "EPERM", "operation not permitted"),
        (libc::ENOENT, "ENOENT", "no such file or directory"),
        (libc::EINTR, "EINTR", "interrupted"),
        (libc::EIO, "EIO", "input or output error"),
        (libc::ENXIO, "ENXIO", "no such device or address"),
        (libc::EAGAIN, "EAGAIN", "nothing there yet"),
        (libc::EACCES, "EACCES", "permission denied"),
        (libc::EBUSY, "EBUSY", "busy"),
        (libc::EEXIST, "EEXIST", "something else is there"),
        (libc::EADDRINUSE, "EADDRINUSE", "address in use"),
        (libc::ENODEV, "ENODEV", "no such device"),
        (libc::ENOTDIR, "ENOTDIR", "not a directory"),
        (libc::EISDIR, "EISDIR", "is a directory"),
        (libc::EINVAL, "EINVAL", "invalid argument"),
        (libc::ENAMETOOLONG, "ENAMETOOLONG", "name too long"),
        (libc::ELOOP, "ELOOP", "too many symbolic links"),
    ];

    fn known(self) -> Option<(&'static str, &'static str)> {
        let known = Self::NAMES.iter().find(|(number, ..)| *number == i32::from(self.0));
        known.map(|&(_, name, sentence)| (name, sentence))
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known() {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "Errno({})", self.0),
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known() {
            Some((_, sentence)) => f.write_str(sentence),
            None => write!(f, "error {}", self.0),
        }
    }
}

impl core::error::Error for Errno {}
