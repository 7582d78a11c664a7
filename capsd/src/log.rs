//! Lines for the journal, on standard error. A reader that is slow or gone loses lines; it stops nothing.

use caps_linux::serve::complain;
use core::fmt::{Arguments, Write};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Most bytes of a line. What is longer is told in part, and ends with a mark.
const LINE_BYTES: usize = 512;

/// Lines that were lost since the last one that was not.
static LOST: AtomicU32 = AtomicU32::new(0);

/// Writes one line, after one about those that were lost.
pub(crate) fn line(words: Arguments<'_>) {
    let lost = LOST.load(Relaxed);
    let told =
        lost == 0 || write(format_args!("lost {lost} lines of this log: it is read too slowly"));
    if told && write(words) {
        LOST.store(0, Relaxed);
    } else {
        LOST.store(if told { 1 } else { lost.saturating_add(1) }, Relaxed);
    }
}

/// Returns `true` if standard error took the line.
fn write(words: Arguments<'_>) -> bool {
    const MARK: &str = "...\n";
    let mut line = heapless::Vec::<u8, LINE_BYTES>::new();
    let whole = line.write_str("capsd: ").and_then(|()| line.write_fmt(words));
    if whole.and_then(|()| line.write_str("\n")).is_err() {
        line.truncate(LINE_BYTES - MARK.len());
        let _ = line.write_str(MARK);
    }
    complain(&line)
}

/// Writes one line of its pieces, as `format!` takes them.
macro_rules! log {
    ($($words:tt)+) => { $crate::log::line(format_args!($($words)+)) };
}
pub(crate) use log;
