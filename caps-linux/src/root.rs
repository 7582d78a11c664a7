//! The root directory: nothing else of the library opens a file of the host.

use crate::path::Path;
use crate::sys::{Errno, Fd, OrAbsent, Stat};
use crate::tree::{HeldFile, Tree};
use core::ffi::CStr;
use core::ops::ControlFlow;

/// The files of a host under one directory: the running host's own `/`, or a recorded host.
#[derive(Debug)]
pub struct Root {
    base: Base,
    is_sysfs: bool,
}

/// What paths are opened from.
#[derive(Debug)]
enum Base {
    /// The running host, with its `/sys/devices/system`, where most files lie.
    Live(Option<Fd>),
    /// The directory of a recorded host.
    Recorded(Fd),
}

const SYSTEM: &[u8] = b"/sys/devices/system/";
/// The magic number of sysfs.
const SYSFS: i64 = 0x6265_6572;
/// Room for directory records that are read at once.
const DIRECTORY_BYTES: usize = 8192;
/// Offset after the last entry of a directory of sysfs: `kernfs_fop_readdir()` (`fs/kernfs/dir.c`) sets it at the end, and
/// `getdents64` (`fs/readdir.c`) stores it in that entry. Any other offset is a `kernfs_name_hash()`, which is smaller. A call
/// that a signal ended early leaves another offset.
const SYSFS_END: i64 = i32::MAX as i64;
/// Most bytes that one read of a binary file of sysfs returns: `kernfs_file_read_iter()` stops after a page.
const SYSFS_READ_BYTES: usize = 4096;

impl Root {
    /// The running host.
    pub fn live() -> Self {
        let system = Fd::open_cwd(c"/sys/devices/system", libc::O_PATH | libc::O_DIRECTORY).ok();
        let sysfs = system.as_ref().is_some_and(|system| system.file_system() == Ok(SYSFS));
        Self { base: Base::Live(system), is_sysfs: sysfs }
    }

    /// A recorded host. Nothing outside of `directory` is ever opened: links that lead out end inside.
    ///
    /// # Errors
    /// The kernel's, of opening `directory`; [`Errno::NOSYS`] where it cannot confine links (before Linux 5.6).
    pub fn recorded(directory: &CStr) -> Result<Self, Errno> {
        let root = Fd::open_cwd(directory, libc::O_PATH | libc::O_DIRECTORY)?;
        root.open_in_root(c".", libc::O_PATH)?;
        Ok(Self { base: Base::Recorded(root), is_sysfs: false })
    }

    /// A recorded host that is taken for a running one: its files are written but never replaced, and a directory has one
    /// more link for each directory in it. For tests and measurements.
    ///
    /// # Errors
    /// As [`recorded`](Self::recorded).
    pub fn recorded_as_sysfs(directory: &CStr) -> Result<Self, Errno> {
        Ok(Self { is_sysfs: true, ..Self::recorded(directory)? })
    }

    /// Whether `path` lies in the kernel's own sysfs.
    fn is_in_sysfs(&self, path: &Path) -> bool {
        let live = self.is_sysfs && matches!(self.base, Base::Live(_));
        live && path.as_bytes().starts_with(b"/sys/")
    }

    fn open(&self, path: &Path, flags: i32) -> Result<Fd, Errno> {
        let whole = path.as_c_str().ok_or(Errno::NAMETOOLONG)?;
        match &self.base {
            Base::Recorded(root) => root.open_in_root(whole, flags),
            Base::Live(system) => match (system, under_system(whole)) {
                (Some(system), Some(rest)) => system.open(rest, flags),
                _ => Fd::open_cwd(whole, flags),
            },
        }
    }
}

impl Root {
    /// Whether `len` bytes that were read of `path` are all of it, as far as that is known without another read. It can on
    /// sysfs and resctrl, files of kernfs: `seq_read_iter()` formats all of a file before it copies as much as the buffer
    /// takes, and what fills no page of a binary file is all of that.
    fn is_whole(&self, path: &Path, len: usize) -> bool {
        self.is_in_sysfs(path) && len < SYSFS_READ_BYTES
    }
}

fn under_system(path: &CStr) -> Option<&CStr> {
    let rest = path.to_bytes_with_nul().strip_prefix(SYSTEM)?;
    CStr::from_bytes_with_nul(rest).ok()
}

impl Tree for Root {
    fn stream(
        &self,
        path: &Path,
        buffer: &mut [u8],
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        let file = self.open(path, 0)?;
        loop {
            let len = file.read(buffer)?;
            let chunk = buffer.get(..len).unwrap_or(&[]);
            if chunk.is_empty() || visit(chunk).is_break() {
                return Ok(());
            }
        }
    }

    fn read<'b>(&self, path: &Path, buffer: &'b mut [u8]) -> Result<&'b [u8], Errno> {
        let (file, mut len) = (self.open(path, 0)?, 0);
        while let Some(rest @ [_, ..]) = buffer.get_mut(len..) {
            let read = file.read(rest)?;
            len += read;
            if read == 0 || self.is_whole(path, len) {
                break;
            }
        }
        Ok(buffer.get(..len).unwrap_or(&[]))
    }

    fn list(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        let directory = self.open(path, libc::O_DIRECTORY)?;
        let mut buffer = [0; DIRECTORY_BYTES];
        loop {
            let len = directory.directory_records(&mut buffer)?;
            let records = buffer.get(..len).unwrap_or(&[]);
            let last = self.is_in_sysfs(path) && end_offset(records) == Some(SYSFS_END);
            if names(records).try_for_each(&mut *visit).is_break() || records.is_empty() || last {
                return Ok(());
            }
        }
    }

    fn stat(&self, path: &Path) -> Result<Stat, Errno> {
        let whole = path.as_c_str().ok_or(Errno::NAMETOOLONG)?;
        match &self.base {
            Base::Recorded(root) => root.open_in_root(whole, libc::O_PATH)?.stat(),
            Base::Live(system) => match (system, under_system(whole)) {
                (Some(system), Some(rest)) => system.stat_at(rest),
                _ => Fd::stat_cwd(whole),
            },
        }
    }

    fn executable(&self, path: &Path) -> Result<Option<Stat>, Errno> {
        let Some(stat) = self.stat(path).or_absent()?.filter(Stat::is_file) else {
            return Ok(None);
        };
        let whole = path.as_c_str().ok_or(Errno::NAMETOOLONG)?;
        let answer = match &self.base {
            Base::Recorded(root) => {
                root.open_in_root(whole, libc::O_PATH).and_then(|file| file.may_execute())
            }
            Base::Live(_) => Fd::may_execute_cwd(whole),
        };
        // Linux before 5.8 cannot be asked for the effective user.
        let old = answer == Err(Errno::NOSYS) && stat.mode & 0o111 != 0;
        Ok((old || answer.or_absent()?.is_some()).then_some(stat))
    }

    fn hold(&self, path: &Path) -> Result<HeldFile, Errno> {
        if self.is_sysfs { self.open(path, 0).map(HeldFile::new) } else { Err(Errno::NOSYS) }
    }

    fn is_sysfs(&self) -> bool {
        self.is_sysfs
    }
}

/// Records of `getdents64`: inode and offset, 8 bytes each, then the record's length, a type, and the name up to a zero.
fn records(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    core::iter::from_fn(move || {
        let len = rest.get(16..18)?.try_into().map(u16::from_ne_bytes).ok()?;
        let (record, following) = rest.split_at_checked(len.into())?;
        rest = following;
        Some(record)
    })
}

/// The names in records, without `.` and `..`.
pub(crate) fn names(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    records(bytes).map_while(name).filter(|&name| name != b"." && name != b"..")
}

fn name(record: &[u8]) -> Option<&[u8]> {
    record.get(19..)?.split(|&byte| byte == 0).next()
}

/// The offset in the last record, from which the directory goes on.
fn end_offset(bytes: &[u8]) -> Option<i64> {
    records(bytes).last()?.get(8..16)?.try_into().map(i64::from_ne_bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    proptest! {
        #[test]
        fn any_records_end(bytes: Vec<u8>) {
            prop_assert!(names(&bytes).count() <= bytes.len());
        }
    }
}
