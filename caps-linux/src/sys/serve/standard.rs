//! The standard streams of a program that must neither wait for their readers nor end with them.

use super::super::call::call;
use super::super::{Errno, Fd};
use core::mem::ManuallyDrop;

/// Occupies closed standard streams, so that no socket gets their numbers and is written to by mistake. Reading finds the end,
/// writing fails as it did before.
pub fn fill_standard_streams() {
    const LAST: usize = 2;
    while let Ok(fd) = Fd::open_cwd(c"/dev/null", 0) {
        if fd.raw() > LAST {
            return;
        }
        let _ = ManuallyDrop::new(fd);
    }
}

/// Writes a line to standard error if that takes it at once. Returns `false` if it does not, or not all of it.
///
/// The stream may be shared with other programs, so it is not set to be non-blocking: that would be so for all of them.
pub fn complain(line: &[u8]) -> bool {
    let (at, flags) = (line.as_ptr().expose_provenance(), libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL);
    let arguments = [Fd::STDERR.raw(), at, line.len(), flags as usize, 0, 0];
    // SAFETY: the kernel reads at most `line.len()` bytes, which outlive the call.
    let taken = match unsafe { call(libc::SYS_sendto, arguments) } {
        Err(Errno::NOTSOCK) => write_at_once(line),
        sent => sent,
    };
    taken == Ok(line.len())
}

/// Writes to a standard error that is no socket.
fn write_at_once(line: &[u8]) -> Result<usize, Errno> {
    if Fd::STDERR.stat().is_ok_and(|stat| stat.is_file()) {
        return Fd::STDERR.write(line);
    }
    if !has_room() {
        return Err(Errno::AGAIN);
    }
    match write_without_waiting(line) {
        // Kernels before 6.5 do not have that for pipes: there is room, unless another program was faster.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => Fd::STDERR.write(line),
        done => done,
    }
}

/// Returns `true` if standard error has room: a pipe for as much as its smallest buffer.
fn has_room() -> bool {
    let mut poll = libc::pollfd { fd: libc::STDERR_FILENO, events: libc::POLLOUT, revents: 0 };
    let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let (at, now) = ((&raw mut poll).expose_provenance(), (&raw const now).expose_provenance());
    // SAFETY: the kernel reads and writes one `pollfd` and one `timespec`, which outlive the call; no set of signals is given.
    let ready = unsafe { call(libc::SYS_ppoll, [at, 1, now, 0, 0, 0]) };
    ready.is_ok() && poll.revents & libc::POLLOUT != 0
}

/// `pwritev2(2)` with `RWF_NOWAIT`, at the current position.
fn write_without_waiting(line: &[u8]) -> Result<usize, Errno> {
    const CURRENT: usize = usize::MAX;
    let vector = libc::iovec { iov_base: line.as_ptr().cast_mut().cast(), iov_len: line.len() };
    let (at, flags) = ((&raw const vector).expose_provenance(), libc::RWF_NOWAIT as usize);
    // SAFETY: the kernel reads one vector of `line.len()` bytes; both outlive the call.
    unsafe { call(libc::SYS_pwritev2, [Fd::STDERR.raw(), at, 1, CURRENT, 0, flags]) }
}
