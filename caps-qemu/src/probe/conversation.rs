//! The conversation with one emulator, from its start to its last answer.

use super::child::{Running, command};
use super::complaints::Complaints;
use super::interview::{QUERIES, commands, recording};
use super::talk::{Answer, Talk};
use super::{Limits, shortage};
use crate::rejection::Rejection;
use crate::verdict::Said;
use rustix::io::Errno;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout};
use std::time::{Duration, Instant};

/// The longest that any is waited for.
const LONGEST: Duration = Duration::from_secs(3600);
/// Room in the pipe for all answers, so that no emulator waits for its listener.
const PIPE_BYTES: usize = 1 << 20;

/// Starts an emulator and asks it.
pub(super) fn ask(emulator: &Path, limits: Limits) -> Said {
    let deadline = Instant::now() + limits.timeout.min(LONGEST);
    let child = command(emulator, limits.account).spawn();
    let child = child.map_err(|error| Rejection::Unstartable(errno(&error)))?;
    let mut conversation = Conversation::with(child, deadline)?;
    let said = conversation.hold();
    conversation.complaints.read();
    shortage::checked(said, &conversation.complaints.text)
}

/// Every error of a pipe or a process has a number.
fn errno(error: &io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

/// With an emulator over its standard input and output.
struct Conversation {
    running: Running,
    output: ChildStdout,
    complaints: Complaints,
    deadline: Instant,
    talk: Talk,
}

impl Conversation {
    fn with(mut child: Child, deadline: Instant) -> Result<Self, Rejection> {
        let (output, complaints) = (child.stdout.take(), Complaints::new(child.stderr.take()));
        let running = Running::new(child);
        let output = output.ok_or(Rejection::Closed)?;
        let _ = rustix::pipe::fcntl_setpipe_size(&output, PIPE_BYTES);
        Ok(Self { running, output, complaints, deadline, talk: Talk::new(QUERIES.len()) })
    }

    /// All of it: the commands and their answers.
    fn hold(&mut self) -> Said {
        self.say(commands().as_bytes())?;
        match self.listen()? {
            Some(answers) => Ok(recording(&answers)),
            None => Err(self.running.ended().map_or(Rejection::Closed, Rejection::Ended)),
        }
    }

    /// It fits in the pipe. An emulator that is gone already is noticed when it is listened to.
    fn say(&mut self, text: &[u8]) -> Result<(), Rejection> {
        let Some(input) = self.running.input() else { return Err(Rejection::Closed) };
        match input.write_all(text) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Rejection::Unreachable(errno(&error)))
            }
            _ => Ok(()),
        }
    }

    /// Listens until all is said; `None` if before that there is nothing more to hear.
    fn listen(&mut self) -> Result<Option<Vec<Answer>>, Rejection> {
        let mut buffer = [0; 16384];
        while self.wait()? {
            let len = match self.output.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.map_err(|error| Rejection::Unreachable(errno(&error)))?,
            };
            let said = buffer.get(..len).unwrap_or(&[]);
            if said.is_empty() {
                break;
            }
            if let Some(answers) = self.talk.hear(said)? {
                return Ok(Some(answers));
            }
        }
        Ok(None)
    }

    /// Waits until there is something to read on standard output; false if there never will be.
    fn wait(&mut self) -> Result<bool, Rejection> {
        loop {
            let rest = self.deadline.saturating_duration_since(Instant::now());
            let pipe = self.complaints.pipe.as_ref();
            let ready = self.running.wait_for_output(&self.output, pipe, rest)?;
            if ready.errors {
                self.complaints.read();
            }
            if ready.output || !ready.errors {
                return Ok(ready.output);
            }
        }
    }
}
