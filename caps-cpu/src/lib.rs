//! CPUID and MSR registers to the CPU model, vendor and features that libvirt 12.8.0 names: no std, no heap, no unsafe.
//!
//! ```text
//! processor, dump, closure ──> CpuidSource ──> CpuData ──> HostCpu  ──> <host><cpu>
//!                                 │             └───────> GuestCpu ──> <cpu mode='custom'>
//!                                 └─> walk: every read of libvirt, in its order
//! ```
//!
//! ```
//! use caps_cpu::{Registers, x86::CpuData};
//!
//! let cpuid = |leaf, _| match leaf {
//!     0 => Registers { eax: 1, ebx: 0x756e_6547, ecx: 0x6c65_746e, edx: 0x4965_6e69 },
//!     1 => Registers { eax: 0x480, edx: 0x0f, ..Registers::default() },
//!     _ => Registers::default(),
//! };
//! let host = CpuData::as_probed(&cpuid).decode_host()?;
//! assert_eq!((host.model.name(), host.features.to_string().as_str()), ("486-v1", "de"));
//! # Ok::<(), caps_cpu::x86::NoModel>(())
//! ```
//!
//! | what | type |
//! |---|---|
//! | registers of a live host, a dump, a test | [`CpuidSource`], [`dump::Dump`], any `Fn(leaf, subleaf) -> Registers` |
//! | what they say: as a live host reads, or all that is given | [`x86::CpuData::as_probed`], [`x86::CpuData::as_given`] |
//! | `<model>`, `<vendor>`, `<signature>`, `<feature>` of a host | [`x86::HostCpu`] |
//! | the models that were passed over, and what each lacks | [`x86::Candidate`] |
//! | where a feature is seen | [`x86::Origin`]: leaf, subleaf or MSR, register, bit |
//! | for people: the name the maker gave | [`x86::Brand`] |
//! | MSRs where nobody catches a fault | [`x86::Gated`] |
//! | a guest definition | [`x86::GuestCpu`], [`x86::Policy`] |
//! | can this host run that CPU? | [`compare::compare`] of two [`definition::Definition`]s |
//! | what runs on all of these? | [`baseline::Baseline`], as XML [`element::Element`] |
//! | aarch64, POWER | [`arm::decode_host`], [`ppc64::decode_host`] |
//!
//! The tables are constants of less than 16 KiB. `cargo xtask tables` generates them from the rows in `data/` and rejects
//! facts that break what the decoder relies on.
//!
//! Limits: models that an emulator does not offer are not left out of guest definitions; a walk passes over leaves and
//! subleaves that no processor has (65536 of a range, 256 of a leaf); comparing knows x86 only.
#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing, clippy::expect_used, clippy::unreachable)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::expect_used))]

#[cfg(test)]
extern crate std;

pub mod arm;
pub mod baseline;
mod budget;
pub mod compare;
pub mod definition;
pub mod dump;
pub mod element;
mod names;
pub mod ppc64;
pub mod source;
#[rustfmt::skip]
mod tables;
pub mod x86;

pub use budget::table_bytes;
pub use source::{CpuidSource, Registers, SourceFailure};
