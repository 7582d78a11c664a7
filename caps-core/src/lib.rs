//! The model of a host's virtualisation capabilities: no std, no heap, no unsafe.
//!
//! ```text
//! sources ──> probe ──> Builder ──> Caps ──> writer ──> Sink
//!           caps-linux      caps-core      caps-xml
//! ```
//!
//! A document is built once, append-only, in storage of the caller's ([`Storage`], or any `&mut [u8]`), and then read through
//! [`Caps`]. Storage holds plain little-endian bytes without pointers: a finished document can be mapped, sent or kept.
//! What does not fit is [`Full`], with the first table that did not and the bytes that suffice; nothing is ever cut short.
//!
//! | element | type | filled by |
//! |---|---|---|
//! | `<uuid>` | [`Uuid`] | [`Builder::uuid`] |
//! | `<cpu>` | [`HostCpu`], [`Arch`] | [`Builder::cpu`], [`Builder::page_sizes`] |
//! | `<power_management>`, `<iommu>`, `<migration_features>` | [`Flags`], [`Transport`] | [`Builder::flags`] |
//! | `<topology>` | [`Cell`], [`CellCpu`], [`Interconnect`] | [`Builder::topology`] |
//! | `<cache>`, `<memory_bandwidth>`, `<energy>` | [`Bank`], [`CacheControl`], [`Monitor`] | [`Builder::cache`] |
//! | `<secmodel>` | [`SecModel`] | [`Builder::secmodel`] |
//! | `<guest>` | [`Guest`], [`Domain`], [`Machine`] | [`Builder::guest`] |
//! | none: defaults of domains | [`Driver`] | [`Builder::new`] |
//!
//! Limits: a document of less than 4 GiB; at most [`MAX_SECMODELS`] security models.
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable
)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used))]

#[cfg(test)]
#[macro_use]
extern crate std;

mod arch;
mod builder;
mod caps;
mod code;
mod driver;
mod error;
mod flags;
pub mod hooks;
mod kept;
mod mac;
pub mod model;
mod pool;
mod set;
pub mod sink;
mod sort;
pub mod storage;
mod uuid;

pub use arch::Arch;
pub use builder::{
    Builder, CacheBuilder, CellBuilder, GuestBuilder, SizeMismatch, TopologyBuilder,
};
pub use caps::Caps;
pub use code::FORMAT;
pub use driver::{ConsoleTarget, DiskDriver, Driver};
pub use error::{Full, Table};
pub use flags::Flags;
pub use kept::{CellMut, CellsMut, Kept, PagePoolMut};
pub use mac::MacPrefix;
pub use model::*;
pub use pool::{Pool, Stash};
pub use set::{CpuSet, Run, Runs};
pub use sink::Sink;
pub use storage::Storage;
pub use uuid::Uuid;
