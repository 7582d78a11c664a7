//! Trees around a tree: one that keeps a list of what is asked, one that fails.

use caps_linux::{Errno, HeldFile, Path, Stat, Tree};
use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;

/// Keeps what is asked of a tree.
pub struct Traced<'t> {
    tree: &'t dyn Tree,
    asked: RefCell<Vec<(Call, String)>>,
}

/// A call of [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// `stream`
    Stream,
    /// `read`
    Read,
    /// `list`
    List,
    /// `stat`
    Stat,
    /// `executable`
    Executable,
    /// `hold`
    Hold,
}

impl std::fmt::Debug for Traced<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Traced").field("asked", &self.asked).finish_non_exhaustive()
    }
}

impl<'t> Traced<'t> {
    /// Nothing is asked yet.
    pub const fn new(tree: &'t dyn Tree) -> Self {
        Self { tree, asked: RefCell::new(Vec::new()) }
    }

    /// What was asked, in order.
    pub fn asked(self) -> Vec<(Call, String)> {
        self.asked.into_inner()
    }

    fn note(&self, call: Call, path: &Path) {
        let path = String::from_utf8_lossy(path.as_bytes()).into_owned();
        self.asked.borrow_mut().push((call, path));
    }
}

impl Tree for Traced<'_> {
    fn stream(
        &self,
        path: &Path,
        buffer: &mut [u8],
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        self.note(Call::Stream, path);
        self.tree.stream(path, buffer, visit)
    }

    fn read<'b>(&self, path: &Path, buffer: &'b mut [u8]) -> Result<&'b [u8], Errno> {
        self.note(Call::Read, path);
        self.tree.read(path, buffer)
    }

    fn list(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        self.note(Call::List, path);
        self.tree.list(path, visit)
    }

    fn stat(&self, path: &Path) -> Result<Stat, Errno> {
        self.note(Call::Stat, path);
        self.tree.stat(path)
    }

    fn executable(&self, path: &Path) -> Result<Option<Stat>, Errno> {
        self.note(Call::Executable, path);
        self.tree.executable(path)
    }

    fn hold(&self, path: &Path) -> Result<HeldFile, Errno> {
        self.note(Call::Hold, path);
        self.tree.hold(path)
    }

    fn is_sysfs(&self) -> bool {
        self.tree.is_sysfs()
    }
}

/// Which calls fail.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The n-th, from 0.
    Nth(usize),
    /// Those of a path that begins like this, and of nothing else.
    Under(String),
    /// The reading of such a path; that it is there can be seen.
    ReadingUnder(String),
}

/// A tree of which some calls fail.
pub struct Faulty<'t> {
    tree: &'t dyn Tree,
    fault: Fault,
    errno: Errno,
    calls: Cell<usize>,
}

impl std::fmt::Debug for Faulty<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Faulty").field("fault", &self.fault).finish_non_exhaustive()
    }
}

impl<'t> Faulty<'t> {
    /// `tree`, whose calls fail with `errno` where `fault` says.
    pub const fn new(tree: &'t dyn Tree, fault: Fault, errno: Errno) -> Self {
        Self { tree, fault, errno, calls: Cell::new(0) }
    }

    /// How often it was called.
    pub const fn calls(&self) -> usize {
        self.calls.get()
    }

    fn call(&self, path: &Path, is_read: bool) -> Result<(), Errno> {
        let call = self.calls.replace(self.calls.get() + 1);
        let under = |start: &str| path.as_bytes().starts_with(start.as_bytes());
        let fails = match &self.fault {
            Fault::Nth(nth) => call == *nth,
            Fault::Under(start) => under(start),
            Fault::ReadingUnder(start) => is_read && under(start),
        };
        if fails { Err(self.errno) } else { Ok(()) }
    }
}

impl Tree for Faulty<'_> {
    fn stream(
        &self,
        path: &Path,
        buffer: &mut [u8],
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        self.call(path, true)?;
        self.tree.stream(path, buffer, visit)
    }

    fn read<'b>(&self, path: &Path, buffer: &'b mut [u8]) -> Result<&'b [u8], Errno> {
        self.call(path, true)?;
        self.tree.read(path, buffer)
    }

    fn list(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        self.call(path, true)?;
        self.tree.list(path, visit)
    }

    fn stat(&self, path: &Path) -> Result<Stat, Errno> {
        self.call(path, false)?;
        self.tree.stat(path)
    }

    fn executable(&self, path: &Path) -> Result<Option<Stat>, Errno> {
        match self.call(path, false) {
            Err(errno) if errno.is_trouble() => Err(errno),
            Err(_) => Ok(None),
            Ok(()) => self.tree.executable(path),
        }
    }

    fn is_sysfs(&self) -> bool {
        self.tree.is_sysfs()
    }
}
