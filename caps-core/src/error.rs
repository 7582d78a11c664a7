//! What can go wrong while a document is built: it does not fit.

use core::fmt;

/// A table of the document. [`Full`] names the first one that did not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Table {
    /// Names, paths and labels.
    Text,
    /// `<cpu><pages>`: page sizes of the host.
    PageSizes,
    /// `<cpu><feature>`: CPU features of the host.
    CpuFeatures,
    /// `<cell>`: NUMA cells, their page pools, distances and memory side caches.
    Cells,
    /// `<cpus><cpu>`: CPUs of the cells.
    Cpus,
    /// `<interconnects>`: latencies and bandwidths between cells.
    Interconnects,
    /// `<bank>`: cache banks.
    Banks,
    /// `<bank><control>`: cache allocation per level and kind.
    Controls,
    /// `<monitor><feature>`: features of a monitor.
    Monitors,
    /// `<guest>`: guests with their domains.
    Guests,
    /// `<machine>`: machines of a guest or domain.
    Machines,
    /// Working space that is given back before the document is finished.
    Scratch,
}

impl Table {
    /// The name of the table in one or two words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::PageSizes => "page sizes",
            Self::CpuFeatures => "CPU features",
            Self::Cells => "cells",
            Self::Cpus => "CPUs",
            Self::Interconnects => "interconnects",
            Self::Banks => "cache banks",
            Self::Controls => "cache controls",
            Self::Monitors => "monitors",
            Self::Guests => "guests",
            Self::Machines => "machines",
            Self::Scratch => "scratch",
        }
    }
}

/// The storage is too small for the document.
///
/// Building goes on counting past the end, so [`needed`](Self::needed) is the size of the whole document, not of the
/// part that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Full {
    /// The first table that did not fit.
    pub table: Table,
    /// Bytes of storage that suffice for this document.
    pub needed: usize,
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "storage full at {}: {} bytes needed", self.table.name(), self.needed)
    }
}

impl core::error::Error for Full {}
