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
    pub(crate) fn look(&mut self, tree: &dyn Tree, path: &Path) -> bool {
        let stat = tree.stat(path);
        let file = stat.map(|stat| stat.identity).unwrap_or_default();
        if core::mem::replace(&mut self.file, file) == file {
            return false;
        }
        self.len = 0;
        match stat {
            Err(Errno::NOENT) => {}
            Err(errno) => log!("the roster of emulators: {errno}"),
            Ok(stat) if stat.mode & WRITABLE_BY_OTHERS != 0 => {
                log!("the roster of emulators may be written by others: it is not believed");
            }
            Ok(_) => self.read(tree, path),
        }
        true
    }

    fn read(&mut self, tree: &dyn Tree, path: &Path) {
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
            return log!("the roster of emulators: {errno}");
        }
        if let Err(why) = Roster::open(self.bytes()) {
            self.len = 0;
            log!("the roster of emulators: {why}");
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
            Verdict::LeftOut(_) => None,
        }
    }

    /// Whether all of it still holds: by `stat` of each emulator.
    pub(crate) fn hold(&self, host: &Host<'_>, release: &str) -> bool {
        self.len > 0 && self.roster().check(&Surroundings::of(host, release), host.tree).holds()
    }

    fn roster(&self) -> Roster<'_> {
        Roster::again(self.bytes())
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}
