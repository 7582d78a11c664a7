//! Files of sockets: created out of everybody's reach, moved into place as a whole, removed by their creator only.

use super::super::call::call;
use super::super::process::random_bytes;
use super::super::socket::has_listener;
use super::super::{Errno, Fd};
use crate::path::{Path, at};
use core::ffi::CStr;

const HERE: usize = libc::AT_FDCWD as usize;
/// Attempts to move a socket to a path at which other processes create and remove sockets at the same time.
const ATTEMPTS: u32 = 3;

/// File of a socket that this process created.
#[derive(Debug)]
pub struct SocketFile<'p> {
    path: &'p CStr,
    /// Device and inode.
    identity: (u64, u64),
}

impl SocketFile<'_> {
    /// Removes the file, unless another one has taken its place. The socket must still be listening: only then no second
    /// instance can be about to replace the file.
    pub fn remove(&self) {
        if identity(self.path) == Ok(self.identity) {
            let _ = unlink(self.path, 0);
        }
    }
}

/// A directory that only this user may enter, next to the path of a socket, in which the socket is created.
pub(super) struct Stage {
    directory: Path,
    /// The socket, reached by the descriptor of the directory: short enough for an address, wherever the directory is.
    socket: Path,
    _open: Fd,
}

impl Stage {
    pub(super) fn create(path: &CStr) -> Result<Self, Errno> {
        let [a, b, c, d, ..] = random_bytes()?;
        let path = path.to_bytes();
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
        let directory = at!(path, ".", u32::from_ne_bytes([a, b, c, d]));
        let at = c_str(&directory)?;
        // SAFETY: the path ends with a zero and outlives the call.
        unsafe { call(libc::SYS_mkdirat, [HERE, address(at), 0o700, 0, 0, 0]) }?;
        match Fd::open_cwd(at, libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW) {
            Ok(open) => {
                let socket = at!("/proc/self/fd/", open.raw() as u64, "/", name);
                Ok(Self { directory, socket, _open: open })
            }
            Err(errno) => {
                let _ = unlink(at, libc::AT_REMOVEDIR);
                Err(errno)
            }
        }
    }

    pub(super) fn socket(&self) -> Result<&CStr, Errno> {
        c_str(&self.socket)
    }

    /// Sets the group and the permissions of the socket.
    pub(super) fn permit(&self, mode: u32, group: Option<u32>) -> Result<(), Errno> {
        let socket = address(self.socket()?);
        if let Some(group) = group {
            const SAME_OWNER: usize = u32::MAX as usize;
            let arguments = [HERE, socket, SAME_OWNER, group as usize, 0, 0];
            // SAFETY: the path ends with a zero and outlives the call.
            unsafe { call(libc::SYS_fchownat, arguments) }?;
        }
        // SAFETY: the path ends with a zero and outlives the call.
        unsafe { call(libc::SYS_fchmodat, [HERE, socket, mode as usize, 0, 0, 0]) }.map(drop)
    }

    /// Moves the socket to `path`.
    pub(super) fn publish<'p>(&self, path: &'p CStr) -> Result<SocketFile<'p>, Errno> {
        let identity = identity(self.socket()?)?;
        for _ in 0..ATTEMPTS {
            match self.replace(path) {
                // What was there has been removed meanwhile.
                Err(Errno::NOENT) => {}
                done => return done.map(|()| SocketFile { path, identity }),
            }
        }
        Err(Errno::ADDRINUSE)
    }

    /// Moves the socket to `path`, where there is no file, or the socket of a process that has ended.
    fn replace(&self, path: &CStr) -> Result<(), Errno> {
        match self.move_to(path, libc::RENAME_NOREPLACE) {
            Err(Errno::EXIST) => {}
            done => return done,
        }
        if !is_abandoned(path)? {
            return Err(Errno::ADDRINUSE);
        }
        self.move_to(path, libc::RENAME_EXCHANGE)?;
        // Another instance may have been faster: this shows it, since all of them listen before they move.
        if is_abandoned(self.socket()?) == Ok(true) {
            return Ok(());
        }
        self.move_to(path, libc::RENAME_EXCHANGE)?;
        Err(Errno::ADDRINUSE)
    }

    fn move_to(&self, path: &CStr, flags: u32) -> Result<(), Errno> {
        let arguments = [HERE, address(self.socket()?), HERE, address(path), flags as usize, 0];
        // SAFETY: both paths end with a zero and outlive the call.
        unsafe { call(libc::SYS_renameat2, arguments) }.map(drop)
    }
}

impl Drop for Stage {
    /// Removes the directory with the socket, or with the abandoned one that the socket has replaced.
    fn drop(&mut self) {
        for (path, flags) in [(&self.socket, 0), (&self.directory, libc::AT_REMOVEDIR)] {
            let _ = c_str(path).and_then(|path| unlink(path, flags));
        }
    }
}

/// Returns `true` if `path` is a socket that no process listens at.
fn is_abandoned(path: &CStr) -> Result<bool, Errno> {
    if Fd::stat_entry_cwd(path)?.mode & libc::S_IFMT != libc::S_IFSOCK {
        return Err(Errno::EXIST);
    }
    has_listener(path).map(|listened| !listened)
}

fn identity(path: &CStr) -> Result<(u64, u64), Errno> {
    Fd::stat_entry_cwd(path).map(|stat| (stat.identity.device, stat.identity.inode))
}

fn unlink(path: &CStr, flags: i32) -> Result<(), Errno> {
    // SAFETY: the path ends with a zero and outlives the call.
    unsafe { call(libc::SYS_unlinkat, [HERE, address(path), flags as usize, 0, 0, 0]) }.map(drop)
}

fn address(path: &CStr) -> usize {
    path.as_ptr().expose_provenance()
}

fn c_str(path: &Path) -> Result<&CStr, Errno> {
    path.as_c_str().ok_or(Errno::NAMETOOLONG)
}
