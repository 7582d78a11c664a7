//! ACPI tables, one file each: bounded readers over bytes that somebody else wrote.
//!
//! Each `parse` looks at the whole table once, and then reading it cannot fail.

mod header;
mod hmat;
mod madt;
mod pptt;
mod record;
mod root;
mod rsdp;
mod slit;
mod srat;

pub use header::{MAX_TABLE_BYTES, Table};
pub use hmat::{Hmat, Locality, Measure, MemoryDomain, SideCache};
pub use madt::{LocalApic, Madt};
pub use pptt::{Pptt, PpttCache, PpttNode};
pub use root::Root;
pub use rsdp::Rsdp;
pub use slit::Slit;
pub(crate) use slit::{LOCAL, REMOTE};
pub use srat::{Affinity, Srat};
