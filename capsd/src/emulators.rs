//! What is known of emulators: the roster that `caps` keeps, read again when its file is another.

use crate::log::log;
use caps_core::{Arch, Builder};
use caps_linux::{Errno, Host, Identity, Path, Tree};
use caps_roster::{Roster, Surroundings, Verdict};
use core::ops::ControlFlow;

/// Most bytes of a roster: twenty times what that of all emulators takes.
const ROSTER_BYTES: usize = 1 << 20;
/// Others than its owner may not write a roster that is believed.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// The roster, as its file was when it was last looked at.
pub(crate) struct Emulators {
    bytes: [u8; ROSTER_BYTES],
    len: usize,
    file: Identity,
}

impl Emulators {
    pub(crate) const fn new() -> Self {
        let file = Identity { device: 0, inode: 0, size_bytes: 0, ctime_ns: 0, mtime_ns: 0 };
        Self { bytes: [0; ROSTER_BYTES], len: 0, file }
    }

    /// Reads the roster at `path` where it is not the one that was read last; true where it is not. What cannot be read, or
    /// may be written by anybody, is an empty one.
    ///
    /// # Errors
    /// The kernel's, where it is not known what the roster is now. It is read at the next look.
    pub(crate) fn look(&mut self, tree: &dyn Tree, path: &Path) -> Result<bool, Errno> {
        let stat = match tree.stat(path) {
            Err(errno) if errno.is_trouble() => return Err(errno),
            stat => stat,
        };
        let file = stat.map(|stat| stat.identity).unwrap_or_default();
        if core::mem::replace(&mut self.file, file) == file {
            return Ok(false);
        }
        self.len = 0;
        match stat {
            Err(Errno::NOENT) => {}
            Err(errno) => log!("the roster of emulators: {errno}"),
            Ok(stat) if stat.mode & WRITABLE_BY_OTHERS != 0 => {
                log!("the roster of emulators may be written by others: it is not believed");
            }
            Ok(_) => self.read(tree, path)?,
        }
        Ok(true)
    }

    fn read(&mut self, tree: &dyn Tree, path: &Path) -> Result<(), Errno> {
        let (mut len, mut chunk) = (0, [0; 4096]);
        let read = tree.stream(path, &mut chunk, &mut |chunk| {
            let room = self.bytes.get_mut(len..len + chunk.len());
            len += chunk.len();
            match room {
                Some(room) => {
                    room.copy_from_slice(chunk);
                    ControlFlow::Continue(())
                }
                None => ControlFlow::Break(()),
            }
        });
        self.len = len.min(ROSTER_BYTES);
        if let Err(errno) = read {
            self.len = 0;
            if errno.is_trouble() {
                self.file = Identity::default();
                return Err(errno);
            }
            log!("the roster of emulators: {errno}");
            return Ok(());
        }
        if let Err(why) = Roster::open(self.bytes()) {
            self.len = 0;
            log!("the roster of emulators: {why}");
        }
        Ok(())
    }

    /// Adds the guests of the roster.
    pub(crate) fn add_guests(&self, builder: &mut Builder<'_>) {
        self.roster().add_guests(builder);
    }

    /// The version of the emulator that serves `arch`, as libvirt counts.
    pub(crate) fn version(&self, arch: Arch) -> Option<u64> {
        match self.roster().emulator_of(arch)?.verdict {
            Verdict::Offers(offer) => Some(offer.version),
            Verdict::LeftOut(_) => None,
        }
    }

    /// Whether all of it still holds: by `stat` of each emulator. True if that cannot be checked now.
    pub(crate) fn hold(&self, host: &Host<'_>, release: &str) -> bool {
        let Ok(now) = Surroundings::of(host, release) else { return true };
        self.len > 0 && self.roster().check(&now, host.tree).holds()
    }

    fn roster(&self) -> Roster<'_> {
        Roster::again(self.bytes())
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}
