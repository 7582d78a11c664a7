//! The tables of a machine, each looked for, checked, and reported.

use crate::error::Fault;
use crate::memory::{PhysMem, Region};
use crate::report::{Observer, Outcome, Source};
use crate::table::{Hmat, Madt, Pptt, Root, Rsdp, Slit, Srat, Table};

/// The tables that tell of CPUs and memory. Those that are missing or skipped are `None`.
#[derive(Clone, Debug, Default)]
pub struct Tables<'t> {
    /// The CPUs.
    pub madt: Option<Madt<'t>>,
    /// Which domain they and the memory are in.
    pub srat: Option<Srat<'t>>,
    /// How far domains are from each other.
    pub slit: Option<Slit<'t>>,
    /// How fast domains reach each other.
    pub hmat: Option<Hmat<'t>>,
    /// The tree of processors and caches.
    pub pptt: Option<Pptt<'t>>,
}

/// Kinds of tables that are looked for.
const KINDS: [(&[u8; 4], Source); 5] = [
    (b"APIC", Source::Madt),
    (b"SRAT", Source::Srat),
    (b"SLIT", Source::Slit),
    (b"HMAT", Source::Hmat),
    (b"PPTT", Source::Pptt),
];

/// What is taken already: the root table and at most one of each kind.
type Taken = heapless::Vec<(Source, Region), { KINDS.len() + 1 }>;

/// Kinds of tables that the root table lists.
type Listed = heapless::Vec<Source, { KINDS.len() }>;

impl<'t> Tables<'t> {
    /// The tables that the root pointer at `rsdp` leads to. Without one it is looked for where BIOSes leave it.
    pub fn find<M: PhysMem + ?Sized>(
        memory: &'t M,
        rsdp: Option<u64>,
        observer: &mut dyn Observer,
    ) -> Self {
        let mut tables = Self::default();
        let pointer = match rsdp {
            Some(address) => Rsdp::at(memory, address).map(Some),
            None => Ok(Rsdp::search(memory)),
        };
        let mut listed = Listed::new();
        if let Some(pointer) = noted(observer, Source::Rsdp, pointer)
            && let Some((root, taken)) = root(memory, pointer, observer)
        {
            listed = tables.fill(memory, root, taken, observer);
        }
        for (_, source) in KINDS {
            if !listed.contains(&source) {
                observer.note(source, Outcome::Absent);
            }
        }
        tables
    }

    /// Every table that is listed, in the firmware's order. Returns the kinds that there were, good or not.
    fn fill<M: PhysMem + ?Sized>(
        &mut self,
        memory: &'t M,
        root: Root<'t>,
        mut taken: Taken,
        observer: &mut dyn Observer,
    ) -> Listed {
        let mut listed = Listed::new();
        for address in root.addresses() {
            // The header alone tells whether anybody asks for the table.
            let signature = memory.bytes(address, 4);
            let Some(signature) = signature else {
                observer.note(Source::Root, Outcome::Odd(Fault::Unreadable));
                continue;
            };
            let kind = KINDS.iter().find(|(wanted, _)| wanted.as_slice() == signature);
            let Some(&(_, source)) = kind else { continue };
            let added = Table::at(memory, address).and_then(|table| {
                take(&mut taken, source, table.region(address))?;
                self.add(source, table)
            });
            let outcome = added.map_or_else(Outcome::Odd, |()| Outcome::Filled);
            observer.note(source, outcome);
            if !listed.contains(&source) {
                // There is room for one of each kind.
                let _ = listed.push(source);
            }
        }
        listed
    }

    fn add(&mut self, source: Source, table: Table<'t>) -> Result<(), Fault> {
        match source {
            Source::Madt => self.madt = Some(Madt::parse(table)?),
            Source::Srat => self.srat = Some(Srat::parse(table)?),
            Source::Slit => self.slit = Some(Slit::parse(table)?),
            Source::Hmat => self.hmat = Some(Hmat::parse(table)?),
            _ => self.pptt = Some(Pptt::parse(table)?),
        }
        Ok(())
    }
}

/// The XSDT, or the RSDT where there is none or it is no good.
fn root<'t, M: PhysMem + ?Sized>(
    memory: &'t M,
    pointer: Rsdp,
    observer: &mut dyn Observer,
) -> Option<(Root<'t>, Taken)> {
    let both = [pointer.xsdt, Some(u64::from(pointer.rsdt)).filter(|&address| address != 0)];
    both.into_iter().flatten().find_map(|address| {
        let table = Table::at(memory, address);
        let root = table.and_then(|table| Ok((Root::parse(table)?, table.region(address))));
        let (root, region) = noted(observer, Source::Root, root.map(Some))?;
        let mut taken = Taken::new();
        take(&mut taken, Source::Root, region).ok()?;
        Some((root, taken))
    })
}

/// Takes the bytes of a table, if nobody else has them and it is the first of its kind.
fn take(taken: &mut Taken, source: Source, region: Region) -> Result<(), Fault> {
    if taken.iter().any(|&(other, _)| other == source) {
        return Err(Fault::Repeated);
    }
    if taken.iter().any(|(_, other)| other.overlap(region) != 0) {
        return Err(Fault::Overlap);
    }
    // There is room for one of each kind.
    taken.push((source, region)).map_err(|_| Fault::Repeated)
}

/// Tells the observer of a source, and returns what it gave.
pub(crate) fn noted<T>(
    observer: &mut dyn Observer,
    source: Source,
    found: Result<Option<T>, Fault>,
) -> Option<T> {
    let outcome = match &found {
        Ok(Some(_)) => Outcome::Filled,
        Ok(None) => Outcome::Absent,
        Err(fault) => Outcome::Odd(*fault),
    };
    observer.note(source, outcome);
    found.ok().flatten()
}
