//! Why a table is skipped, and why a machine gives no document.

use caps_core::Full;
use core::fmt;

/// Why something of the firmware is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// It lies where there is no memory to read.
    Unreadable,
    /// It does not begin with its signature.
    Signature,
    /// It is longer than what there is of it, or than any such table is; the bytes that it claims.
    Length(u32),
    /// Its bytes do not add up to 0.
    Checksum,
    /// It shares bytes with another one.
    Overlap,
    /// There was one of its kind before it.
    Repeated,
    /// A record in it is shorter than its kind, or reaches beyond the end; its offset in the table.
    Record(u32),
    /// A record in it has a value that cannot be, or that contradicts another; its offset in the table.
    Value(u32),
    /// It leaves out something that others have.
    Incomplete,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("lies where there is no memory"),
            Self::Signature => f.write_str("has another signature"),
            Self::Length(bytes) => write!(f, "claims {bytes} bytes"),
            Self::Checksum => f.write_str("has a wrong checksum"),
            Self::Overlap => f.write_str("overlaps another one"),
            Self::Repeated => f.write_str("is there twice"),
            Self::Record(offset) => write!(f, "is cut off at {offset}"),
            Self::Value(offset) => write!(f, "contradicts itself at {offset}"),
            Self::Incomplete => f.write_str("leaves something out"),
        }
    }
}

impl core::error::Error for Fault {}

/// Why a machine gives no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// The storage is too small.
    Full(Full),
    /// The MADT has this many CPUs, more than [`MAX_CPUS`](crate::MAX_CPUS).
    Cpus(usize),
    /// The SRAT has more domains than [`MAX_DOMAINS`](crate::MAX_DOMAINS).
    Domains,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(full) => full.fmt(f),
            Self::Cpus(cpus) => write!(f, "{cpus} CPUs, {} at most", crate::MAX_CPUS),
            Self::Domains => write!(f, "more than {} proximity domains", crate::MAX_DOMAINS),
        }
    }
}

impl core::error::Error for Error {}

impl From<Full> for Error {
    fn from(full: Full) -> Self {
        Self::Full(full)
    }
}
