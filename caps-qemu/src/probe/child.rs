//! The process of one emulator.

use super::Account;
use crate::rejection::Rejection;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use std::env;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// As libvirt 12.8.0 starts it, but for a monitor on standard input and output, and no daemon.
const ARGUMENTS: [&str; 9] = [
    "-S",
    "-no-user-config",
    "-nodefaults",
    "-display",
    "none",
    "-machine",
    "none,accel=kvm:mshv:tcg",
    "-qmp",
    "stdio",
];
/// What the emulator sees of the environment, as far as it is there.
const VARIABLES: [&str; 7] =
    ["LD_PRELOAD", "LD_LIBRARY_PATH", "PATH", "HOME", "USER", "LOGNAME", "TMPDIR"];
/// How long a process that closed its monitor may take to end.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long one that was killed may take.
const GRACE: Duration = Duration::from_millis(500);

/// The command that starts an emulator, below a supervisor of its own: nothing that it starts outlives the other end of its
/// standard input, be that closed or gone with this process.
pub(super) fn command(emulator: &Path, account: Option<Account>) -> Command {
    let mut command = Command::new(emulator);
    command.args(ARGUMENTS).env_clear().env("LC_ALL", "C").current_dir("/").process_group(0);
    command.envs(VARIABLES.iter().filter_map(|name| Some((name, env::var_os(name)?))));
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    caps_linux::supervise(&mut command);
    command
}

/// An emulator below its supervisor, which ends as the emulator does. Dropping it ends both, and all that the emulator started.
pub(super) struct Running {
    child: Child,
    /// Becomes readable when the supervisor ends, even where others hold its pipes. Linux has had it since 5.3.
    pidfd: Option<OwnedFd>,
}

/// The pipes of an emulator that can be read.
pub(super) struct Ready {
    pub(super) output: bool,
    pub(super) errors: bool,
}

impl Running {
    pub(super) fn new(child: Child) -> Self {
        let mut running = Self { child, pidfd: None };
        running.pidfd = running.pid().and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        running
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.id()).ok()?)
    }

    /// The emulator's standard input, which must stay open for as long as it is to run.
    pub(super) fn input(&mut self) -> Option<&mut ChildStdin> {
        self.child.stdin.as_mut()
    }

    /// Waits until something can be read, or never will be.
    pub(super) fn wait_for_output(
        &self,
        output: &ChildStdout,
        errors: Option<&ChildStderr>,
        rest: Duration,
    ) -> Result<Ready, Rejection> {
        let mut files = vec![PollFd::new(output, PollFlags::IN)];
        files.extend(errors.map(|errors| PollFd::new(errors, PollFlags::IN)));
        files.extend(self.pidfd.as_ref().map(|pidfd| PollFd::new(pidfd, PollFlags::IN)));
        match wait(&mut files, rest) {
            Ok(0) => Err(Rejection::TimedOut),
            Ok(_) => {
                let is_ready =
                    |at: usize| files.get(at).is_some_and(|file| !file.revents().is_empty());
                Ok(Ready { output: is_ready(0), errors: errors.is_some() && is_ready(1) })
            }
            Err(errno) => Err(Rejection::Unreachable(errno)),
        }
    }

    /// What the kernel cannot kill now must not hold up the rest.
    fn kill(&self) -> bool {
        self.pid().map(|pid| kill_process_group(pid, Signal::KILL));
        self.wait_for_end(GRACE)
    }

    /// How it ended, if it does so by itself.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.wait_for_end(PATIENCE);
        self.child.try_wait().ok().flatten()
    }

    /// Returns whether the process has ended by then.
    fn wait_for_end(&self, patience: Duration) -> bool {
        let wait = |pidfd| wait(&mut [PollFd::new(pidfd, PollFlags::IN)], patience);
        self.pidfd.as_ref().is_some_and(|pidfd| wait(pidfd).is_ok_and(|ready| ready > 0))
    }
}

impl Drop for Running {
    /// The supervisor kills everything once the standard input is closed. One that does not is killed, and the emulator with it.
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if self.pidfd.is_none() {
            let _ = self.child.wait();
        } else if self.wait_for_end(GRACE) || self.kill() {
            let _ = self.child.try_wait();
        }
    }
}

/// `poll(2)` that outlasts signals.
fn wait(files: &mut [PollFd<'_>], rest: Duration) -> Result<usize, Errno> {
    let end = Instant::now() + rest;
    loop {
        let rest = end.saturating_duration_since(Instant::now());
        let rest = Timespec::try_from(rest).map_err(|_| Errno::INVAL)?;
        match poll(files, Some(&rest)) {
            Err(Errno::INTR) => {}
            answer => return answer,
        }
    }
}
