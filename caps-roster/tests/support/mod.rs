//! A roster of three emulators, and files as it says they were.

use caps_core::{Machine, Machines};
use caps_linux::{Errno, Path, Stat, Tree};
use caps_roster::{
    Accelerator, Contents, Emulator, Identity, Offer, Roster, Slot, Surroundings, Verdict, Watch,
    encode,
};
use crc::{CRC_32_ISO_HDLC, Crc};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// The host that the roster is of.
pub(crate) const NOW: Surroundings<'static> = Surroundings {
    machine: "x86_64",
    release: "6.1",
    microcode: 1,
    kvm: true,
    path: b"/usr/local/bin:/usr/bin",
};

fn watch(path: &'static str, number: u64) -> Watch<'static> {
    let mut identity = Identity::default();
    identity.0.inode = number;
    identity.0.mtime_ns = 4_999_999_999;
    Watch { path: path.as_bytes(), identity }
}

/// Hands the contents of a roster to `visit`.
pub(crate) fn contents<T>(visit: impl FnOnce(&Contents<'_>) -> T) -> T {
    let mut storage = [0; 256];
    let machine = Machine { name: b"q35", max_cpus: 255, ..Machine::default() };
    let machines = Machines::store([machine].into_iter(), &mut storage).unwrap();
    let (version, machines) = (7_002_022, machines.stored());
    let offer = Offer { arch: "x86_64", version, tcg: true, accelerator: None, machines };
    let native = Offer { accelerator: Some(Accelerator::Kvm), ..offer };
    let foreign = Offer { arch: "aarch64", ..offer };
    let emulators = [
        Emulator {
            file: watch("/usr/bin/qemu-system-x86_64", 3),
            verdict: Verdict::Offers(native),
        },
        Emulator {
            file: watch("/usr/bin/qemu-system-aarch64", 4),
            verdict: Verdict::Offers(foreign),
        },
        Emulator {
            file: watch("/usr/bin/qemu-system-sh4", 5),
            verdict: Verdict::LeftOut("broken"),
        },
    ];
    let slots = [("aarch64", 1), ("i686", 0), ("sh4", 2), ("x86_64", 0)];
    visit(&Contents {
        surroundings: NOW,
        modules: &[watch("/usr/lib/qemu", 6)],
        places: &[watch("/usr/local/bin", 1), watch("/usr/bin", 2)],
        emulators: &emulators,
        slots: &slots.map(|(arch, emulator)| Slot { arch, emulator }),
    })
}

/// A body in a frame that fits.
pub(crate) fn sealed(body: &[u8]) -> Vec<u8> {
    let mut bytes = encode(&Contents::default(), Vec::new()).unwrap();
    bytes.truncate(24);
    bytes.extend(body);
    let sum = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// Files of which nothing is known but what they are.
#[derive(Clone, Debug)]
pub(crate) struct Files(HashMap<Vec<u8>, Identity>);

impl Files {
    /// Those that a roster names, as it names them.
    pub(crate) fn of(roster: &Roster<'_>) -> Self {
        let emulators = roster.emulators().iter().map(|emulator| emulator.file);
        let all = roster.modules().iter().chain(roster.places().iter()).chain(emulators);
        Self(all.map(|watch| (watch.path.to_vec(), watch.identity)).collect())
    }

    /// The same, but one of them was changed in one of the ways.
    pub(crate) fn changed(&self, path: &[u8]) -> Self {
        let mut files = self.clone();
        files.0.entry(path.to_vec()).and_modify(|identity| identity.0.ctime_ns += 1);
        files
    }
}

impl Tree for Files {
    fn stat(&self, path: &Path) -> Result<Stat, Errno> {
        let identity = self.0.get(path.as_bytes()).ok_or(Errno::NOENT)?;
        Ok(Stat { mode: 0o100_755, mtime_s: 0, links: 1, owner: 0, identity: identity.0 })
    }

    fn stream(
        &self,
        _: &Path,
        _: &mut [u8],
        _: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        Err(Errno::NOENT)
    }

    fn read<'b>(&self, _: &Path, _: &'b mut [u8]) -> Result<&'b [u8], Errno> {
        Err(Errno::NOENT)
    }

    fn list(&self, _: &Path, _: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), Errno> {
        Err(Errno::NOENT)
    }

    fn executable(&self, path: &Path) -> Result<Option<Stat>, Errno> {
        Ok(self.stat(path).ok())
    }

    fn is_sysfs(&self) -> bool {
        false
    }
}
