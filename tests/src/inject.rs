//! Programs of which one system call fails, by strace.

use crate::difference::difference;
use crate::place::{copy_tree, has_program};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use tempfile::TempDir;

/// Errors that calls fail with, in turn.
const ERRORS: [&str; 4] = ["ENOMEM", "EMFILE", "EIO", "EINTR"];
/// The allocator's: they fail with ENOMEM alone.
const MEMORY: [&str; 5] = ["mmap", "mprotect", "munmap", "mremap", "madvise"];
/// Calls that cannot fail, or whose failure no program can mend.
const NEVER: [&str; 9] = [
    "execve",
    "exit",
    "exit_group",
    "brk",
    "arch_prctl",
    "rt_sigreturn",
    "set_tid_address",
    "set_robust_list",
    "rseq",
];
/// Where std's own beginning ends, in which it aborts with a sentence.
const STARTED: &str = "rt_sigaction(SIGBUS, {";
/// Runs at the same time.
const THREADS: usize = 2;

/// A program to run again and again.
pub struct Program<'p> {
    /// The program itself.
    pub path: &'p Path,
    /// Its arguments: `{}` is a path in a directory that is new for each run.
    pub arguments: &'p [&'p str],
    /// What the directory holds at first.
    pub directory: Option<&'p Path>,
    /// Bytes of a run beside those of standard output, from that path.
    pub written: &'p (dyn Fn(&Path) -> Vec<u8> + Sync),
    /// Most calls that fail, one a run; they are spread over all.
    pub runs: usize,
}

/// A system call by its number among those of its name, and the error that it fails with.
#[derive(Clone, Debug)]
struct Fault {
    call: String,
    number: usize,
    error: &'static str,
}

/// What a run led to, and what strace saw of it.
struct Run {
    output: Output,
    bytes: Vec<u8>,
    log: String,
}

impl std::fmt::Debug for Program<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").field("arguments", &self.arguments).finish_non_exhaustive()
    }
}

impl Program<'_> {
    /// Asserts that whatever single call fails, there are the same bytes or an error.
    ///
    /// # Panics
    /// Where there is something else, or the program fails undisturbed.
    pub fn assert_same_or_error(&self) {
        let whole = self.run(None);
        assert!(whole.output.status.success() && !whole.bytes.is_empty(), "{:?}", whole.output);
        let faults = self.sample(faults(&whole.log));
        assert!(faults.len() > 20, "only {faults:?}");
        let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                        wrong.lock().unwrap().extend(self.difference(fault, &whole.bytes));
                    }
                });
            }
        });
        let wrong = wrong.into_inner().unwrap();
        println!("{self:?}: {} calls failed", faults.len());
        assert!(wrong.is_empty(), "{self:?}:\n{}", wrong.join("\n"));
    }

    fn sample(&self, faults: Vec<Fault>) -> Vec<Fault> {
        let step = faults.len().div_ceil(self.runs).max(1);
        faults.into_iter().step_by(step).collect()
    }

    /// What is wrong with a run in which `fault` strikes.
    fn difference(&self, fault: &Fault, whole: &[u8]) -> Option<String> {
        let Run { output, bytes, .. } = self.run(Some(fault));
        let silent = output.stderr.trim_ascii().is_empty();
        match output.status.code() {
            // The machine itself may have changed.
            Some(0) if bytes == whole || bytes == self.run(None).bytes => None,
            Some(0) => difference(&format!("{fault:?}: the document"), whole, &bytes),
            Some(1..128) if !silent => None,
            _ => Some(format!("{fault:?}: {output:?}")),
        }
    }

    fn run(&self, fault: Option<&Fault>) -> Run {
        let scratch = TempDir::new().unwrap();
        let target = scratch.path().join("out");
        if let Some(directory) = self.directory {
            copy_tree(directory, &target);
        }
        let log = scratch.path().join("strace");
        let mut strace = Command::new("strace");
        // Cargo's own, which would make the loader look for libraries in its directories.
        strace.env_remove("LD_LIBRARY_PATH").arg("-qqo").arg(&log);
        if let Some(Fault { call, number, error }) = fault {
            strace.args(["-e", &format!("inject={call}:error={error}:when={number}")]);
        }
        strace.arg(self.path).stdin(Stdio::null());
        strace.args(self.arguments.iter().map(|word| word.replace("{}", target.to_str().unwrap())));
        let output = strace.output().unwrap();
        let written = (self.written)(&target);
        let bytes = [masked(&output.stdout), masked(&written)].concat();
        Run { output, bytes, log: fs::read_to_string(log).unwrap_or_default() }
    }
}

/// Whether strace is there and may trace. Prints that the test is skipped if not.
pub fn may_inject() -> bool {
    if !has_program("strace") {
        return false;
    }
    let mut strace = Command::new("strace");
    let may =
        strace.args(["-qqo", "/dev/null", "true"]).status().is_ok_and(|ended| ended.success());
    if !may {
        eprintln!("skipped: strace may not trace here");
    }
    may
}

/// The bytes of the file at a path; none where there is no file.
pub fn contents(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_default()
}

/// The calls in a log of strace, from the first that is the program's own. Each is to fail with the next error.
fn faults(log: &str) -> Vec<Fault> {
    let begin = log.find(STARTED).map_or(0, |at| at + STARTED.len());
    let (mut numbers, mut faults, mut at) = (HashMap::new(), Vec::new(), 0);
    for line in log.lines() {
        let own = at > begin || begin == 0;
        at += line.len() + 1;
        let Some((call, _)) = line.split_once('(') else { continue };
        let number = numbers.entry(call).and_modify(|number| *number += 1).or_insert(1);
        if own
            && !NEVER.contains(&call)
            && call.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            let error =
                if MEMORY.contains(&call) { "ENOMEM" } else { ERRORS[faults.len() % ERRORS.len()] };
            faults.push(Fault { call: call.to_owned(), number: *number, error });
        }
    }
    faults
}

/// Without what a run draws by lot, and without its own paths. A UUID that is derived from a machine id is no matter of chance.
fn masked(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let id = fs::read("/etc/machine-id").unwrap_or_default();
    let drawn = !caps_linux::parse::uuid::uuid(&id).is_ok_and(|id| id.is_valid());
    let is_masked = |line: &str| drawn && line.contains("<uuid>");
    let lines = text.lines().map(|line| if is_masked(line) { "<uuid>" } else { line });
    let lines = lines.filter(|line| !line.starts_with("recorded "));
    lines.flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect()
}

/// A directory for [`Program::directory`] with what one undisturbed run leaves in it.
///
/// # Panics
/// Where the program fails.
pub fn warm(program: &Path, arguments: &[&str]) -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let place = directory.path().join("warm");
    let words = arguments.iter().map(|word| word.replace("{}", place.to_str().unwrap()));
    let output = Command::new(program).args(words).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    (directory, place)
}
