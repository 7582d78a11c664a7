//! How far something is that takes long: one line on a terminal, gone when it is done.

use console::Term;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// What takes less is not worth a line.
const PATIENCE: Duration = Duration::from_millis(300);
/// How often the line is written again.
const ROUND: Duration = Duration::from_millis(100);

/// To be called with how much is done, and of how much.
type Progress<'p> = &'p (dyn Fn(usize, usize) + Sync);

/// Does `work`, and shows its progress on standard error if that is a terminal and it takes long.
pub(crate) fn shown<T>(what: &'static str, work: impl FnOnce(Progress<'_>) -> T) -> T {
    let count = &Count::default();
    let (alive, ended) = mpsc::channel();
    thread::scope(|scope| {
        // Without a thread there is no line.
        let _ = thread::Builder::new().spawn_scoped(scope, move || show(what, count, &ended));
        let made = work(&|done, of| count.set(done, of));
        drop(alive);
        made
    })
}

/// How much is done, and of how much.
#[derive(Default)]
struct Count {
    done: AtomicUsize,
    of: AtomicUsize,
}

impl Count {
    fn set(&self, done: usize, of: usize) {
        self.done.store(done, Ordering::Relaxed);
        self.of.store(of, Ordering::Relaxed);
    }

    fn get(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.of.load(Ordering::Relaxed))
    }
}

/// Writes the line until the work has ended. A terminal that fails costs the line.
fn show(what: &str, count: &Count, ended: &Receiver<()>) {
    let terminal = Term::stderr();
    let lasts = |time| ended.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    if terminal.is_term() && lasts(PATIENCE) {
        let _ = write(&terminal, what, count.get());
        while lasts(ROUND) {
            let _ = write(&terminal, what, count.get());
        }
        let _ = terminal.clear_line();
    }
}

fn write(terminal: &Term, what: &str, (done, of): (usize, usize)) -> io::Result<()> {
    terminal.clear_line()?;
    terminal.write_str(&format!("{what}: {done} of {of}"))
}
