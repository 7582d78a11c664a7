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
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
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
/// How long a process that closed its monitor, or that was killed, may take to end.
const GRACE: Duration = Duration::from_millis(500);

pub(super) fn command(emulator: &Path, account: Option<Account>) -> Command {
    let mut command = Command::new(emulator);
    command.args(ARGUMENTS).env_clear().env("LC_ALL", "C").current_dir("/").process_group(0);
    command.envs(VARIABLES.iter().filter_map(|name| Some((name, env::var_os(name)?))));
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// A process with its group. Dropping it kills the group and reaps the process.
pub(super) struct Running {
    child: Child,
    /// Tells when the process ends, even where others hold its pipes. Linux has had it since 5.3.
    pidfd: Option<OwnedFd>,
}

impl Running {
    pub(super) fn new(child: Child) -> Self {
        let mut running = Self { child, pidfd: None };
        running.pidfd = running.pid().and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        running
    }

    pub(super) fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.id()).ok()?)
    }

    /// Waits until there is something to read; false if there never will be.
    pub(super) fn wait_for_output(
        &self,
        output: &ChildStdout,
        deadline: Instant,
    ) -> Result<bool, Rejection> {
        let rest = deadline.saturating_duration_since(Instant::now());
        let mut files = vec![PollFd::new(output, PollFlags::IN)];
        files.extend(self.pidfd.as_ref().map(|pidfd| PollFd::new(pidfd, PollFlags::IN)));
        match wait(&mut files, rest) {
            Ok(0) => Err(Rejection::TimedOut),
            Ok(_) => Ok(files.first().is_some_and(|output| !output.revents().is_empty())),
            Err(_) => Err(Rejection::Closed),
        }
    }

    /// How it ended, if it does so by itself.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.wait_for_end();
        self.child.try_wait().ok().flatten()
    }

    /// Returns once the process has ended, and otherwise after a while.
    fn wait_for_end(&self) {
        if let Some(pidfd) = &self.pidfd {
            let _ = wait(&mut [PollFd::new(pidfd, PollFlags::IN)], GRACE);
        }
    }
}

impl Drop for Running {
    /// The group goes first: as long as its leader is not reaped, no other group has its number.
    fn drop(&mut self) {
        self.pid().map(|pid| kill_process_group(pid, Signal::KILL));
        self.wait_for_end();
        // What the kernel cannot kill now must not hold up the rest.
        let _ =
            if self.pidfd.is_some() { self.child.try_wait() } else { self.child.wait().map(Some) };
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
