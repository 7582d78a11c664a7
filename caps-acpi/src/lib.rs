//! Probes of a machine without an operating system: ACPI tables and CPUID of the boot CPU, no std, no heap, no unsafe.
//!
//! ```text
//! physical memory ─ PhysMem ─> Tables ─┐
//! map of the RAM ──────────── Region ──┼─> capabilities ──> Caps  ──> caps-xml
//! CPUID, MSRs ─────────── CpuidSource ─┘                 caps-core
//! ```
//!
//! No other CPU is started: the boot CPU tells how APIC ids are cut into package, die, core and thread, and the MADT has the
//! APIC ids of the others. CPUs and nodes get the numbers that Linux would give them.
//!
//! | table | type | tells |
//! |---|---|---|
//! | RSDP | [`table::Rsdp`] | where the root table is |
//! | RSDT, XSDT | [`table::Root`] | where all others are |
//! | MADT | [`table::Madt`] | the CPUs: their APIC ids |
//! | SRAT | [`table::Srat`] | the domain of each CPU and of each range of memory: cells |
//! | SLIT | [`table::Slit`] | distances between cells |
//! | HMAT | [`table::Hmat`] | latencies, bandwidths, memory side caches |
//! | PPTT | [`table::Pptt`] | the tree of processors and caches, on machines that have no CPUID; the probe does not ask it |
//! | SMBIOS | [`smbios::uuid`] | the UUID |
//!
//! Firmware is not believed: a table with a wrong checksum, one that is cut off, overlaps another or contradicts itself is
//! skipped as a whole, and the [`Observer`] is told why.
//!
//! Limits: [`MAX_CPUS`] CPUs, [`MAX_DOMAINS`] proximity domains, tables of [`table::MAX_TABLE_BYTES`]. All CPUs are taken to
//! be of the boot CPU's kind.
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable
)]
#![cfg_attr(
    test,
    allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

#[cfg(test)]
extern crate std;

mod bytes;
mod error;
mod memory;
mod probe;
mod report;
pub mod smbios;
pub mod table;
mod tables;

pub use error::{Error, Fault};
pub use memory::{PhysMem, Region};
pub use probe::{MAX_CPUS, MAX_DOMAINS, Machine, capabilities};
pub use report::{Observer, Outcome, Report, Source, Tally};
pub use tables::Tables;
