//! Whether a roster still holds: by `stat` alone, nothing is opened but what the surroundings are made of.

use crate::record::{Emulator, Identity, Verdict, Watch};
use crate::roster::Roster;
use crate::surroundings::Surroundings;
use caps_core::Arch;
use caps_linux::{Path, Tree};

/// What of a roster still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    places: bool,
    stale: u64,
}

impl Check {
    /// Whether all of it holds.
    pub const fn holds(&self) -> bool {
        self.places && self.stale == 0
    }

    /// Whether no emulator has come or gone.
    pub const fn places_hold(&self) -> bool {
        self.places
    }

    /// Whether what is known of the emulator at `index` holds.
    pub const fn emulator_holds(&self, index: usize) -> bool {
        index < u64::BITS as usize && self.stale & (1 << index) == 0
    }
}

impl Identity {
    /// What lies at a path now; the default where nothing can be seen there.
    pub fn at(tree: &dyn Tree, path: &[u8]) -> Self {
        let stat = tree.stat(&Path::new(&[&path]));
        stat.map(|stat| Self(stat.identity)).unwrap_or_default()
    }
}

impl Watch<'_> {
    fn holds(&self, tree: &dyn Tree) -> bool {
        Identity::at(tree, self.path) == self.identity
    }
}

impl Emulator<'_> {
    /// Whether it runs what the host's CPU runs as it is, so that KVM and the CPU matter.
    fn is_native(&self, host: Option<Arch>) -> bool {
        let Verdict::Offers(offer) = self.verdict else { return false };
        let arch = Arch::from_name(offer.arch);
        host.zip(arch).is_some_and(|(host, arch)| host.runs(arch))
    }
}

impl Roster<'_> {
    /// What still holds on the host that has these surroundings and files.
    ///
    /// A failure holds as long as the emulator's file does, but one to ask it never does. So does what an emulator offers; that of one of the host's own kind
    /// also asks for the same kernel, microcode and answer of KVM. And all of them for the same modules.
    pub fn check(&self, now: &Surroundings<'_>, tree: &dyn Tree) -> Check {
        let (then, host) = (self.surroundings(), now.arch());
        let places = then.looks_as(now) && self.places().iter().all(|place| place.holds(tree));
        let modules = self.modules().iter().all(|directory| directory.holds(tree));
        let runs = then.runs_as(now);
        let holds = |emulator: &Emulator<'_>| {
            !matches!(emulator.verdict, Verdict::Unasked(_))
                && modules
                && (runs || !emulator.is_native(host))
                && emulator.file.holds(tree)
        };
        let emulators = self.emulators().iter().enumerate();
        let stale = emulators.filter(|(_, emulator)| !holds(emulator));
        Check { places, stale: stale.fold(0, |stale, (index, _)| stale | 1 << index) }
    }
}
