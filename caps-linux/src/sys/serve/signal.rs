//! Signals as something to read.

use super::super::call::call;
use super::super::{Errno, Fd};

/// Signals that end a program, held back and to be waited for instead: SIGTERM, SIGINT and SIGHUP. SIGPIPE is held back too, and
/// never waited for: a reader of a pipe that is gone is an error of writing.
#[derive(Debug)]
pub struct Signals(pub(super) Fd);

impl Signals {
    /// From now on these signals are held back.
    ///
    /// # Errors
    /// The kernel's.
    pub fn ending() -> Result<Self, Errno> {
        const BYTES: usize = size_of::<u64>();
        let bit = |signal: i32| 1_u64 << (signal - 1);
        let set = bit(libc::SIGTERM) | bit(libc::SIGINT) | bit(libc::SIGHUP);
        let blocked = set | bit(libc::SIGPIPE);
        let at = (&raw const blocked).expose_provenance();
        let arguments = [libc::SIG_BLOCK as usize, at, 0, BYTES, 0, 0];
        // SAFETY: the kernel reads a set of 8 bytes, which outlives the call; the old one is not asked for.
        unsafe { call(libc::SYS_rt_sigprocmask, arguments) }?;
        let flags = (libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) as usize;
        let at = (&raw const set).expose_provenance();
        let arguments = [usize::MAX, at, BYTES, flags, 0, 0];
        // SAFETY: the kernel reads a set of 8 bytes, which outlives the call.
        unsafe { call(libc::SYS_signalfd4, arguments) }.map(|fd| Self(Fd::from_raw(fd)))
    }
}
