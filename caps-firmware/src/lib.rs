//! The capabilities document on bare metal: no operating system, no std, no heap.
//!
//! For a launcher that a hypervisor or firmware starts by the PVH entry:
//!
//! ```
//! use caps_firmware::pvh::StartInfo;
//! use caps_firmware::{Error, Machine, PhysMem, Report, write};
//! use caps_core::{Sink, Storage, storage};
//! use caps_cpu::CpuidSource;
//!
//! fn print<S: Sink>(
//!     start_info: u64,
//!     memory: &dyn PhysMem,
//!     cpuid: &dyn CpuidSource,
//!     storage: &mut Storage<{ storage::NODE }>,
//!     console: &mut S,
//! ) -> Result<(), Error<S::Error>> {
//!     let mut report = Report::default();
//!     let start = StartInfo::at(memory, start_info)?;
//!     let ram = start.ram(memory, &mut report)?;
//!     let machine = Machine { memory, rsdp: start.rsdp, ram: &ram, cpuid };
//!     write(&machine, storage.bytes_mut(), &mut report, console)
//! }
//! ```
//!
//! One that is started in another way fills in [`Machine`] itself. [`Identity`] is memory that is mapped where it is, and
//! `Processor` the CPU that this runs on; a launcher with other means has its own [`PhysMem`] and `CpuidSource`. `image/`
//! beside this library is a whole launcher: it writes the document to the first serial port.
#![no_std]
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

mod error;
mod memory;
#[cfg(target_arch = "x86_64")]
mod processor;
pub mod pvh;

pub use caps_acpi::{Fault, Machine, Observer, Outcome, PhysMem, Region, Report, Source};
pub use error::Error;
pub use memory::Identity;
#[cfg(target_arch = "x86_64")]
pub use processor::Processor;

use caps_core::{Driver, Sink};

/// Writes the document of `machine`, built in `storage`, to `sink`.
///
/// # Errors
/// [`Error::Probe`] before anything is written, [`Error::Sink`] after that.
pub fn write<S: Sink>(
    machine: &Machine<'_>,
    storage: &mut [u8],
    observer: &mut dyn Observer,
    sink: &mut S,
) -> Result<(), Error<S::Error>> {
    let caps = caps_acpi::capabilities(machine, &Driver::QEMU, storage, observer);
    caps_xml::write(&caps.map_err(Error::Probe)?, sink).map_err(Error::Sink)
}
