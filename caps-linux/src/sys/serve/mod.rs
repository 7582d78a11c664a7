//! What a program needs that answers on sockets: listening, waiting, signals, time. Nothing here waits but [`Poll::wait`].

mod child;
mod listen;
mod poll;
mod signal;
mod stage;
mod standard;
mod stream;

pub use super::effective_uid;
pub use super::fork::Ending;
pub use child::Child;
pub use listen::Listener;
pub use poll::{Event, Interest, Poll, Watched};
pub use signal::Signals;
pub use stage::SocketFile;
pub use standard::{complain, fill_standard_streams};
pub use stream::{Peer, Stream};

use super::Errno;
use super::call::call;

/// Microseconds since some time before the start of the process: `clock_gettime(CLOCK_MONOTONIC)`.
pub fn monotonic_us() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let at = (&raw mut time).expose_provenance();
    // SAFETY: the kernel fills one `timespec`, which outlives the call. This clock there always is.
    let _ =
        unsafe { call(libc::SYS_clock_gettime, [libc::CLOCK_MONOTONIC as usize, at, 0, 0, 0, 0]) };
    let (seconds, nanoseconds) = (time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs());
    seconds.saturating_mul(1_000_000).saturating_add(nanoseconds / 1000)
}

/// As [`monotonic_us`], in milliseconds.
pub fn monotonic_ms() -> u64 {
    monotonic_us() / 1000
}

/// Number of this process: `getpid(2)`.
pub fn process_id() -> u32 {
    // SAFETY: the call has no argument and never fails.
    unsafe { call(libc::SYS_getpid, [0; 6]) }.unwrap_or(0) as u32
}

/// Lets this process have as many descriptors as it may: `prlimit64(2)`. Gives how many those are.
///
/// # Errors
/// The kernel's.
pub fn raise_descriptor_limit() -> Result<u64, Errno> {
    let mut limit = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
    let at = (&raw mut limit).expose_provenance();
    let which = libc::RLIMIT_NOFILE as usize;
    // SAFETY: no new limit is given; the kernel fills one `rlimit64`, which outlives the call.
    unsafe { call(libc::SYS_prlimit64, [0, which, 0, at, 0, 0]) }?;
    limit.rlim_cur = limit.rlim_max;
    let at = (&raw const limit).expose_provenance();
    // SAFETY: the kernel reads one `rlimit64`, which outlives the call; the old limit is not asked for.
    unsafe { call(libc::SYS_prlimit64, [0, which, at, 0, 0, 0]) }?;
    Ok(limit.rlim_max)
}
