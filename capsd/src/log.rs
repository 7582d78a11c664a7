//! Lines for the journal, on standard error.

use caps_linux::serve::complain;
use core::fmt::{Arguments, Write};

/// Most bytes of a line. What is longer is told in part, and ends with a mark.
const LINE_BYTES: usize = 512;

/// Writes one line.
pub(crate) fn line(words: Arguments<'_>) {
    let mut line = heapless::String::<LINE_BYTES>::new();
    let whole = line.write_str("capsd: ").and_then(|()| line.write_fmt(words)).is_ok();
    complain(line.as_bytes());
    complain(if whole { b"\n" } else { b"...\n" });
}

/// Writes one line of its pieces, as `format!` takes them.
macro_rules! log {
    ($($words:tt)+) => { $crate::log::line(format_args!($($words)+)) };
}
pub(crate) use log;
