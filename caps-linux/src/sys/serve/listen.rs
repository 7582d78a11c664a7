//! Sockets that clients connect to.

use super::super::call::call;
use super::super::socket::address;
use super::super::{Errno, Fd};
use super::{Stream, remove_socket};
use core::ffi::CStr;

/// Clients that may wait for being accepted; the kernel's own bound counts as well.
const BACKLOG: usize = 4096;

/// A listening socket of the UNIX domain.
#[derive(Debug)]
pub struct Listener(pub(super) Fd);

impl Listener {
    /// Listens at `path`, which is made with these permissions and belongs to `group`, if there is one. A socket that lies
    /// there from before is replaced.
    ///
    /// # Errors
    /// The kernel's; [`Errno::NAMETOOLONG`] beyond the 107 bytes of an address.
    pub fn bind(path: &CStr, mode: u32, group: Option<u32>) -> Result<Self, Errno> {
        let address = address(path.to_bytes()).ok_or(Errno::NAMETOOLONG)?;
        remove_socket(path)?;
        let kind = (libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK) as usize;
        // SAFETY: the call takes numbers only.
        let fd = unsafe { call(libc::SYS_socket, [libc::AF_UNIX as usize, kind, 0, 0, 0, 0]) }?;
        let listener = Self(Fd::from_raw(fd));
        let (at, len) = ((&raw const address).expose_provenance(), size_of::<libc::sockaddr_un>());
        // Nobody can connect before it has its permissions.
        let mask = umask(0o777);
        // SAFETY: the address outlives the call, which reads `len` bytes of it.
        let bound = unsafe { call(libc::SYS_bind, [fd, at, len, 0, 0, 0]) };
        umask(mask);
        bound?;
        permit(path, mode, group)?;
        listener.listen()?;
        Ok(listener)
    }

    /// A listening socket that this process was started with.
    ///
    /// # Errors
    /// The kernel's, where `number` is no such socket.
    pub fn inherited(number: u32) -> Result<Self, Errno> {
        let listener = Self(Fd::from_raw(number as usize));
        listener.0.set_nonblocking()?;
        listener.listen()?;
        Ok(listener)
    }

    /// The next client that waits; `None` where none does.
    ///
    /// # Errors
    /// The kernel's.
    pub fn accept(&self) -> Result<Option<Stream>, Errno> {
        let flags = (libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK) as usize;
        // SAFETY: the address of the client is not asked for.
        match unsafe { call(libc::SYS_accept4, [self.0.raw(), 0, 0, flags, 0, 0]) } {
            Ok(fd) => Ok(Some(Stream(Fd::from_raw(fd)))),
            Err(Errno::AGAIN | Errno::CONNABORTED) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    fn listen(&self) -> Result<(), Errno> {
        // SAFETY: the call takes numbers only.
        unsafe { call(libc::SYS_listen, [self.0.raw(), BACKLOG, 0, 0, 0, 0]) }.map(drop)
    }
}

/// Sets the mask of permissions that new files lack, and gives the old one.
fn umask(mask: u32) -> u32 {
    // SAFETY: the call takes a number and never fails.
    unsafe { call(libc::SYS_umask, [mask as usize, 0, 0, 0, 0, 0]) }.unwrap_or(0) as u32
}

fn permit(path: &CStr, mode: u32, group: Option<u32>) -> Result<(), Errno> {
    let (here, path) = (libc::AT_FDCWD as usize, path.as_ptr().expose_provenance());
    if let Some(group) = group {
        const SAME_OWNER: usize = u32::MAX as usize;
        let arguments = [here, path, SAME_OWNER, group as usize, 0, 0];
        // SAFETY: the path ends with a zero and outlives the call.
        unsafe { call(libc::SYS_fchownat, arguments) }?;
    }
    // SAFETY: the path ends with a zero and outlives the call.
    unsafe { call(libc::SYS_fchmodat, [here, path, mode as usize, 0, 0, 0]) }.map(drop)
}
