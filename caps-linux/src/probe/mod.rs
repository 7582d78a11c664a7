//! The probes of the host part, one file a topic.

mod cache;
mod changes;
mod cpu;
mod cpu_topology;
mod guest;
mod iommu;
mod numa;
mod pages;
mod power;
mod read;
mod resctrl;
mod security;
mod uuid;

pub(crate) use changes::{Again, FIRST_OF_CELLS};

use self::cpu_topology::CpuSets;
use self::pages::Pools;
use self::read::Bad;
pub(crate) use self::read::numbered;
use crate::error::{Error, Refusal, Unavailable};
use crate::facts::Facts;
use crate::path::Path;
use crate::report::{Observer, Outcome, Topic};
use crate::tree::Tree;
use caps_core::{Arch, Builder, Caps, Driver, Full, Transport};
use caps_cpu::CpuidSource;

/// A host to probe: the running one, a recorded one, or one of a test.
pub struct Host<'h> {
    /// Its files.
    pub tree: &'h dyn Tree,
    /// Its answers that are not files.
    pub facts: &'h Facts<'h>,
    /// CPUID of its first CPU; `None` where it has none.
    pub cpuid: Option<&'h dyn CpuidSource>,
}

impl core::fmt::Debug for Host<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Host").field("facts", self.facts).finish_non_exhaustive()
    }
}

/// Where the guests of a document come from.
#[derive(Clone, Copy, Default)]
pub enum Guests<'g> {
    /// The emulators that are there, without starting one. Machines come from an older document.
    #[default]
    Files,
    /// No guests.
    None,
    /// Those that this adds: `Roster::add_guests` of caps-roster, for one. It adds them once more where they have to be
    /// counted.
    Added(&'g dyn Fn(&mut Builder<'_>)),
}

impl core::fmt::Debug for Guests<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Files => "Files",
            Self::None => "None",
            Self::Added(_) => "Added",
        })
    }
}

/// Adds guests behind everything else; an older document may help.
type AddGuests<'g> = &'g dyn Fn(&mut Probe<'_>, &mut Builder<'_>, Option<&Caps<'_>>);

/// What several topics ask for and is read once.
struct Ground {
    sets: CpuSets,
    pools: Result<Pools, Bad>,
}

/// One run of all probes.
pub(crate) struct Probe<'p> {
    host: &'p Host<'p>,
    observer: &'p mut dyn Observer,
    /// Sources that failed.
    failures: u32,
    /// The first of them.
    failure: Option<Unavailable>,
}

/// Builds the capabilities of `host` in `storage`.
///
/// `old` is the document that this one succeeds: its CPU moves over, machines of unchanged emulators are taken from it. On an
/// error it keeps its CPU.
///
/// # Errors
/// [`Error::Full`] where `storage` is too small, with a size that suffices: the host is then probed once more to count.
/// [`Error::Refused`] where libvirt would refuse to start or to answer.
/// [`Error::Unavailable`] where a source failed, unless the observer [accepts holes](Observer::accepts_holes).
pub fn capabilities<'s>(
    host: &Host<'_>,
    driver: &Driver<'_>,
    guests: Guests<'_>,
    storage: &'s mut [u8],
    mut old: Option<&mut Caps<'_>>,
    observer: &mut dyn Observer,
) -> Result<Caps<'s>, Error> {
    // Told here, where a program that only ever adds its own leaves the search for emulators behind.
    let add: AddGuests<'_> = match guests {
        Guests::Files => &|probe, builder, old| probe.guests(builder, old),
        Guests::None => &|_, _, _| {},
        Guests::Added(add) => &|_, builder, _| add(builder),
    };
    let before = old.as_deref().cloned();
    let made = succeeding(host, driver, add, storage, old.as_deref_mut(), observer);
    let mut counted = Unobserved { accepts_holes: observer.accepts_holes() };
    let made = made.and_then(|builder| {
        or_needed(builder, || {
            succeeding(host, driver, add, &mut [], before.clone().as_mut(), &mut counted)
        })
    });
    // What moved over goes back where nothing came of it.
    if made.is_err()
        && let (Some(old), Some(before)) = (old, before)
    {
        *old = before;
    }
    made
}

/// The observer of a probe that is only counted.
struct Unobserved {
    accepts_holes: bool,
}

impl Observer for Unobserved {
    fn note(&mut self, _: Topic, _: &Path, _: Outcome) {}

    fn accepts_holes(&self) -> bool {
        self.accepts_holes
    }
}

fn succeeding<'s>(
    host: &Host<'_>,
    driver: &Driver<'_>,
    add: AddGuests<'_>,
    storage: &'s mut [u8],
    mut old: Option<&mut Caps<'_>>,
    observer: &mut dyn Observer,
) -> Result<Builder<'s>, Error> {
    let mut builder = match old.as_deref_mut() {
        Some(old) => Builder::succeeding(storage, driver, old),
        None => Builder::with_driver(storage, driver),
    };
    let mut probe = Probe { host, observer, failures: 0, failure: None };
    let all = probe.all(&mut builder);
    if all.is_ok() {
        add(&mut probe, &mut builder, old.as_deref());
    }
    let accepts_holes = probe.observer.accepts_holes();
    match probe.failure.filter(|_| !accepts_holes) {
        // A refusal may come of it.
        Some(failure) => Err(failure.into()),
        None => Ok(all.map(|()| builder)?),
    }
}

/// The document, or the bytes of storage that suffice for it: what `count` builds with no storage at all, so that the answer
/// does not depend on any.
fn or_needed<'s>(
    builder: Builder<'s>,
    count: impl FnOnce() -> Result<Builder<'static>, Error>,
) -> Result<Caps<'s>, Error> {
    builder.finish().or_else(|full| {
        let needed = match count()?.finish() {
            Ok(caps) => caps.stored_bytes(),
            Err(counted) => counted.needed,
        };
        Err(Error::Full(Full { needed, ..full }))
    })
}

impl Probe<'_> {
    /// Every topic of the host once. The order is that of least storage, not of the document.
    fn all(&mut self, builder: &mut Builder<'_>) -> Result<(), Refusal> {
        let arch = Arch::from_machine(self.host.facts.machine);
        builder.arch(arch);
        builder.transport(Transport::Tcp);
        builder.transport(Transport::Rdma);
        let uuid = self.unless_failed(|probe| probe.uuid(builder.pool().spare())).transpose()?;
        builder.uuid(uuid.flatten());
        self.security(builder)?;
        self.power(builder);
        self.iommu(builder);
        self.processors(builder, arch);
        Ok(())
    }

    /// CPUs, cells and caches: what shares the sets of CPUs.
    fn processors(&mut self, builder: &mut Builder<'_>, arch: Option<Arch>) {
        self.denied_devices();
        let info = self.cpuinfo(arch);
        let ground = Ground { sets: self.cpu_sets(), pools: self.host_pools() };
        let mut findings = self.numa(builder, &ground, info.is_some());
        if let (Some(_), Ok(pools)) = (findings.memory_kib, &ground.pools) {
            self.page_sizes(builder, pools);
        }
        // Without the memory of the host libvirt has no host CPU either.
        findings.shape = findings.shape.filter(|_| findings.memory_kib.is_some());
        let driven = arch.is_some_and(Arch::has_cpu_driver) && !builder.has_cpu();
        if let (Some(info), Some(shape), true) = (info, findings.shape, driven) {
            self.cpu(builder, info, &shape);
        }
        self.cache(builder, &ground.sets);
    }
}
