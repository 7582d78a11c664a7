//! Signals that would leave something behind.

use signal_hook::consts::{SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU};
use signal_hook::flag::{register, register_conditional_default, register_usize};
use signal_hook::low_level::emulate_default_handler;
use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Signals that end a process, and can be waited for.
const ENDING: [i32; 8] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU];
/// Not in the list of signal-hook, and the same on all architectures but MIPS.
const SIGXFSZ: i32 = rustix::process::Signal::XFSZ.as_raw();

/// Ending signals have no effect as long as this lives; one that has arrived meanwhile ends the process when it is dropped.
pub(super) struct Held {
    /// The last signal; 0 if there was none.
    arrived: Arc<AtomicUsize>,
    released: Arc<AtomicBool>,
}

impl Held {
    pub(super) fn hold() -> io::Result<Self> {
        let held = Self { arrived: Arc::default(), released: Arc::default() };
        let ignored = ignored();
        for signal in ENDING.into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0) {
            register_conditional_default(signal, Arc::clone(&held.released))?;
            register_usize(signal, Arc::clone(&held.arrived), signal.cast_unsigned() as usize)?;
        }
        Ok(held)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.released.store(true, Ordering::SeqCst);
        let arrived = i32::try_from(self.arrived.load(Ordering::SeqCst));
        if let Some(signal) = arrived.ok().filter(|&signal| signal != 0) {
            // It ends the process.
            let _ = emulate_default_handler(signal);
        }
    }
}

/// The set of signals that this process was started to ignore, as `nohup` does.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// From now on a file that reaches the limit of its size (`ulimit -f`) fails to be written, with an error that has its name.
pub(super) fn survive_size_limit() {
    // Without it the signal ends the process, and the shell reports it.
    let _ = register(SIGXFSZ, Arc::default());
}
