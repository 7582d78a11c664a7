//! Why there is no document.

use crate::pvh::StartError;
use core::fmt;

/// Why there is no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The machine was not started by the PVH entry, or its map cannot be read.
    Start(StartError),
    /// The machine gives no document.
    Probe(caps_acpi::Error),
    /// The document cannot be written.
    Sink(E),
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => error.fmt(f),
            Self::Probe(error) => error.fmt(f),
            Self::Sink(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Error<E> {}

impl<E> From<StartError> for Error<E> {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}
