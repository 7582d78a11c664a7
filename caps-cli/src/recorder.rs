//! A recorded host in the making: a tree that keeps all that is read through it, and what becomes of that in a directory.
//!
//! | module | for |
//! |---|---|
//! | [`node`] | the files, as far as they were seen |
//! | [`answers`] | `facts` and `cpuid.tsv` |
//! | [`scrub`] | taking out what tells one machine from another |

pub(crate) mod answers;
pub(crate) mod node;
pub(crate) mod scrub;

use self::node::{Node, Seen};
use caps_linux::{Errno, Path, Stat, Tree};
use std::cell::RefCell;
use std::ops::ControlFlow;

/// A tree that keeps what `tree` gives. It keeps bytes and names only, so whoever reads must read in full.
pub(crate) struct Recorder<'t> {
    tree: &'t dyn Tree,
    root: RefCell<Node>,
}

/// The bits of a mode that say what a file is, and those of a directory.
const TYPE: u32 = 0o170_000;
const DIRECTORY: u32 = 0o040_000;

impl<'t> Recorder<'t> {
    /// Records what is read of `tree` from now on.
    pub(crate) fn new(tree: &'t dyn Tree) -> Self {
        Self { tree, root: RefCell::default() }
    }

    /// The root directory of all that was read.
    pub(crate) fn into_root(self) -> Node {
        self.root.into_inner()
    }

    fn keep(&self, path: &[u8], seen: Seen) {
        self.root.borrow_mut().put(path, seen);
    }

    /// What is there and cannot be read becomes a directory, which cannot be read as a file either.
    fn keep_failure(&self, path: &Path, errno: Errno) {
        if !errno.is_absence() && self.tree.stat(path).is_ok() {
            self.keep(path.as_bytes(), Seen::Directory);
        }
    }

    fn keep_entry(&self, directory: &Path, name: &[u8]) {
        self.keep(&[directory.as_bytes(), name].join(b"/".as_slice()), Seen::Named);
    }
}

impl Tree for Recorder<'_> {
    fn stream(
        &self,
        path: &Path,
        buffer: &mut [u8],
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        let mut text = Vec::new();
        let read = self.tree.stream(path, buffer, &mut |chunk| {
            text.extend_from_slice(chunk);
            visit(chunk)
        });
        match read {
            Ok(()) => self.keep(path.as_bytes(), Seen::File(text)),
            Err(errno) => self.keep_failure(path, errno),
        }
        read
    }

    fn read<'b>(&self, path: &Path, buffer: &'b mut [u8]) -> Result<&'b [u8], Errno> {
        let read = self.tree.read(path, buffer);
        match read {
            Ok(text) => self.keep(path.as_bytes(), Seen::File(text.to_vec())),
            Err(errno) => self.keep_failure(path, errno),
        }
        read
    }

    fn list(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        let listed = self.tree.list(path, &mut |name| {
            self.keep_entry(path, name);
            visit(name)
        });
        match listed {
            Ok(()) => self.keep(path.as_bytes(), Seen::Directory),
            Err(errno) => self.keep_failure(path, errno),
        }
        listed
    }

    fn stat(&self, path: &Path) -> Result<Stat, Errno> {
        let stat = self.tree.stat(path)?;
        let seen = if stat.mode & TYPE == DIRECTORY { Seen::Directory } else { Seen::Named };
        self.keep(path.as_bytes(), seen);
        Ok(stat)
    }

    fn executable(&self, path: &Path) -> Result<Option<Stat>, Errno> {
        let stat = self.tree.executable(path)?;
        if let Some(Stat { mtime_s, .. }) = stat {
            self.keep(path.as_bytes(), Seen::Program { mtime_s });
        }
        Ok(stat)
    }

    /// The record will be a copy.
    fn is_sysfs(&self) -> bool {
        false
    }
}
