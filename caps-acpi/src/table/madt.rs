//! MADT: the local APIC of each CPU.

use super::Table;
use super::record::{Record, Records};
use crate::bytes::{u8_at, u32_at};
use crate::error::Fault;

/// Where records begin: behind the header, an address and flags.
const RECORDS: usize = 44;
const LOCAL_APIC: u8 = 0;
const LOCAL_X2APIC: u8 = 9;
/// The flag of a CPU that can be used.
const ENABLED: u32 = 1;

/// The table of interrupt controllers.
#[derive(Clone, Debug)]
pub struct Madt<'t> {
    records: Records<'t>,
}

/// A CPU: its local APIC, or x2APIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LocalApic {
    /// The APIC id, from which package, die, core and thread are cut.
    pub apic_id: u32,
    /// The id that PPTT and the namespace call the processor by.
    pub acpi_id: u32,
    /// Whether the CPU can be used; others are empty sockets and the like.
    pub enabled: bool,
}

impl<'t> Madt<'t> {
    /// Of a table `APIC`.
    ///
    /// # Errors
    /// [`Fault::Signature`], [`Fault::Record`].
    pub fn parse(table: Table<'t>) -> Result<Self, Fault> {
        let bytes = table.called(b"APIC")?.bytes();
        let least = |kind| match kind {
            LOCAL_APIC => 8,
            LOCAL_X2APIC => 16,
            _ => 2,
        };
        Ok(Self { records: Records::checked(bytes, RECORDS, least)? })
    }

    /// The CPUs, in the firmware's order. Ids that stand for none are left out.
    pub fn local_apics(&self) -> impl Iterator<Item = LocalApic> + Clone + 't {
        self.records.clone().filter_map(local_apic)
    }
}

fn local_apic(Record { kind, bytes, .. }: Record<'_>) -> Option<LocalApic> {
    let (apic_id, none, acpi_id, flags) = match kind {
        LOCAL_APIC => {
            let (apic_id, acpi_id) = (u8_at(bytes, 3)?.into(), u8_at(bytes, 2)?.into());
            (apic_id, 0xff, acpi_id, u32_at(bytes, 4)?)
        }
        LOCAL_X2APIC => (u32_at(bytes, 4)?, u32::MAX, u32_at(bytes, 12)?, u32_at(bytes, 8)?),
        _ => return None,
    };
    let enabled = flags & ENABLED != 0;
    (apic_id != none).then_some(LocalApic { apic_id, acpi_id, enabled })
}
