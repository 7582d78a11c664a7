//! Sockets that clients connect to.

use super::super::call::call;
use super::super::socket::open_at;
use super::super::{Errno, Fd};
use super::stage::Stage;
use super::{SocketFile, Stream};
use core::ffi::CStr;

/// Clients that may wait for being accepted; the kernel's own bound counts as well.
const BACKLOG: usize = 4096;

/// Longest path that a client can connect to.
const MAX_ADDRESS_BYTES: usize = 107;

/// A listening socket of the UNIX domain.
#[derive(Debug)]
pub struct Listener(pub(super) Fd);

impl Listener {
    /// Listens at `path`, which is created with these permissions and belongs to `group`, if there is one. Clients reach the
    /// socket only when it has both. A socket that no process listens at is replaced.
    ///
    /// # Errors
    /// Returns [`Errno::ADDRINUSE`] if a process listens at `path`, [`Errno::EXIST`] if there is a file that is no socket,
    /// [`Errno::NAMETOOLONG`] beyond the 107 bytes of an address, and errors of the kernel. No file is left behind.
    pub fn bind<'p>(
        path: &'p CStr,
        mode: u32,
        group: Option<u32>,
    ) -> Result<(Self, SocketFile<'p>), Errno> {
        if path.count_bytes() > MAX_ADDRESS_BYTES {
            return Err(Errno::NAMETOOLONG);
        }
        let stage = Stage::create(path)?;
        let socket = stage.socket()?.to_bytes();
        let listener = Self(open_at(socket, libc::SOCK_NONBLOCK, libc::SYS_bind)?);
        stage.permit(mode, group)?;
        listener.listen()?;
        Ok((listener, stage.publish(path)?))
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
