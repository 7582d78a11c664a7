//! The probe: from tables and CPUID to a document.

mod cache;
mod cpu;
mod cpus;
mod domain;
mod interconnect;
mod level;
mod numa;

pub use cpus::MAX_CPUS;
pub use domain::MAX_DOMAINS;

use self::cpus::Cpus;
use self::domain::Domains;
use self::level::Levels;
use crate::error::Error;
use crate::memory::{PhysMem, Region};
use crate::report::{Observer, Outcome, Source};
use crate::tables::{Tables, noted};
use crate::{Fault, smbios};
use caps_core::{Arch, Builder, Caps, Driver, Transport};
use caps_cpu::CpuidSource;

/// A machine without an operating system.
pub struct Machine<'m> {
    /// Its physical memory, as far as tables are in it.
    pub memory: &'m dyn PhysMem,
    /// Physical address of the ACPI root pointer, where the loader says it; otherwise it is looked for.
    pub rsdp: Option<u64>,
    /// Its RAM: ranges that can be used, ascending and without overlap.
    pub ram: &'m [Region],
    /// CPUID of the boot CPU, and its MSRs; only those are to be answered that exist ([`caps_cpu::x86::Gated`]).
    pub cpuid: &'m dyn CpuidSource,
}

impl core::fmt::Debug for Machine<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut machine = f.debug_struct("Machine");
        machine.field("rsdp", &self.rsdp).field("ram", &self.ram).finish_non_exhaustive()
    }
}

/// What several topics ask for.
struct Ground<'g> {
    machine: &'g Machine<'g>,
    tables: &'g Tables<'g>,
    levels: Levels,
    cpus: &'g Cpus,
    domains: &'g Domains,
}

/// Builds the capabilities of `machine` in `storage`: `<host>` without what takes an operating system, and no guests.
///
/// # Errors
/// [`Error::Full`] where `storage` is too small, with a size that suffices; the other [`Error`]s where a fixed bound is.
pub fn capabilities<'s>(
    machine: &Machine<'_>,
    driver: &Driver<'_>,
    storage: &'s mut [u8],
    observer: &mut dyn Observer,
) -> Result<Caps<'s>, Error> {
    let mut builder = Builder::with_driver(storage, driver);
    builder.arch(Some(Arch::X86_64));
    builder.transport(Transport::Tcp);
    builder.transport(Transport::Rdma);
    let map = if machine.ram.is_empty() { Outcome::Absent } else { Outcome::Filled };
    observer.note(Source::MemoryMap, map);
    observer.note(Source::Cpuid, Outcome::Filled);
    builder.uuid(noted(observer, Source::Smbios, smbios::uuid(machine.memory)));
    let tables = Tables::find(machine.memory, machine.rsdp, observer);
    processors(machine, &tables, &mut builder, observer)?;
    Ok(builder.finish()?)
}

/// CPUs, cells and caches.
fn processors(
    machine: &Machine<'_>,
    tables: &Tables<'_>,
    builder: &mut Builder<'_>,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let levels = Levels::of(machine.cpuid);
    let mut cpus = Cpus::default();
    cpus.fill(tables.madt.as_ref(), levels.boot_apic_id)?;
    let mut domains = Domains::default();
    domains.fill(tables.srat.as_ref(), machine.ram, &mut cpus)?;
    report_gaps(tables, &cpus, levels.boot_apic_id, observer);
    let ground = Ground { machine, tables, levels, cpus: &cpus, domains: &domains };
    let shape = ground.shape(builder.pool());
    ground.cpu(builder, shape);
    ground.topology(builder);
    ground.cache(builder);
    Ok(())
}

/// The MADT has the CPU that this runs on, and the SRAT has all that the MADT has.
fn report_gaps(tables: &Tables<'_>, cpus: &Cpus, boot: u32, observer: &mut dyn Observer) {
    let incomplete = Outcome::Odd(Fault::Incomplete);
    if let Some(madt) = &tables.madt
        && !madt.local_apics().any(|apic| apic.enabled && apic.apic_id == boot)
    {
        observer.note(Source::Madt, incomplete);
    }
    if tables.srat.is_some() && cpus.iter().any(|cpu| cpu.node.is_none()) {
        observer.note(Source::Srat, incomplete);
    }
}
