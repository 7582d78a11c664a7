//! How far something is that takes long: one line on a terminal, gone when it is done.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// What takes less is not worth a line; and how often the line is looked after.
const PATIENCE: Duration = Duration::from_millis(300);

/// To be called with how much is done, and of how much.
type Progress<'p> = &'p (dyn Fn(usize, usize) + Sync);

/// Does `work`, and shows its progress on standard error if that is a terminal.
pub(crate) fn shown<T: Send>(what: &str, work: impl FnOnce(Progress<'_>) -> T + Send) -> T {
    let terminal = io::stderr();
    if terminal.is_terminal() {
        shown_on(&mut terminal.lock(), what, work)
    } else {
        work(&|_, _| {})
    }
}

/// Does `work` aside, and writes a line now and then until it is done.
fn shown_on<T: Send>(
    terminal: &mut dyn Write,
    what: &str,
    work: impl FnOnce(Progress<'_>) -> T + Send,
) -> T {
    let latest = Mutex::new(None);
    let (alive, ended) = mpsc::channel::<()>();
    let report =
        |done, of| *latest.lock().unwrap_or_else(PoisonError::into_inner) = Some((done, of));
    thread::scope(|scope| {
        let worker = scope.spawn(move || {
            let _alive = alive;
            work(&report)
        });
        let mut is_shown = false;
        while ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let latest = *latest.lock().unwrap_or_else(PoisonError::into_inner);
            let far = latest.map_or(String::new(), |(done, of)| format!(": {done} of {of}"));
            is_shown |= write_line(terminal, &format!("{what}{far}")).is_ok();
        }
        if is_shown {
            let _ = write_line(terminal, "");
        }
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Replaces what the line says.
fn write_line(terminal: &mut dyn Write, text: &str) -> io::Result<()> {
    write!(terminal, "\r\x1b[K{text}")?;
    terminal.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(work: impl FnOnce(Progress<'_>) + Send) -> String {
        let mut terminal = Vec::new();
        shown_on(&mut terminal, "walking", work);
        String::from_utf8(terminal).unwrap()
    }

    #[test]
    fn what_is_quick_is_not_shown() {
        assert_eq!(written(|progress| progress(1, 2)), "");
    }

    #[test]
    fn what_takes_long_is_shown_and_wiped() {
        let text = written(|progress| {
            progress(1, 2);
            thread::sleep(PATIENCE * 3);
        });
        assert!(text.starts_with("\r\x1b[Kwalking: 1 of 2\r"), "{text:?}");
        assert!(text.ends_with("\r\x1b[K"));
    }
}
