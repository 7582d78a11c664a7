//! The conversation with one emulator, from its start to its last answer.

use super::child::{Running, command};
use super::interview::{Broken, Emulator, Start, interview};
use super::privileges::acting_as;
use super::talk::{Answer, Question, Talk};
use super::{Account, Limits, modules};
use crate::rejection::Rejection;
use crate::verdict::Said;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

/// The longest that any is waited for.
const LONGEST: Duration = Duration::from_secs(3600);
/// How long one is waited for that can be started again.
const BRIEFLY: Duration = Duration::from_secs(2);
/// Room in the pipe for all answers, so that no emulator waits for its listener.
const PIPE_BYTES: usize = 1 << 20;
/// The answer to the greeting, before anything is asked.
const HELLO: &[u8] = b"{\"execute\":\"qmp_capabilities\"}\n";

/// Starts an emulator and asks it; once more if it could not say all at first.
pub(super) fn ask(emulator: &Path, limits: Limits) -> Said {
    let deadline = Instant::now() + limits.timeout.min(LONGEST);
    let ask = |start| {
        let child = command(emulator, limits.account).spawn();
        let child = child.map_err(|error| Rejection::Unstartable(error.kind()))?;
        interview(&mut Conversation::with(child, emulator, limits.account, deadline)?, start)
    };
    let said = match ask(Start::First) {
        Err(Broken::Spoiled) => ask(Start::Last),
        said => said,
    };
    said.map_err(|broken| match broken {
        Broken::Rejected(rejection) => rejection,
        Broken::Spoiled => Rejection::Closed,
    })
}

/// With an emulator over its standard input and output.
struct Conversation<'e> {
    emulator: &'e Path,
    account: Option<Account>,
    input: ChildStdin,
    output: ChildStdout,
    deadline: Instant,
    talk: Talk,
    running: Running,
}

impl<'e> Conversation<'e> {
    fn with(
        mut child: Child,
        emulator: &'e Path,
        account: Option<Account>,
        deadline: Instant,
    ) -> Result<Self, Rejection> {
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let running = Running::new(child);
        let (Some(input), Some(output)) = (input, output) else { return Err(Rejection::Closed) };
        let _ = rustix::pipe::fcntl_setpipe_size(&output, PIPE_BYTES);
        let talk = Talk::default();
        let mut conversation = Self { emulator, account, input, output, deadline, talk, running };
        conversation.say(HELLO);
        Ok(conversation)
    }

    /// It fits in the pipe. An emulator that is gone already is noticed when it is listened to.
    fn say(&mut self, text: &[u8]) {
        let _ = self.input.write_all(text);
    }

    /// Listens until all is said; `None` if before that there is nothing more to hear.
    fn listen(&mut self) -> Result<Option<Vec<Answer>>, Rejection> {
        let mut buffer = [0; 16384];
        while self.running.wait_for_output(&self.output, self.deadline)? {
            let len = self.output.read(&mut buffer).map_err(|_| Rejection::Closed)?;
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
}

impl Emulator for Conversation<'_> {
    fn ask(&mut self, questions: &[Question]) -> Result<Vec<Answer>, Rejection> {
        let text = self.talk.ask(questions);
        self.say(text.as_bytes());
        let answers = self.listen()?;
        answers.ok_or_else(|| self.running.ended().map_or(Rejection::Closed, Rejection::Ended))
    }

    fn ask_briefly(&mut self, questions: &[Question]) -> Option<Vec<Answer>> {
        let deadline = self.deadline;
        self.deadline = deadline.min(Instant::now() + BRIEFLY);
        let answers = self.ask(questions).ok();
        self.deadline = deadline;
        answers
    }

    fn gaps(&mut self) -> Option<usize> {
        let pid = self.running.pid()?;
        acting_as(self.account, || modules::gaps(pid, self.emulator))
    }

    fn shut(&mut self) -> bool {
        let pid = self.running.pid();
        pid.is_some_and(|pid| acting_as(self.account, || modules::shut(pid)).is_some())
    }
}
