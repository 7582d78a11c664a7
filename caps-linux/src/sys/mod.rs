//! The fence: everything unsafe of the library, behind safe functions. Types and constants are libc's, calls are our own.
#![allow(unsafe_code, reason = "the only place of the library with system calls")]

mod call;
mod errno;
mod fd;
mod fork;
mod kvm;
mod msr;
mod process;
pub(crate) mod serve;
mod socket;
#[cfg(feature = "startup")]
mod startup;
#[cfg(feature = "std")]
mod supervise;

pub use errno::Errno;
pub(crate) use errno::OrAbsent;
pub(crate) use fd::Fd;
pub use fd::{Identity, Stat};
pub use kvm::TscFacts;
pub(crate) use kvm::{FeatureMsrs, Kvm};
pub(crate) use msr::Msrs;
pub use process::effective_uid;
pub use process::{Machine, keep_descriptors};
pub(crate) use process::{auxiliary_vector, has_mempolicy, physical_bytes, random_bytes};
pub(crate) use socket::UnixStream;
#[cfg(feature = "startup")]
pub use startup::stdout_was_closed;
#[cfg(feature = "std")]
pub use supervise::supervise;
