//! State of a process at its start, before std makes up for what is missing.

use super::Fd;
use core::sync::atomic::{AtomicBool, Ordering};

static STDOUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Called by the C library before `main`, and so before std opens `/dev/null` in the place of a closed descriptor.
// SAFETY: the section holds pointers to functions of this type, and this one needs nothing that is set up later.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = before_main;

extern "C" fn before_main() {
    STDOUT_WAS_CLOSED.store(!Fd::STDOUT.is_open(), Ordering::Relaxed);
}

/// Returns whether the process was started without standard output (`>&-`); `false` in a program without a C library.
pub fn stdout_was_closed() -> bool {
    STDOUT_WAS_CLOSED.load(Ordering::Relaxed)
}
