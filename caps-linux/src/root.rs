//! The root directory: nothing else of the library opens a file of the host.

use crate::path::Path;
use crate::sys::{Errno, Fd, Stat};
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
/// The offset behind the last record of a directory of sysfs, at which the next call would begin and end: `ctx->pos` of
/// `kernfs_fop_readdir` (`fs/kernfs/dir.c`), put into that record by `getdents64` (`fs/readdir.c`). No entry has it, as
/// `kernfs_name_hash` stays below. A call that a signal cut short leaves another.
const END_OF_SYSFS: u64 = i32::MAX as u64;

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

fn under_system(path: &CStr) -> Option<&CStr> {
    let rest = path.to_bytes_with_nul().strip_prefix(SYSTEM)?;
    CStr::from_bytes_with_nul(rest).ok()
}

/// Reads on until `buffer` is full or the file ends, and returns the length. Any file may hand out less before its end:
/// those of `/proc` and securityfs do so at each page, others before a page that cannot be read.
fn read_on(file: &Fd, buffer: &mut [u8], mut len: usize) -> Result<usize, Errno> {
    while let Some(rest) = buffer.get_mut(len..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            more => len += more,
        }
    }
    Ok(len)
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
        let file = self.open(path, 0)?;
        let len = file.read(buffer)?;
        // A file of sysfs is written as a whole, and handed out so up to a page: `fs/kernfs/file.c`, `kernfs_fop_read_iter`.
        let len = if self.is_in_sysfs(path) { len } else { read_on(&file, buffer, len)? };
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
            let last = records.is_empty() || (self.is_in_sysfs(path) && end_here(records));
            if names(records).try_for_each(&mut *visit).is_break() || last {
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

    fn executable(&self, path: &Path) -> Option<Stat> {
        let stat = self.stat(path).ok().filter(Stat::is_file)?;
        let whole = path.as_c_str()?;
        let answer = match &self.base {
            Base::Recorded(root) => {
                root.open_in_root(whole, libc::O_PATH).and_then(|file| file.may_execute())
            }
            Base::Live(_) => Fd::may_execute_cwd(whole),
        };
        // Linux before 5.8 cannot be asked for the effective user.
        let allowed = answer == Err(Errno::NOSYS) && stat.mode & 0o111 != 0 || answer.is_ok();
        allowed.then_some(stat)
    }

    fn hold(&self, path: &Path) -> Result<HeldFile, Errno> {
        if self.is_sysfs { self.open(path, 0).map(HeldFile::new) } else { Err(Errno::NOSYS) }
    }

    fn is_sysfs(&self) -> bool {
        self.is_sysfs
    }
}

/// A record of `getdents64`: the offset behind it, and its name.
type Record<'r> = (u64, &'r [u8]);

fn records(bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut rest = bytes;
    core::iter::from_fn(move || {
        // Inode and offset, 8 bytes each, then the record's length, a type, and the name up to a zero.
        let offset = rest.get(8..16)?.try_into().map(u64::from_ne_bytes).ok()?;
        let len = rest.get(16..18)?.try_into().map(u16::from_ne_bytes).ok()?;
        let (record, following) = rest.split_at_checked(len.into())?;
        rest = following;
        Some((offset, record.get(19..)?.split(|&byte| byte == 0).next()?))
    })
}

/// The names in records, without `.` and `..`.
fn names(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    records(bytes).map(|(_, name)| name).filter(|&name| name != b"." && name != b"..")
}

/// Whether nothing follows these records of sysfs.
fn end_here(bytes: &[u8]) -> bool {
    records(bytes).last().is_some_and(|(offset, _)| offset == END_OF_SYSFS)
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
