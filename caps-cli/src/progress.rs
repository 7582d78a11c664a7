//! How far something is that takes long: one line on a terminal, gone when it is done.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// What takes less is not worth a line.
const PATIENCE: Duration = Duration::from_millis(300);

/// To be called with how much is done, and of how much.
type Progress<'p> = &'p (dyn Fn(usize, usize) + Sync);

/// Does `work`, and shows its progress on standard error if that is a terminal and it takes long.
pub(crate) fn shown<T>(what: &'static str, work: impl FnOnce(Progress<'_>) -> T) -> T {
    let bar = &ProgressBar::hidden().with_message(what);
    let (alive, ended) = mpsc::channel::<()>();
    let made = thread::scope(|scope| {
        // Without a thread there is no line.
        let _ = thread::Builder::new().spawn_scoped(scope, move || {
            if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                show(bar);
            }
        });
        let made = work(&|done, of| {
            bar.set_length(of as u64);
            bar.set_position(done as u64);
        });
        drop(alive);
        made
    });
    bar.finish_and_clear();
    made
}

fn show(bar: &ProgressBar) {
    bar.set_draw_target(ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg}: {pos} of {len}") {
        bar.set_style(style);
    }
    bar.tick();
}
