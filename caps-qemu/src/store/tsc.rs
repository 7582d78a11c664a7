//! What KVM said of the time stamp counter. To say it, KVM makes a VM, which takes longer than all files of a small host.

use super::{Lock, Store, Trouble, file};
use caps_linux::{Path, Tree, TscFacts};
use std::fmt::Write;
use std::path::PathBuf;

/// How long what KVM says holds: the frequency stays until the next boot, the rest until the module is loaded again, which makes
/// another device file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch(String);

/// Of `/proc/sys/kernel/random/boot_id`, with its end of line.
const BOOT_BYTES: usize = 37;
/// More than an epoch and two numbers take.
const MAX_BYTES: usize = 256;

impl Epoch {
    /// That of the running host; `None` where there is no KVM, or the kernel does not tell one boot from another.
    pub fn of(tree: &dyn Tree) -> Option<Self> {
        let mut buffer = [0; BOOT_BYTES];
        let boot =
            tree.read(&Path::new(&[&"/proc/sys/kernel/random/boot_id"]), &mut buffer).ok()?;
        let kvm = tree.stat(&Path::new(&[&"/dev/kvm"])).ok()?.identity;
        let mut epoch = str::from_utf8(boot).ok()?.trim_end().to_owned();
        write!(epoch, " {:x} {:x} {}", kvm.device, kvm.inode, kvm.ctime_ns).ok()?;
        Some(Self(epoch))
    }

    /// The epoch with this text.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Store {
    pub(super) fn tsc_path(&self) -> PathBuf {
        self.directory.join("tsc")
    }

    /// What KVM said in this epoch, if it was asked and nobody else could have written it.
    pub fn tsc(&self, epoch: &Epoch) -> Option<TscFacts> {
        read_tsc(epoch, &file::read(&self.tsc_path(), MAX_BYTES).ok()?.ok()?)
    }
}

/// Reads the text of the file, unless it is of another epoch.
pub(crate) fn read_tsc(epoch: &Epoch, text: &[u8]) -> Option<TscFacts> {
    let said = str::from_utf8(text).ok()?.strip_prefix(&epoch.0)?.strip_prefix(' ')?;
    let (khz, control) = said.trim_end().split_once(' ')?;
    Some(TscFacts { khz: khz.parse().ok()?, control: control.parse().ok()? })
}

/// Returns the text of the file.
pub(crate) fn tsc_text(epoch: &Epoch, tsc: TscFacts) -> String {
    format!("{} {} {}\n", epoch.0, tsc.khz, tsc.control)
}

impl Lock<'_> {
    /// Keeps what KVM said in this epoch.
    ///
    /// # Errors
    /// [`Trouble`] with one of the files.
    pub fn keep_tsc(&self, epoch: &Epoch, tsc: TscFacts) -> Result<(), Trouble> {
        self.replace(&self.store.tsc_path(), tsc_text(epoch, tsc).as_bytes())
    }
}
