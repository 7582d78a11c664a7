//! `<cpu>` elements of documents, as definitions to compare and to make a baseline of.
//!
//! libvirt parses the whole element before it compares anything, so a fault in a part that does not matter for the comparison
//! is refused as well, in libvirt's words:
//!
//! ```
//! use caps_xml::cpu::{Cpu, Expected};
//!
//! let cpu = Cpu::read_document(b"<cpu><model>Westmere</model><cache mode='none'/></cpu>", Expected::Any);
//! assert_eq!(
//!     cpu.unwrap_err().refusal.to_string(),
//!     "XML error: Invalid value for attribute 'mode' in element 'cache': 'none'."
//! );
//! ```

mod attribute;
mod baseline;
mod element;
mod features;
mod name;
mod refusal;
mod relation;

pub use baseline::{Baseline, BaselineBuilder};
pub use features::MAX_UNKNOWN;
pub use name::{MAX_NAME, Name};
pub use refusal::{Class, CpuError, Message, Place, Refusal};
pub use relation::{Incompatibility, host_definition};

use caps_core::Arch;
use caps_cpu::definition::{Definition, Role};

use crate::read::{Attributes, Event, Reader};

/// Kind of CPU that a caller can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A host's if it has an `<arch>`, else a guest's: for comparing.
    Any,
    /// A host's: for baselines.
    Host,
}

/// A `<cpu>` element that libvirt accepts. Names of models, vendors and features may still be unknown.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    at: usize,
    arch: Option<Arch>,
    model: Option<Name>,
    vendor: Option<Name>,
    /// First feature that the CPU map does not have.
    unknown: Option<Name>,
    /// Role and known features.
    definition: Definition<'static>,
}

impl Cpu {
    /// Reads the element with these attributes that has just begun at byte `at`, past its end.
    ///
    /// # Errors
    /// Returns [`CpuError`] if the element is malformed or libvirt refuses it.
    pub fn read<'a>(
        reader: &mut Reader<'a>,
        attributes: Attributes<'a>,
        at: usize,
        expected: Expected,
    ) -> Result<Self, CpuError<'a>> {
        Self::read_element(reader, attributes, at, expected)
    }

    /// Reads a document that is one `<cpu>` element.
    ///
    /// # Errors
    /// Returns [`CpuError`] if the document is malformed or libvirt refuses it.
    pub fn read_document(document: &[u8], expected: Expected) -> Result<Self, CpuError<'_>> {
        // A fault of the syntax anywhere comes before any other.
        Reader::new(document)?.finish()?;
        let mut reader = Reader::new(document)?;
        while let Some(event) = reader.next_event()? {
            match event {
                Event::Start(start) if start.name == "cpu" => {
                    return Self::read(&mut reader, start.attributes, 0, expected);
                }
                Event::Start(_) => break,
                Event::Text(_) | Event::End { .. } => {}
            }
        }
        Err(Refusal::xml("XML does not contain expected 'cpu' element").at(0))
    }

    /// Returns the byte offset of the element.
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// Returns the architecture of a host; `None` for a guest's CPU.
    pub const fn arch(&self) -> Option<Arch> {
        self.arch
    }

    /// Returns the definition for caps-cpu.
    pub fn definition(&self) -> Definition<'_> {
        let mut definition: Definition<'_> = self.definition;
        definition.model = self.model.as_ref().map(Name::as_str);
        definition.vendor = self.vendor.as_ref().map(Name::as_str);
        if let Some(unknown) = &self.unknown {
            // An unknown name cannot be a duplicate.
            let _ = definition.feature(unknown.as_str(), None);
        }
        definition
    }

    /// Returns `true` for a host whose architecture is not x86.
    pub fn is_foreign(&self) -> bool {
        self.definition.role == Role::Host { x86: false }
    }
}
