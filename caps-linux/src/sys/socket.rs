//! A stream socket of the UNIX domain, with a deadline.

use super::call::call;
use super::{Errno, Fd};
use core::ffi::CStr;
use libc::c_long;

/// A connected socket.
#[derive(Debug)]
pub(crate) struct UnixStream(Fd);

impl UnixStream {
    /// Connects to the socket at `path`. Reading and writing give up after `patience_ms` each.
    pub(crate) fn connect(path: &[u8], patience_ms: u32) -> Result<Self, Errno> {
        let fd = open_at(path, 0, libc::SYS_connect)?;
        set_patience(&fd, libc::SO_RCVTIMEO, patience_ms)?;
        set_patience(&fd, libc::SO_SNDTIMEO, patience_ms)?;
        Ok(Self(fd))
    }

    /// Reads once; 0 is the end.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        self.0.read(buffer)
    }

    /// Writes all of `bytes`. A peer that is gone is an error, not a signal.
    pub(crate) fn write_all(&self, mut bytes: &[u8]) -> Result<(), Errno> {
        while !bytes.is_empty() {
            let (at, flags) = (bytes.as_ptr().expose_provenance(), libc::MSG_NOSIGNAL as usize);
            // SAFETY: the kernel reads at most `bytes.len()` bytes, which outlive the call.
            let sent =
                unsafe { call(libc::SYS_sendto, [self.0.raw(), at, bytes.len(), flags, 0, 0]) }?;
            bytes = bytes.get(sent..).unwrap_or(&[]);
        }
        Ok(())
    }
}

/// Returns `true` if a process listens at the socket `path`, `false` if no process does. Never waits: a full queue of clients
/// has a listener.
pub(super) fn has_listener(path: &CStr) -> Result<bool, Errno> {
    match open_at(path.to_bytes(), libc::SOCK_NONBLOCK, libc::SYS_connect) {
        Ok(_) | Err(Errno::AGAIN) => Ok(true),
        Err(Errno::CONNREFUSED) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Opens a stream socket and connects or binds it: `call_number` is that of `connect` or `bind`.
pub(super) fn open_at(path: &[u8], flags: i32, call_number: c_long) -> Result<Fd, Errno> {
    let address = address(path).ok_or(Errno::NAMETOOLONG)?;
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | flags;
    let arguments = [libc::AF_UNIX as usize, kind as usize, 0, 0, 0, 0];
    // SAFETY: the call takes numbers only.
    let fd = Fd::from_raw(unsafe { call(libc::SYS_socket, arguments) }?);
    let (at, len) = ((&raw const address).expose_provenance(), size_of::<libc::sockaddr_un>());
    // SAFETY: the address outlives the call, which reads `len` bytes of it.
    unsafe { call(call_number, [fd.raw(), at, len, 0, 0, 0]) }?;
    Ok(fd)
}

/// The address of the socket at `path`; `None` where it is too long for one.
fn address(path: &[u8]) -> Option<libc::sockaddr_un> {
    let mut address = libc::sockaddr_un { sun_family: libc::AF_UNIX as u16, sun_path: [0; 108] };
    if path.len() >= address.sun_path.len() {
        return None;
    }
    for (room, byte) in address.sun_path.iter_mut().zip(path) {
        *room = *byte as core::ffi::c_char;
    }
    Some(address)
}

fn set_patience(fd: &Fd, option: i32, patience_ms: u32) -> Result<(), Errno> {
    let (tv_sec, tv_usec) = ((patience_ms / 1000).into(), (patience_ms % 1000 * 1000).into());
    let patience = libc::timeval { tv_sec, tv_usec };
    let (at, len) = ((&raw const patience).expose_provenance(), size_of::<libc::timeval>());
    let arguments = [fd.raw(), libc::SOL_SOCKET as usize, option as usize, at, len, 0];
    // SAFETY: the option is a `timeval` of `len` bytes, which outlives the call.
    unsafe { call(libc::SYS_setsockopt, arguments) }.map(drop)
}
