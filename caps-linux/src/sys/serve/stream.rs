//! A connection to one client.

use super::super::call::call;
use super::super::{Errno, Fd};

/// `ioctl` requests, whose types differ from libc to libc: bytes to read, and bytes that the other side has not taken.
const SIOCINQ: u64 = 0x541b;
const SIOCOUTQ: u64 = 0x5411;

/// A connected socket. Neither reading nor writing waits: [`Errno::AGAIN`] says that it would.
#[derive(Debug)]
pub struct Stream(pub(super) Fd);

/// Who is at the other end, as the kernel saw it when it connected: `SO_PEERCRED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Peer {
    /// Process.
    pub pid: u32,
    /// Its effective user.
    pub uid: u32,
    /// Its effective group.
    pub gid: u32,
}

impl Stream {
    /// Reads once; 0 is the end.
    ///
    /// # Errors
    /// The kernel's.
    pub fn receive(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        self.0.read(buffer)
    }

    /// Writes once, as much as there is room for. A client that is gone is an error, not a signal.
    ///
    /// # Errors
    /// The kernel's.
    pub fn send(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let (at, flags) = (bytes.as_ptr().expose_provenance(), libc::MSG_NOSIGNAL as usize);
        // SAFETY: the kernel reads at most `bytes.len()` bytes, which outlive the call.
        unsafe { call(libc::SYS_sendto, [self.0.raw(), at, bytes.len(), flags, 0, 0]) }
    }

    /// Number of bytes that the kernel has received and that have not been read.
    pub fn unread_bytes(&self) -> usize {
        self.count(SIOCINQ)
    }

    /// Returns `true` if the client has taken all that was sent.
    pub fn is_drained(&self) -> bool {
        self.count(SIOCOUTQ) == 0
    }

    fn count(&self, request: u64) -> usize {
        let mut count = 0_i32;
        // SAFETY: both requests write one `int`, and both are had by every socket of the UNIX domain.
        let _ = unsafe { self.0.control_with(request, &mut count) };
        count as usize
    }

    /// Who is at the other end.
    ///
    /// # Errors
    /// The kernel's.
    pub fn peer(&self) -> Result<Peer, Errno> {
        let mut peer = Peer { pid: 0, uid: 0, gid: 0 };
        let mut len = size_of::<Peer>() as u32;
        let (at, len) = ((&raw mut peer).expose_provenance(), (&raw mut len).expose_provenance());
        let (level, option) = (libc::SOL_SOCKET as usize, libc::SO_PEERCRED as usize);
        // SAFETY: `len` says how long `peer` is, which is laid out as `ucred`; both outlive the call.
        unsafe { call(libc::SYS_getsockopt, [self.0.raw(), level, option, at, len, 0]) }?;
        Ok(peer)
    }
}
