//! The process of one emulator.

use super::talk::{Talk, Turn, more_questions, questions};
use super::{Account, Limits};
use crate::rejection::Rejection;
use crate::verdict::Said;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use std::env;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
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
/// Room in the pipe for all answers, so that no emulator waits for its listener.
const PIPE_BYTES: usize = 1 << 20;
/// How long a process that closed its monitor, or that was killed, may take to end.
const GRACE: Duration = Duration::from_millis(500);

/// The longest that any is waited for.
const LONGEST: Duration = Duration::from_secs(3600);

/// Starts an emulator and asks it.
pub(super) fn ask(emulator: &Path, limits: Limits) -> Said {
    let deadline = Instant::now() + limits.timeout.min(LONGEST);
    let child = command(emulator, limits.account).spawn();
    let mut child = child.map_err(|error| Rejection::Unstartable(error.kind()))?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let mut running = Running::new(child);
    let (Some(input), Some(output)) = (input, output) else { return Err(Rejection::Closed) };
    running.converse(input, output, deadline)
}

fn command(emulator: &Path, account: Option<Account>) -> Command {
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
struct Running {
    child: Child,
    /// Tells when the process ends, even where others hold its pipes. Linux has had it since 5.3.
    pidfd: Option<OwnedFd>,
}

impl Running {
    fn new(child: Child) -> Self {
        let pidfd = pid(&child).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        Self { child, pidfd }
    }

    fn converse(&mut self, mut input: ChildStdin, output: ChildStdout, deadline: Instant) -> Said {
        let _ = rustix::pipe::fcntl_setpipe_size(&output, PIPE_BYTES);
        // They fit in the pipe. One that is gone already is noticed when it is listened to.
        let mut ask = |questions: String| drop(input.write_all(questions.as_bytes()));
        ask(questions());
        let mut talk = Talk::default();
        if self.listen(&mut talk, output, &mut || ask(more_questions()), deadline)? {
            return Ok(talk.transcript());
        }
        Err(self.ended().map_or(Rejection::Closed, Rejection::Ended))
    }

    /// Listens until all is said, or until there is nothing more to hear: then false.
    fn listen(
        &self,
        talk: &mut Talk,
        mut output: ChildStdout,
        ask_more: &mut dyn FnMut(),
        deadline: Instant,
    ) -> Result<bool, Rejection> {
        let mut buffer = [0; 4096];
        while self.wait_for_output(&output, deadline)? {
            let len = output.read(&mut buffer).map_err(|_| Rejection::Closed)?;
            let said = buffer.get(..len).unwrap_or(&[]);
            if said.is_empty() {
                break;
            }
            match talk.hear(said)? {
                Turn::Listen => {}
                Turn::AskMore => ask_more(),
                Turn::Done => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Waits until there is something to read; false if there never will be.
    fn wait_for_output(&self, output: &ChildStdout, deadline: Instant) -> Result<bool, Rejection> {
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
    fn ended(&mut self) -> Option<ExitStatus> {
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
        let pid = pid(&self.child);
        pid.map(|pid| kill_process_group(pid, Signal::KILL));
        self.wait_for_end();
        // What the kernel cannot kill now must not hold up the rest.
        let _ =
            if self.pidfd.is_some() { self.child.try_wait() } else { self.child.wait().map(Some) };
    }
}

fn pid(child: &Child) -> Option<Pid> {
    Pid::from_raw(i32::try_from(child.id()).ok()?)
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
