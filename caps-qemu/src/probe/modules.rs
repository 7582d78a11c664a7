//! Keeping a running emulator from loading modules: it opens no file if it may have no more descriptors than it has.

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// How many descriptors are free below the highest that the process has open; `None` if it does not run `emulator` itself, as
/// where that is a script, or if this user may not look.
pub(super) fn gaps(pid: Pid, emulator: &Path) -> Option<usize> {
    let identity = |path: &Path| fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    if identity(&of(pid, "exe"))? != identity(emulator)? {
        return None;
    }
    gaps_in(&descriptors(pid)?)
}

fn gaps_in(descriptors: &[usize]) -> Option<usize> {
    let highest = descriptors.iter().max()?;
    highest.checked_add(1)?.checked_sub(descriptors.len())
}

/// Lets a process have no descriptor more; `None` if it has gaps, or if this user cannot forbid it.
///
/// Below that it must not go: `poll(2)` refuses to wait for more descriptors than there may be.
pub(super) fn shut(pid: Pid) -> Option<()> {
    let descriptors = descriptors(pid)?;
    let count = (gaps_in(&descriptors)? == 0).then_some(descriptors.len())?;
    let limit = Some(u64::try_from(count).ok()?);
    prlimit(Some(pid), Resource::Nofile, Rlimit { current: limit, maximum: limit }).ok()?;
    Some(())
}

fn descriptors(pid: Pid) -> Option<Vec<usize>> {
    let entries = fs::read_dir(of(pid, "fd")).ok()?;
    entries.map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

fn of(pid: Pid, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{}/{name}", pid.as_raw_nonzero()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::process::{Child, Command, Stdio};

    /// Runs a shell until it waits for a line, and has no file open that it needs to begin.
    fn shell(before: &str, after: &str) -> (Child, Pid) {
        // What the tests were started with is none of its.
        caps_linux::keep_descriptors().unwrap();
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("{before}; echo; read line; {after}")]);
        let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
        (child, pid)
    }

    fn output(mut child: Child) -> String {
        child.stdin.take().unwrap().write_all(b"\n").unwrap();
        let mut text = String::new();
        child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        child.wait().unwrap();
        text
    }

    const OPENS: &str = "(: < /dev/null) 2> /dev/null && echo opened";

    #[test]
    fn what_is_shut_opens_nothing() {
        let script = format!("{OPENS} || echo shut");
        let (child, pid) = shell(":", &script);
        assert_eq!(gaps(pid, Path::new("/bin/sh")), Some(0));
        assert_eq!(output(child), "opened\n");
        let (child, pid) = shell(":", &script);
        assert_eq!(shut(pid), Some(()));
        assert_eq!(output(child), "shut\n");
    }

    #[test]
    fn gaps_lie_below_the_highest() {
        let (child, pid) = shell("exec 5< /dev/null 7< /dev/null", ":");
        assert_eq!(gaps(pid, Path::new("/bin/sh")), Some(3), "3, 4 and 6");
        assert_eq!(shut(pid), None);
        output(child);
    }

    #[test]
    fn another_program_is_left_alone() {
        let (child, pid) = shell(":", ":");
        assert_eq!(gaps(pid, Path::new("/bin/cat")), None);
        assert_eq!(gaps(pid, Path::new("/nowhere")), None);
        output(child);
    }
}
