//! What emulators leave behind: processes that outlive the one that started them, wherever they went.

use rustix::io;
use rustix::process::{
    Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, waitpid,
};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// As long as this lives, this process inherits all that is left of what it starts, sessions and groups of their own
/// included; dropping it kills and reaps them.
///
/// Only for a program that has no other children: they would be taken for orphans.
#[derive(Debug)]
pub struct Orphans(());

/// How long orphans may take to end once they are killed.
const GRACE: Duration = Duration::from_millis(500);
const ROUND: Duration = Duration::from_millis(1);

impl Orphans {
    /// Takes them in from now on.
    ///
    /// # Errors
    /// The kernel's, if it cannot do that (before Linux 3.4).
    pub fn adopt() -> io::Result<Self> {
        set_child_subreaper(Some(getpid())).map(|()| Self(()))
    }
}

impl Drop for Orphans {
    /// The children of one that is killed come next, so it takes rounds.
    fn drop(&mut self) {
        let end = Instant::now() + GRACE;
        loop {
            let children = children();
            if children.is_empty() || Instant::now() > end {
                break;
            }
            children.into_iter().for_each(bury);
            thread::sleep(ROUND);
        }
        let _ = set_child_subreaper(None);
    }
}

fn bury(pid: Pid) {
    let _ = kill_process(pid, Signal::KILL);
    let _ = waitpid(Some(pid), WaitOptions::NOHANG);
}

/// The children of this process, of whichever thread.
fn children() -> Vec<Pid> {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let numbers: Vec<String> = lists.collect();
    let numbers = numbers.iter().flat_map(|list| list.split_ascii_whitespace());
    numbers.filter_map(|number| Pid::from_raw(number.parse().ok()?)).collect()
}
