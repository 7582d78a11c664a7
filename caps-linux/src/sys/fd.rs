//! File descriptors.

use super::Errno;
use super::call::{call, call_once};
use core::ffi::CStr;
use core::mem::{ManuallyDrop, MaybeUninit};

/// An open file or directory, closed when dropped.
#[derive(Debug)]
pub(crate) struct Fd(i32);

/// What a file is: the part of `statx` that probes ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Type and permission bits.
    pub mode: u32,
    /// Last modification, in seconds of the epoch.
    pub mtime_s: i64,
    /// Links to it: on sysfs a directory has two and one for each directory in it.
    pub links: u32,
    /// Number of the user that it belongs to.
    pub owner: u32,
    /// What tells whether it is still the same.
    pub identity: Identity,
}

/// What tells whether a file is still the one that it was, without looking into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Number of the device that it lies on: major and minor, 32 bits each.
    pub device: u64,
    /// Number of the file on its device.
    pub inode: u64,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Last change of the file or of its mode, owner and links, in ns of the epoch.
    pub ctime_ns: i64,
    /// Last modification, in ns of the epoch.
    pub mtime_ns: i64,
}

impl Stat {
    /// Whether it is a regular file.
    pub const fn is_file(&self) -> bool {
        self.mode & libc::S_IFMT == libc::S_IFREG
    }
}

/// `struct open_how` of `openat2`.
#[repr(C)]
struct OpenHow {
    flags: u64,
    mode: u64,
    resolve: u64,
}

/// Nothing blocks: a FIFO or a terminal in the place of a file opens at once. A mere place has no such flags.
const fn open_flags(flags: i32) -> i32 {
    let place = flags & libc::O_PATH != 0;
    let reading = if place { 0 } else { libc::O_NONBLOCK | libc::O_NOCTTY };
    libc::O_RDONLY | libc::O_CLOEXEC | reading | flags
}

impl Fd {
    /// Standard output, never to be closed.
    pub(crate) const STDOUT: ManuallyDrop<Self> = ManuallyDrop::new(Self(libc::STDOUT_FILENO));
    /// Standard error, never to be closed.
    pub(crate) const STDERR: ManuallyDrop<Self> = ManuallyDrop::new(Self(libc::STDERR_FILENO));

    /// Opens `path` under this directory for reading.
    pub(crate) fn open(&self, path: &CStr, flags: i32) -> Result<Self, Errno> {
        Self::open_at(self.0, path, flags)
    }

    /// Opens `path` under the working directory for reading.
    pub(crate) fn open_cwd(path: &CStr, flags: i32) -> Result<Self, Errno> {
        Self::open_at(libc::AT_FDCWD, path, flags)
    }

    fn open_at(directory: i32, path: &CStr, flags: i32) -> Result<Self, Errno> {
        let arguments = [
            directory as usize,
            path.as_ptr().expose_provenance(),
            open_flags(flags) as usize,
            0,
            0,
            0,
        ];
        // SAFETY: the path ends with a zero and outlives the call.
        let fd = unsafe { call(libc::SYS_openat, arguments) }?;
        Ok(Self(fd as i32))
    }

    /// Opens `path` with this directory as the root of all resolution: `..` and links stay inside.
    pub(crate) fn open_in_root(&self, path: &CStr, flags: i32) -> Result<Self, Errno> {
        let how = OpenHow {
            flags: open_flags(flags) as u64,
            mode: 0,
            resolve: libc::RESOLVE_IN_ROOT | libc::RESOLVE_NO_MAGICLINKS,
        };
        let how_at = (&raw const how).expose_provenance();
        let arguments = [
            self.0 as usize,
            path.as_ptr().expose_provenance(),
            how_at,
            size_of::<OpenHow>(),
            0,
            0,
        ];
        // SAFETY: the path ends with a zero; path and `how` outlive the call, which reads them only.
        let fd = unsafe { call(libc::SYS_openat2, arguments) }?;
        Ok(Self(fd as i32))
    }

    /// Reads once; 0 is the end.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let arguments =
            [self.0 as usize, buffer.as_mut_ptr().expose_provenance(), buffer.len(), 0, 0, 0];
        // SAFETY: the kernel writes at most `buffer.len()` bytes to the buffer, which outlives the call.
        unsafe { call(libc::SYS_read, arguments) }
    }

    /// Writes once.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let at = bytes.as_ptr().expose_provenance();
        // SAFETY: the kernel reads at most `bytes.len()` bytes, which outlive the call.
        unsafe { call(libc::SYS_write, [self.0 as usize, at, bytes.len(), 0, 0, 0]) }
    }

    /// Reads once, from `offset`.
    pub(crate) fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize, Errno> {
        let at = buffer.as_mut_ptr().expose_provenance();
        let arguments = [self.0 as usize, at, buffer.len(), offset as usize, 0, 0];
        // SAFETY: the kernel writes at most `buffer.len()` bytes to the buffer, which outlives the call.
        unsafe { call(libc::SYS_pread64, arguments) }
    }

    /// Fills `buffer` with directory records; 0 is the end.
    pub(crate) fn directory_records(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let arguments =
            [self.0 as usize, buffer.as_mut_ptr().expose_provenance(), buffer.len(), 0, 0, 0];
        // SAFETY: the kernel writes at most `buffer.len()` bytes to the buffer, which outlives the call.
        unsafe { call(libc::SYS_getdents64, arguments) }
    }

    /// What this file is.
    pub(crate) fn stat(&self) -> Result<Stat, Errno> {
        stat_at(self.0, c"", libc::AT_EMPTY_PATH)
    }

    /// What lies at `path` under this directory.
    pub(crate) fn stat_at(&self, path: &CStr) -> Result<Stat, Errno> {
        stat_at(self.0, path, 0)
    }

    /// What lies at `path` under the working directory.
    pub(crate) fn stat_cwd(path: &CStr) -> Result<Stat, Errno> {
        stat_at(libc::AT_FDCWD, path, 0)
    }

    /// Returns the metadata of the entry `path` of the working directory, without following a symbolic link.
    pub(crate) fn stat_entry_cwd(path: &CStr) -> Result<Stat, Errno> {
        stat_at(libc::AT_FDCWD, path, libc::AT_SYMLINK_NOFOLLOW)
    }

    /// Whether the caller may execute this file.
    pub(crate) fn may_execute(&self) -> Result<(), Errno> {
        may_execute_at(self.0, c"", libc::AT_EMPTY_PATH)
    }

    /// Whether the caller may execute what lies at `path` under the working directory.
    pub(crate) fn may_execute_cwd(path: &CStr) -> Result<(), Errno> {
        may_execute_at(libc::AT_FDCWD, path, 0)
    }

    /// The magic number of the file system that it lies on.
    pub(crate) fn file_system(&self) -> Result<i64, Errno> {
        let mut stat = MaybeUninit::<libc::statfs>::zeroed();
        let arguments = [self.0 as usize, stat.as_mut_ptr().expose_provenance(), 0, 0, 0, 0];
        // SAFETY: the kernel fills at most one `statfs`, which outlives the call.
        unsafe { call(libc::SYS_fstatfs, arguments) }?;
        // SAFETY: all of its fields are numbers; it was zeroed before the kernel filled it.
        Ok(unsafe { stat.assume_init() }.f_type)
    }

    /// Whether there is such a descriptor.
    #[cfg(feature = "startup")]
    pub(super) fn is_open(&self) -> bool {
        // SAFETY: the command takes no argument.
        unsafe { call(libc::SYS_fcntl, [self.0 as usize, libc::F_GETFD as usize, 0, 0, 0, 0]) }
            .is_ok()
    }

    /// From now on neither reading nor writing waits, and programs that are started do not get it.
    pub(super) fn set_nonblocking(&self) -> Result<(), Errno> {
        let set = |command: i32, flag: i32| {
            let arguments = [self.0 as usize, command as usize, flag as usize, 0, 0, 0];
            // SAFETY: these commands take a number.
            unsafe { call(libc::SYS_fcntl, arguments) }
        };
        set(libc::F_SETFL, libc::O_NONBLOCK)?;
        set(libc::F_SETFD, libc::FD_CLOEXEC).map(drop)
    }

    /// `ioctl` with a number for an argument.
    pub(super) fn control(&self, request: u64, argument: usize) -> Result<usize, Errno> {
        // SAFETY: the requests of this library that take a number touch no memory of the caller.
        unsafe { call(libc::SYS_ioctl, [self.0 as usize, request as usize, argument, 0, 0, 0]) }
    }

    /// `ioctl` with a record that the kernel reads and writes.
    ///
    /// # Safety
    /// `request` reads and writes no more than a `T`, for which all bytes are valid.
    pub(super) unsafe fn control_with<T>(
        &self,
        request: u64,
        record: &mut T,
    ) -> Result<usize, Errno> {
        let at = (&raw mut *record).expose_provenance();
        // SAFETY: passed on to the caller.
        unsafe { call(libc::SYS_ioctl, [self.0 as usize, request as usize, at, 0, 0, 0]) }
    }

    pub(super) const fn from_raw(fd: usize) -> Self {
        Self(fd as i32)
    }

    pub(super) const fn raw(&self) -> usize {
        self.0 as usize
    }
}

fn stat_at(directory: i32, path: &CStr, flags: i32) -> Result<Stat, Errno> {
    let mut stat = MaybeUninit::<libc::statx>::zeroed();
    let mask = libc::STATX_BASIC_STATS;
    let (path, at) = (path.as_ptr().expose_provenance(), stat.as_mut_ptr().expose_provenance());
    let arguments = [directory as usize, path, flags as usize, mask as usize, at, 0];
    // SAFETY: the path ends with a zero; the kernel fills at most one `statx`; both outlive the call.
    unsafe { call(libc::SYS_statx, arguments) }?;
    // SAFETY: all of its fields are numbers; it was zeroed before the kernel filled it.
    let stat = unsafe { stat.assume_init() };
    let (mtime_s, identity) = (stat.stx_mtime.tv_sec, Identity::of(&stat));
    let (mode, links, owner) = (stat.stx_mode.into(), stat.stx_nlink, stat.stx_uid);
    Ok(Stat { mode, mtime_s, links, owner, identity })
}

impl Identity {
    const fn of(stat: &libc::statx) -> Self {
        Self {
            device: (stat.stx_dev_major as u64) << 32 | stat.stx_dev_minor as u64,
            inode: stat.stx_ino,
            size_bytes: stat.stx_size,
            ctime_ns: nanoseconds(stat.stx_ctime),
            mtime_ns: nanoseconds(stat.stx_mtime),
        }
    }
}

/// 64 bits last until the year 2262.
const fn nanoseconds(time: libc::statx_timestamp) -> i64 {
    time.tv_sec.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec as i64)
}

fn may_execute_at(directory: i32, path: &CStr, flags: i32) -> Result<(), Errno> {
    let path = path.as_ptr().expose_provenance();
    let flags = (flags | libc::AT_EACCESS) as usize;
    let arguments = [directory as usize, path, libc::X_OK as usize, flags, 0, 0];
    // SAFETY: the path ends with a zero and outlives the call.
    unsafe { call(libc::SYS_faccessat2, arguments) }.map(drop)
}

impl Drop for Fd {
    fn drop(&mut self) {
        // SAFETY: the descriptor is this value's own. An error of close cannot be helped, and after one it is closed: once
        // more would close what another thread has opened meanwhile.
        let _ = unsafe { call_once(libc::SYS_close, [self.0 as usize, 0, 0, 0, 0, 0]) };
    }
}
