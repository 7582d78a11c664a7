//! Making processes, and how they end.

use super::Errno;
use super::call::call;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It exited with this status.
    Exited(i32),
    /// This signal ended it.
    Signaled(i32),
}

/// Which process is meant.
#[derive(Clone, Copy)]
pub(super) enum Which {
    /// That with this number.
    #[cfg(feature = "std")]
    Number(usize),
    /// That behind this descriptor.
    Descriptor(usize),
}

/// Copies this process: 0 in the copy, and its number in the original, where `pidfd` becomes a descriptor of it (since Linux
/// 5.2, unchanged before).
///
/// # Safety
/// In the copy of a process with several threads, only system calls may be made.
pub(super) unsafe fn fork(pidfd: &mut i32) -> Result<usize, Errno> {
    let (at, flags) = ((&raw mut *pidfd).expose_provenance(), libc::CLONE_PIDFD | libc::SIGCHLD);
    // SAFETY: without CLONE_VM the child has memory of its own, and only this thread; the rest is passed on to the caller. The
    // kernel writes one descriptor, which outlives the call.
    unsafe { call(libc::SYS_clone, [flags as usize, 0, at, 0, 0, 0]) }
}

/// How a child of this process ended; `None` while it runs. It is not reaped with `WNOWAIT` among the `options`.
pub(super) fn ending(which: Which, options: i32) -> Result<Option<Ending>, Errno> {
    /// `siginfo_t` of a child: three words, its process and user, and how it ended.
    #[repr(C)]
    struct Info {
        head: [i32; 4],
        pid: i32,
        uid: u32,
        status: i32,
        rest: [i32; 25],
    }
    const _: () = assert!(size_of::<Info>() == size_of::<libc::siginfo_t>());
    let mut info = Info { head: [0; 4], pid: 0, uid: 0, status: 0, rest: [0; 25] };
    let (kind, number) = match which {
        #[cfg(feature = "std")]
        Which::Number(number) => (libc::P_PID, number),
        Which::Descriptor(number) => (libc::P_PIDFD, number),
    };
    let options = libc::WEXITED | libc::WNOHANG | options;
    let at = (&raw mut info).expose_provenance();
    // SAFETY: the kernel fills one `siginfo_t`, which outlives the call; the usage of resources is not asked for.
    unsafe { call(libc::SYS_waitid, [kind as usize, number, at, options as usize, 0, 0]) }?;
    let [_, _, code, _] = info.head;
    let ending = if code == libc::CLD_EXITED { Ending::Exited } else { Ending::Signaled };
    Ok((info.pid != 0).then(|| ending(info.status)))
}

/// Ends this process.
pub(super) fn exit(status: i32) -> ! {
    loop {
        // SAFETY: the call takes a number and does not return.
        let _ = unsafe { call(libc::SYS_exit_group, [status as usize, 0, 0, 0, 0, 0]) };
    }
}

/// Sets which signals are held back, a bit for each.
pub(super) fn set_signal_mask(mask: u64) {
    let at = (&raw const mask).expose_provenance();
    let arguments = [libc::SIG_SETMASK as usize, at, 0, size_of::<u64>(), 0, 0];
    // SAFETY: the kernel reads a set of 8 bytes, which outlives the call; the old one is not asked for.
    let _ = unsafe { call(libc::SYS_rt_sigprocmask, arguments) };
}
