//! What holds for the host as a whole.

use caps_core::Arch;
use caps_linux::parse::cpuinfo;
use caps_linux::{Host, Path, Tree, Unavailable};
use serde::{Deserialize, Serialize};

/// What holds for the host as a whole and decides what emulators say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surroundings<'a> {
    /// `uname(2)` machine.
    pub machine: &'a str,
    /// `uname(2)` release.
    pub release: &'a str,
    /// Microcode of the first CPU, from `/proc/cpuinfo`; 0 where none is told.
    pub microcode: u32,
    /// Whether `/dev/kvm` opens and is what it is called.
    pub kvm: bool,
    /// `PATH`, where emulators are looked for.
    #[serde(borrow)]
    pub path: &'a [u8],
}

/// The microcode stands in the first lines of the first CPU; the kernel writes no further than is read.
const BEGINNING_BYTES: usize = 512;

impl<'a> Surroundings<'a> {
    /// Those of `host`, whose kernel has this release.
    ///
    /// # Errors
    /// [`Unavailable`] where something fails that they are made of.
    pub fn of(host: &Host<'a>, release: &'a str) -> Result<Self, Unavailable> {
        let facts = host.facts;
        if let Some(kvm) = facts.failure("kvm") {
            return Err(Unavailable::new(&Path::new(&[&kvm.source]), kvm.errno));
        }
        let microcode = microcode(host.tree)?;
        Ok(Self { machine: facts.machine, release, microcode, kvm: facts.kvm, path: facts.path })
    }

    /// The architecture of the host.
    pub fn arch(&self) -> Option<Arch> {
        Arch::from_machine(self.machine)
    }

    /// Whether emulators are looked for in the same places as in `other`.
    pub(crate) fn looks_as(&self, other: &Self) -> bool {
        (self.machine, self.path) == (other.machine, other.path)
    }

    /// Whether guests of the host's own kind run as in `other`.
    pub(crate) fn runs_as(&self, other: &Self) -> bool {
        (self.release, self.microcode, self.kvm) == (other.release, other.microcode, other.kvm)
    }
}

fn microcode(tree: &dyn Tree) -> Result<u32, Unavailable> {
    let mut buffer = [0; BEGINNING_BYTES];
    let path = Path::new(&[&"/proc/cpuinfo"]);
    match tree.read(&path, &mut buffer) {
        Err(errno) if errno.is_trouble() => Err(Unavailable::new(&path, errno)),
        beginning => Ok(beginning.ok().and_then(cpuinfo::microcode).unwrap_or(0)),
    }
}
