//! A program that runs beside this one.

use super::super::call::call;
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
        let (mut fd, flags) = (0_i32, libc::CLONE_PIDFD | libc::SIGCHLD);
        let at = (&raw mut fd).expose_provenance();
        // SAFETY: without CLONE_VM this is a fork: the child has memory of its own, and only this thread. The kernel writes one
        // descriptor, which outlives the call.
        match unsafe { call(libc::SYS_clone, clone_arguments(flags as usize, at)) }? {
            0 => become_program(program, &words, &environment),
            _ => Ok(Self(Fd::from_raw(fd as usize))),
        }
    }

    /// Whether it came to a good end; `None` while it runs.
    ///
    /// # Errors
    /// The kernel's.
    pub fn ended(&self) -> Result<Option<bool>, Errno> {
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
        let (at, options) = ((&raw mut info).expose_provenance(), libc::WEXITED | libc::WNOHANG);
        let arguments = [libc::P_PIDFD as usize, self.0.raw(), at, options as usize, 0, 0];
        // SAFETY: the kernel fills one `siginfo_t`, which outlives the call; the usage of resources is not asked for.
        unsafe { call(libc::SYS_waitid, arguments) }?;
        let [_, _, code, _] = info.head;
        Ok((info.pid != 0).then_some(code == libc::CLD_EXITED && info.status == 0))
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

/// The arguments of `clone`: flags, no stack of its own, and where the descriptor goes.
const fn clone_arguments(flags: usize, descriptor_at: usize) -> [usize; 6] {
    [flags, 0, descriptor_at, 0, 0, 0]
}

/// What the child does: it lets all signals in, and becomes the program.
fn become_program(program: &CStr, words: &Words, environment: &Words) -> ! {
    let none = 0_u64;
    let at = (&raw const none).expose_provenance();
    let mask = [libc::SIG_SETMASK as usize, at, 0, size_of::<u64>(), 0, 0];
    let program = program.as_ptr().expose_provenance();
    let (words, environment) =
        (words.as_ptr().expose_provenance(), environment.as_ptr().expose_provenance());
    // SAFETY: the set, the path and both lists, which end with a null, outlive the calls. The last one does not return.
    unsafe {
        let _ = call(libc::SYS_rt_sigprocmask, mask);
        let _ = call(libc::SYS_execve, [program, words, environment, 0, 0, 0]);
        loop {
            let _ = call(libc::SYS_exit_group, [127, 0, 0, 0, 0, 0]);
        }
    }
}
