//! The program itself, with a limit of time.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The program of the product, as cargo built it for the test that asks.
#[macro_export]
macro_rules! caps {
    () => {
        std::process::Command::new(env!("CARGO_BIN_EXE_caps-under-test"))
    };
}

/// The end of a program.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: String,
}

/// Runs `command` and waits for its end.
///
/// # Panics
/// Where it does not end within `limit`; it is killed then.
pub fn run(command: &mut Command, limit: Duration) -> Ended {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let id = child.id();
    let waiter = thread::spawn(move || child.wait_with_output());
    let begin = Instant::now();
    while !waiter.is_finished() {
        if begin.elapsed() > limit {
            let _ = Command::new("sh").args(["-c", "kill -KILL $0", &id.to_string()]).status();
            panic!("{command:?} did not end within {limit:?}");
        }
        thread::sleep(Duration::from_millis(2));
    }
    waiter.join().unwrap().unwrap().into()
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ended {
    /// Asserts what holds for any host: a document, with notices of facts that a record lacks, or one sentence; never a panic.
    ///
    /// # Panics
    /// Where it does not hold.
    #[track_caller]
    pub fn assert_civil(&self, name: &str) {
        assert!(!self.stderr.contains("panicked"), "{name}: {}", self.stderr);
        match self.code {
            Some(0) => {
                let whole = self.stdout.ends_with(b"</capabilities>\n");
                let mut notices = self.stderr.lines();
                let assumed = notices.all(|line| line.contains("; assuming `"));
                assert!(whole && assumed, "{name}: half a document: {self:?}");
            }
            Some(1) => {
                let sentence = self.stderr.trim_end();
                assert!(self.stdout.is_empty(), "{name}: a document and a refusal");
                assert!(!sentence.is_empty() && !sentence.contains('\n'), "{name}: {sentence}");
            }
            _ => panic!("{name}: {self:?}"),
        }
    }
}

/// A command that prints the document of the host recorded in `root`, without guests.
pub fn of_root(mut caps: Command, root: &Path) -> Command {
    caps.arg("--root").arg(root).arg("--no-guests");
    caps
}
