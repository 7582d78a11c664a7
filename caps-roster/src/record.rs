//! What a roster consists of.

use crate::surroundings::Surroundings;
use caps_core::VirtType;
use serde::{Deserialize, Serialize};

/// Most emulators of a host: libvirt knows fewer architectures than that, and one serves each.
pub const MAX_EMULATORS: usize = 64;

/// What tells whether a file is still the one that it was, as [`caps_linux::Identity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "caps_linux::Identity")]
struct RemoteIdentity {
    device: u64,
    inode: u64,
    size_bytes: u64,
    ctime_ns: i64,
    mtime_ns: i64,
}

/// What lies at a path, behind all links; the default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity(#[serde(with = "RemoteIdentity")] pub caps_linux::Identity);

/// A path, and what lay there when emulators were looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch<'a> {
    /// An absolute path, raw bytes.
    #[serde(borrow)]
    pub path: &'a [u8],
    /// What lay there.
    pub identity: Identity,
}

/// An emulator. `<emulator>`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emulator<'a> {
    /// An absolute path, raw bytes, and what lay there before it was started.
    #[serde(borrow)]
    pub file: Watch<'a>,
    /// What became of it.
    pub verdict: Verdict<'a>,
}

/// What became of an emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict<'a> {
    /// It has guests.
    Offers(#[serde(borrow)] Offer<'a>),
    /// It is left out: the reason in a sentence.
    LeftOut(&'a str),
    /// It could not be asked, for lack of something that may be there the next time: the reason in a sentence. It has no guests
    /// and is asked again.
    Unasked(&'a str),
}

/// What an emulator offers, as far as `<guest>` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer<'a> {
    /// Name of the architecture that it says it emulates.
    pub arch: &'a str,
    /// Its version as `virConnectGetVersion()` gives it: 1,000,000 for each major, 1,000 for each minor one.
    pub version: u64,
    /// Whether it emulates without help from hardware: `<domain type='qemu'>`.
    pub tcg: bool,
    /// What else it runs on.
    pub accelerator: Option<Accelerator>,
    /// `<machine>`s in the order of printing, as [`caps_core::Machines::stored`] has them.
    pub machines: &'a [u8],
}

/// Help from hardware: another `<domain type=''>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Accelerator {
    /// Of Linux.
    Kvm,
    /// Of macOS.
    Hvf,
    /// Microsoft's, called `mshv` by QEMU and `hyperv` by libvirt.
    Hyperv,
}

/// An architecture that can be run: `<guest>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot<'a> {
    /// Name of the architecture.
    pub arch: &'a str,
    /// The emulator that serves it, by its place in the roster.
    pub emulator: u8,
}

/// All of a roster, for [`encode`](crate::encode).
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Contents<'a> {
    /// What holds for the host as a whole.
    pub surroundings: Surroundings<'a>,
    /// Directories of modules that emulators load.
    pub modules: &'a [Watch<'a>],
    /// Where emulators were looked for, and what was there but could not be executed.
    pub places: &'a [Watch<'a>],
    /// The emulators, at most [`MAX_EMULATORS`].
    pub emulators: &'a [Emulator<'a>],
    /// The guests, in the order of the document.
    pub slots: &'a [Slot<'a>],
}

impl Accelerator {
    /// The type of domains that run on it.
    pub const fn virt(self) -> VirtType {
        match self {
            Self::Kvm => VirtType::Kvm,
            Self::Hvf => VirtType::Hvf,
            Self::Hyperv => VirtType::Hyperv,
        }
    }
}

impl Offer<'_> {
    /// The types of domains, in the order of printing.
    pub fn domains(&self) -> impl Iterator<Item = VirtType> + use<> {
        let qemu = self.tcg.then_some(VirtType::Qemu);
        qemu.into_iter().chain(self.accelerator.map(Accelerator::virt))
    }
}
