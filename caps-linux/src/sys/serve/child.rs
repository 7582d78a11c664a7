//! A program that runs beside this one.

use super::super::call::call;
use super::super::fork::{Ending, Which, ending, exit, fork, set_signal_mask};
use super::super::{Errno, Fd};
use core::ffi::CStr;

/// Most words of a command line or of an environment.
const MAX_WORDS: usize = 8;

/// A program that was started. One that is dropped goes on.
#[derive(Debug)]
pub struct Child(pub(super) Fd);

/// Words for the kernel: their addresses, and a null behind them.
type Words = heapless::Vec<usize, { MAX_WORDS + 1 }>;

impl Child {
    /// Starts `program` with these words, the first of which names it, and this environment. It gets the standard streams of
    /// this process and signals as if there were none held back; that it cannot be executed shows at its end.
    ///
    /// # Errors
    /// The kernel's; `EINVAL` for more than 8 words.
    pub fn start(program: &CStr, words: &[&CStr], environment: &[&CStr]) -> Result<Self, Errno> {
        let (words, environment) = (list(words)?, list(environment)?);
        let mut fd = 0;
        // SAFETY: the child makes system calls only.
        match unsafe { fork(&mut fd) }? {
            0 => become_program(program, &words, &environment),
            _ => Ok(Self(Fd::from_raw(fd as usize))),
        }
    }

    /// How it ended; `None` while it runs.
    ///
    /// # Errors
    /// The kernel's.
    pub fn ended(&self) -> Result<Option<Ending>, Errno> {
        ending(Which::Descriptor(self.0.raw()), 0)
    }

    /// Ends it.
    pub fn kill(&self) {
        let arguments = [self.0.raw(), libc::SIGKILL as usize, 0, 0, 0, 0];
        // SAFETY: no further information goes with the signal. One that has ended cannot be ended.
        let _ = unsafe { call(libc::SYS_pidfd_send_signal, arguments) };
    }
}

fn list(words: &[&CStr]) -> Result<Words, Errno> {
    let mut list = Words::new();
    for address in words.iter().map(|word| word.as_ptr().expose_provenance()).chain([0]) {
        list.push(address).map_err(|_| Errno(libc::EINVAL as u16))?;
    }
    Ok(list)
}

/// What the child does: it lets all signals in, and becomes the program.
fn become_program(program: &CStr, words: &Words, environment: &Words) -> ! {
    set_signal_mask(0);
    let program = program.as_ptr().expose_provenance();
    let (words, environment) =
        (words.as_ptr().expose_provenance(), environment.as_ptr().expose_provenance());
    // SAFETY: the path and both lists, which end with a null, outlive the call.
    let _ = unsafe { call(libc::SYS_execve, [program, words, environment, 0, 0, 0]) };
    exit(127)
}
