//! What is known of emulators: the roster that `caps` keeps, read again when its file is another.

use crate::log::log;
use caps_core::{Arch, Builder};
use caps_linux::serve::effective_uid;
use caps_linux::{Errno, Host, Identity, Path, Stat, Tree};
use caps_roster::{Roster, Surroundings, Verdict, verify_owner};
use core::ops::ControlFlow;

/// Most bytes of a roster: twenty times what that of all emulators takes.
const ROSTER_BYTES: usize = 1 << 20;

/// The roster, as its file was when it was last read.
pub(crate) struct Emulators {
    roster: Bytes,
    /// The next roster, until all of it is read.
    next: Bytes,
    file: Identity,
    is_read: bool,
    /// Error of the last look, so that it is logged once.
    failure: Option<Errno>,
}

/// Bytes of a file, as far as they fit.
struct Bytes {
    bytes: [u8; ROSTER_BYTES],
    len: usize,
}

impl Bytes {
    const fn new() -> Self {
        Self { bytes: [0; ROSTER_BYTES], len: 0 }
    }

    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }

    /// Reads a file of this size. Where less can be read it is a failure like any other.
    fn read(&mut self, tree: &dyn Tree, path: &Path, size_bytes: u64) -> Result<(), Errno> {
        self.len = 0;
        tree.stream(path, &mut [0; 4096], &mut |chunk| {
            let end = self.len.saturating_add(chunk.len());
            match self.bytes.get_mut(self.len..end) {
                Some(room) => room.copy_from_slice(chunk),
                None => return ControlFlow::Break(()),
            }
            self.len = end;
            ControlFlow::Continue(())
        })?;
        if (self.len as u64) < size_bytes.min(ROSTER_BYTES as u64) {
            return Err(Errno::IO);
        }
        Ok(())
    }

    fn take(&mut self, other: &Self) {
        self.len = other.len;
        if let (Some(to), from) = (self.bytes.get_mut(..other.len), other.as_slice()) {
            to.copy_from_slice(from);
        }
    }
}

impl Emulators {
    pub(crate) const fn new() -> Self {
        let file = Identity { device: 0, inode: 0, size_bytes: 0, ctime_ns: 0, mtime_ns: 0 };
        Self { roster: Bytes::new(), next: Bytes::new(), file, is_read: false, failure: None }
    }

    /// Reads the roster at `path` where it is not the one that was read last; true where it is not. What cannot be read now is
    /// read at the next call, and until then the last roster holds. What somebody else could have written is an empty one.
    ///
    /// # Errors
    /// The kernel's, where there is no last roster.
    pub(crate) fn look(&mut self, tree: &dyn Tree, path: &Path) -> Result<bool, Errno> {
        let looked = self.reload(tree, path);
        let failure = looked.err();
        if let Some(errno) = failure.filter(|_| failure != self.failure) {
            log!("the roster of emulators: {errno}; it is read again at the next call");
        }
        self.failure = failure;
        if self.is_read { Ok(looked.unwrap_or(false)) } else { looked }
    }

    fn reload(&mut self, tree: &dyn Tree, path: &Path) -> Result<bool, Errno> {
        let stat = match tree.stat(path) {
            Err(errno) if !errno.is_trouble() => None,
            stat => Some(stat?),
        };
        let file = stat.map(|stat| stat.identity).unwrap_or_default();
        if self.is_read && file == self.file {
            return Ok(false);
        }
        self.next.len = 0;
        let user = effective_uid()?;
        if let Some(stat) = stat.filter(|stat| is_trusted(stat, user)) {
            self.next.read(tree, path, stat.identity.size_bytes)?;
        }
        (self.file, self.is_read) = (file, true);
        self.accept();
        Ok(true)
    }

    /// Takes what was read, if it is a roster.
    fn accept(&mut self) {
        if self.next.len > 0
            && let Err(why) = Roster::open(self.next.as_slice())
        {
            self.next.len = 0;
            log!("the roster of emulators: {why}");
        }
        self.roster.take(&self.next);
        for emulator in self.roster().emulators().iter() {
            if let Verdict::Unasked(reason) = emulator.verdict {
                let path = str::from_utf8(emulator.file.path).unwrap_or("an emulator");
                log!("{path} could not be asked, its guests are missing: {reason}");
            }
        }
    }

    /// Adds the guests of the roster.
    pub(crate) fn add_guests(&self, builder: &mut Builder<'_>) {
        self.roster().add_guests(builder);
    }

    /// The version of the emulator that serves `arch`, as libvirt counts.
    pub(crate) fn version(&self, arch: Arch) -> Option<u64> {
        match self.roster().emulator_of(arch)?.verdict {
            Verdict::Offers(offer) => Some(offer.version),
            Verdict::LeftOut(_) | Verdict::Unasked(_) => None,
        }
    }

    /// Whether all of it still holds: by `stat` of each emulator. True if that cannot be checked now.
    pub(crate) fn hold(&self, host: &Host<'_>, release: &str) -> bool {
        let Ok(now) = Surroundings::of(host, release) else { return true };
        self.roster.len > 0 && self.roster().check(&now, host.tree).holds()
    }

    fn roster(&self) -> Roster<'_> {
        Roster::again(self.roster.as_slice())
    }
}

/// Whether only root or this user can have written the file.
fn is_trusted(stat: &Stat, user: u32) -> bool {
    let verified = verify_owner(stat.mode, stat.owner, user);
    verified.map_err(|why| log!("the roster of emulators is not believed: {why}")).is_ok()
}
