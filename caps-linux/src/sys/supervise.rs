//! A supervisor between this process and a program that it starts, so that nothing of the program outlives either.
//!
//! What std starts does not become the program: it forks once more, its child becomes the program, and it supervises. It adopts
//! all descendants of the program that lose their parents. Once the program has ended, or nobody holds the other end of its
//! standard input any more, it kills all of them, and ends as the program did. The kernel closes that end however the process
//! ends that held it, so this works after `SIGKILL` too, without a handler for any signal.

extern crate std;

use super::call::{call, call_once};
use super::fork::{Ending, Which, ending, exit, fork, set_signal_mask};
use super::{Errno, Fd};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Milliseconds between two looks at a program whose end the kernel does not report (before Linux 5.2).
const ROUND_MS: i32 = 50;
/// Descriptors that are closed one by one where the kernel cannot close all at once (before Linux 5.9).
const MAX_DESCRIPTORS: usize = 4096;
/// Bytes of a list of children that are read at once.
const CHILDREN_BYTES: usize = 4096;

/// Has `command` start its program below a supervisor, which gets the number that std returns, and ends as the program does.
///
/// Its standard input must be a pipe: when the other end is closed, the program and all of its descendants are killed.
pub fn supervise(command: &mut Command) -> &mut Command {
    let divide = || divide().map_err(|errno| io::Error::from_raw_os_error(i32::from(errno.0)));
    // SAFETY: between fork and exec the closure makes system calls only; neither side allocates, locks or unwinds.
    unsafe { command.pre_exec(divide) }
}

/// Forks: returns in the program to be, and supervises it in the other.
fn divide() -> Result<(), Errno> {
    set_option(libc::PR_SET_CHILD_SUBREAPER, 1)?;
    set_signal_mask(u64::MAX);
    let (supervisor, mut pidfd) = (process_number(libc::SYS_getpid), -1);
    // SAFETY: both sides make system calls only, up to exec and exit.
    match unsafe { fork(&mut pidfd) } {
        Ok(0) => {
            lead_group();
            // A supervisor that is killed takes the program along.
            set_option(libc::PR_SET_PDEATHSIG, libc::SIGKILL as usize)?;
            if process_number(libc::SYS_getppid) != supervisor {
                exit(1);
            }
            set_signal_mask(0);
            Ok(())
        }
        Ok(program) => Supervisor { program, pidfd }.run(),
        Err(errno) => Err(errno),
    }
}

/// Of one program.
struct Supervisor {
    program: usize,
    /// Becomes readable when the program ends; negative if there is none.
    pidfd: i32,
}

impl Supervisor {
    /// Waits, kills, and ends.
    fn run(mut self) -> ! {
        self.close_descriptors();
        let ending = self.wait();
        self.kill_all();
        match ending {
            Some(Ending::Exited(status)) => exit(status),
            Some(Ending::Signaled(signal)) => end_by(signal),
            None => end_by(libc::SIGKILL),
        }
    }

    /// Keeps standard input and the descriptor of the program, which becomes number 1. All others belong to somebody who may
    /// wait for their end.
    fn close_descriptors(&mut self) {
        let arguments = [self.pidfd as usize, 1, libc::O_CLOEXEC as usize, 0, 0, 0];
        // SAFETY: the call takes numbers only, and nothing here uses standard output.
        let moved = unsafe { call(libc::SYS_dup3, arguments) };
        self.pidfd = if moved.is_ok() { 1 } else { -1 };
        let first: usize = if moved.is_ok() { 2 } else { 1 };
        // SAFETY: the call takes numbers only, and nothing here uses these descriptors.
        if unsafe { call(libc::SYS_close_range, [first, u32::MAX as usize, 0, 0, 0, 0]) }.is_err() {
            (first..MAX_DESCRIPTORS).for_each(|number| {
                // SAFETY: as above.
                let _ = unsafe { call_once(libc::SYS_close, [number, 0, 0, 0, 0, 0]) };
            });
        }
    }

    /// How the program ended; `None` if it is to be ended.
    fn wait(&self) -> Option<Ending> {
        loop {
            // It is not reaped yet, so that no other group has its number.
            if let Some(ending) = ending(Which::Number(self.program), libc::WNOWAIT).ok()? {
                return Some(ending);
            }
            if self.is_abandoned() {
                return None;
            }
        }
    }

    /// Waits for the end of the program or of whoever started it; whether it is the latter.
    fn is_abandoned(&self) -> bool {
        let poll = |fd, events| libc::pollfd { fd, events, revents: 0 };
        let mut files = [poll(0, 0), poll(self.pidfd, libc::POLLIN)];
        let time = libc::timespec { tv_sec: 0, tv_nsec: libc::c_long::from(ROUND_MS) * 1_000_000 };
        let time = if self.pidfd < 0 { (&raw const time).expose_provenance() } else { 0 };
        let at = (&raw mut files).expose_provenance();
        // SAFETY: the kernel fills two `pollfd` and reads one `timespec`, which outlive the call; no set of signals is given.
        let polled = unsafe { call(libc::SYS_ppoll, [at, files.len(), time, 0, 0, 0]) };
        let [input, _] = files;
        polled.is_err() || input.revents != 0
    }

    /// Kills the program's own group at once, then whatever becomes a child of this process, until there is none.
    fn kill_all(&self) {
        kill(0_usize.wrapping_sub(self.program));
        while kill_children().is_ok() {
            // SAFETY: neither the status nor the usage of resources is asked for.
            if unsafe { call(libc::SYS_wait4, [usize::MAX, 0, 0, 0, 0, 0]) }.is_err() {
                return;
            }
        }
    }
}

/// Kills the children of this process, those of the first list that the kernel gives.
fn kill_children() -> Result<(), Errno> {
    let mut buffer = [0; CHILDREN_BYTES];
    let len = Fd::open_cwd(c"/proc/thread-self/children", 0)?.read(&mut buffer)?;
    let mut number = 0_usize;
    // A blank stands behind each number; one that is cut off is for the next time.
    for byte in buffer.get(..len).unwrap_or(&[]) {
        if byte.is_ascii_digit() {
            number = number.wrapping_mul(10).wrapping_add(usize::from(byte - b'0'));
        } else {
            kill(number);
            number = 0;
        }
    }
    Ok(())
}

/// Kills a process, or a group by its negative number. Zero would be the own group.
fn kill(process: usize) {
    if process != 0 {
        // SAFETY: the call takes numbers only.
        let _ = unsafe { call(libc::SYS_kill, [process, libc::SIGKILL as usize, 0, 0, 0, 0]) };
    }
}

/// Ends this process by a signal, without a dump of its memory.
fn end_by(signal: i32) -> ! {
    let _ = set_option(libc::PR_SET_DUMPABLE, 0);
    // Larger than any `struct sigaction` of the kernel; zeros are the default action.
    let default = [0_u64; 8];
    let at = (&raw const default).expose_provenance();
    let arguments = [signal as usize, at, 0, size_of::<u64>(), 0, 0];
    // SAFETY: the kernel reads a `struct sigaction`, which outlives the call; the old one is not asked for.
    let _ = unsafe { call(libc::SYS_rt_sigaction, arguments) };
    let own = process_number(libc::SYS_getpid);
    // SAFETY: the call takes numbers only.
    let _ = unsafe { call(libc::SYS_kill, [own, signal as usize, 0, 0, 0, 0]) };
    let bit = 1_u64.wrapping_shl(signal.wrapping_sub(1) as u32);
    set_signal_mask(!bit);
    exit(128_i32.wrapping_add(signal))
}

fn set_option(option: i32, value: usize) -> Result<(), Errno> {
    // SAFETY: the options that are set here take numbers only.
    unsafe { call(libc::SYS_prctl, [option as usize, value, 0, 0, 0, 0]) }.map(drop)
}

/// The number that a call without arguments returns, which cannot fail.
fn process_number(call_number: libc::c_long) -> usize {
    // SAFETY: the call has no argument and never fails.
    unsafe { call(call_number, [0; 6]) }.unwrap_or(0)
}

/// Puts this process in a group of its own.
fn lead_group() {
    // SAFETY: the call takes numbers only.
    let _ = unsafe { call(libc::SYS_setpgid, [0; 6]) };
}
