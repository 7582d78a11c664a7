//! Files as far as they were seen: kept in memory first, so that they can be changed before they are written.

use crate::Failure;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A place of the host, and what lies below it. One with entries is a directory, whatever else it looked like.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) seen: Seen,
    pub(crate) entries: BTreeMap<Vec<u8>, Self>,
}

/// What lies at a place, as far as it was seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It is there, and nobody looked into it.
    #[default]
    Named,
    /// A program, and when it was changed, in seconds of the epoch.
    Program { mtime_s: i64 },
    /// A file, as far as it was read.
    File(Vec<u8>),
    /// A directory, or what cannot be read.
    Directory,
}

impl Seen {
    /// Whether `later` tells more. A file that changed counts as it was read last, a part of it does not count.
    fn gives_way_to(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::File(text), Self::File(later)) => !text.starts_with(later),
            _ => self.rank() <= later.rank(),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Named => 0,
            Self::Program { .. } => 1,
            Self::File(_) => 2,
            Self::Directory => 3,
        }
    }
}

impl Node {
    /// Keeps what was seen at `path`. What it is known to be already is not forgotten.
    pub(crate) fn put(&mut self, path: &[u8], seen: Seen) {
        let node = trail(path, |parent| self.at(parent).merge(Seen::Directory));
        self.at(&node).merge(seen);
    }

    /// What lies at `path`.
    pub(crate) fn find(&mut self, path: &[u8]) -> Option<&mut Self> {
        trail(path, |_| {}).iter().try_fold(self, |node, name| node.entries.get_mut(*name))
    }

    /// Takes away what lies at `path`, and the directories that this leaves empty.
    pub(crate) fn take(&mut self, path: &[u8]) -> Option<Self> {
        self.take_along(&trail(path, |_| {}))
    }

    /// Writes all that lies below to the directory `place`. Returns the number of files.
    ///
    /// # Errors
    /// The file that cannot be written: nothing that is there already is touched.
    pub(crate) fn write_below(&self, place: &Path) -> Result<u32, Failure> {
        fs::create_dir_all(place).map_err(Failure::file(place))?;
        let entries = self.entries.iter();
        entries.map(|(name, node)| node.write(&place.join(OsStr::from_bytes(name)))).sum()
    }

    fn write(&self, place: &Path) -> Result<u32, Failure> {
        let written = match &self.seen {
            _ if !self.entries.is_empty() => return self.write_below(place),
            Seen::Directory => return self.write_below(place),
            Seen::Named => write_file(place, &[]),
            Seen::File(text) => write_file(place, text),
            Seen::Program { mtime_s } => write_program(place, *mtime_s),
        };
        written.map(|()| 1).map_err(Failure::file(place))
    }

    fn at(&mut self, trail: &[&[u8]]) -> &mut Self {
        trail.iter().fold(self, |node, name| node.entries.entry(name.to_vec()).or_default())
    }

    fn merge(&mut self, seen: Seen) {
        if self.seen.gives_way_to(&seen) {
            self.seen = seen;
        }
    }

    fn take_along(&mut self, trail: &[&[u8]]) -> Option<Self> {
        let (name, rest) = trail.split_first()?;
        if rest.is_empty() {
            return self.entries.remove(*name);
        }
        let child = self.entries.get_mut(*name)?;
        let taken = child.take_along(rest);
        if child.entries.is_empty() {
            self.entries.remove(*name);
        }
        taken
    }
}

/// The names that lead to `path`, which never lead out of the root. Each directory that `..` leaves is handed to `leaves`.
fn trail<'p>(path: &'p [u8], mut leaves: impl FnMut(&[&'p [u8]])) -> Vec<&'p [u8]> {
    let mut trail = Vec::new();
    for name in path.split(|&byte| byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => {
                leaves(&trail);
                trail.pop();
            }
            _ => trail.push(name),
        }
    }
    trail
}

/// Writes a file that is not there yet.
pub(crate) fn write_file(place: &Path, text: &[u8]) -> io::Result<()> {
    File::create_new(place)?.write_all(text)
}

/// A program is kept as what the document tells of it: that it may be started, and its age.
fn write_program(place: &Path, mtime_s: i64) -> io::Result<()> {
    let file = File::create_new(place)?;
    file.set_permissions(Permissions::from_mode(0o755))?;
    file.set_modified(time(mtime_s))
}

fn time(seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let time = match seconds {
        0.. => UNIX_EPOCH.checked_add(distance),
        _ => UNIX_EPOCH.checked_sub(distance),
    };
    time.unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &[u8]) -> Seen {
        Seen::File(text.to_vec())
    }

    #[test]
    fn what_tells_more_stays() {
        let mut root = Node::default();
        for seen in [Seen::Named, file(b"12"), Seen::Named, file(b"1")] {
            root.put(b"/sys/a", seen);
        }
        assert_eq!(root.find(b"/sys/a").unwrap().seen, file(b"12"));
        root.put(b"/sys/a", file(b"7"));
        assert_eq!(root.find(b"/sys/a").unwrap().seen, file(b"7"));
    }

    #[test]
    fn no_path_leads_out() {
        let mut root = Node::default();
        root.put(b"/bin/../../..//opt/./a", Seen::Named);
        assert!(root.entries.keys().eq([b"bin".as_slice(), b"opt"]));
        assert_eq!(root.find(b"/bin").unwrap().seen, Seen::Directory);
        assert!(root.find(b"/../opt/a").is_some());
    }

    #[test]
    fn what_is_left_empty_is_taken_too() {
        let mut root = Node::default();
        root.put(b"/home/me/a", Seen::Named);
        root.put(b"/home/b", Seen::Named);
        assert!(root.take(b"/home/me/c").is_none());
        assert!(root.take(b"/home/me/a").is_some());
        assert!(root.find(b"/home/me").is_none());
        assert!(root.find(b"/home/b").is_some());
    }

    #[test]
    fn times_before_the_epoch_are_times() {
        assert_eq!(time(-2), UNIX_EPOCH - Duration::from_secs(2));
        let _ = (time(i64::MIN), time(i64::MAX));
    }

    #[test]
    fn all_is_written_and_nothing_overwritten() {
        let place = tempfile::tempdir().unwrap();
        let mut root = Node::default();
        root.put(b"/sys/odd \xff\n", file(b"1\n"));
        root.put(b"/sys/denied", Seen::Directory);
        root.put(b"/bin/kvm", Seen::Program { mtime_s: 7 });
        assert_eq!(root.write_below(place.path()).unwrap(), 2);
        let odd = place.path().join("sys").join(OsStr::from_bytes(b"odd \xff\n"));
        assert_eq!(fs::read(odd).unwrap(), b"1\n");
        assert!(place.path().join("sys/denied").is_dir());
        let kvm = place.path().join("bin/kvm").metadata().unwrap();
        assert_eq!(kvm.modified().unwrap(), time(7));
        assert_eq!(kvm.permissions().mode() & 0o777, 0o755);
        assert!(root.write_below(place.path()).is_err());
    }
}
