//! `<cpu>` elements of documents, as definitions to compare and to make a baseline of.
//!
//! ```text
//! file ──> Input ──> documents ──> Cpu ──> Definition ──> compare, baseline
//!          (bytes)   (find them)   (read)  (caps-cpu)
//! ```

mod documents;
mod element;

pub(crate) use documents::{cpus, first_cpu};

use caps_cpu::definition::{Definition, Role};
use caps_cpu::x86::Policy;
use caps_xml::read::Position;

/// A `<cpu>` element that was read and found to be in order; whether the names in it are known shows where they are used.
#[derive(Debug)]
pub(crate) struct Cpu {
    /// Where its start tag stands.
    pub(crate) place: Position,
    /// Whose it is.
    pub(crate) role: Role,
    /// `<arch>` of a host.
    pub(crate) arch: Option<String>,
    /// `<vendor>`.
    pub(crate) vendor: Option<String>,
    model: Option<String>,
    /// Names differ.
    features: Vec<(String, Option<Policy>)>,
}

impl Cpu {
    /// The same in the words of caps-cpu.
    pub(crate) fn definition(&self) -> Definition<'_> {
        let mut definition = Definition::new(self.role);
        definition.model = self.model.as_deref();
        definition.vendor = self.vendor.as_deref();
        for (name, policy) in &self.features {
            // Names that stand twice were refused when they were read.
            let _ = definition.feature(name, *policy);
        }
        definition
    }

    /// Whether it is of a host whose processor is no x86.
    pub(crate) fn is_foreign(&self) -> bool {
        self.role == Role::Host { x86: false }
    }
}
