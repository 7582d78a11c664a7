//! `<cpu>` elements of files.
//!
//! ```text
//! file ──> Input ──> documents ──> Cpu ──> Definition ──> compare, baseline
//!          (bytes)   (find them)   (caps-xml)  (caps-cpu)
//! ```

mod documents;

pub(crate) use documents::{cpus, first_cpu};

use caps_xml::cpu::Cpu;
use caps_xml::read::Position;

/// A `<cpu>` element that libvirt accepts, and the position of its start tag.
#[derive(Debug)]
pub(crate) struct PlacedCpu {
    pub(crate) place: Position,
    pub(crate) cpu: Cpu,
}
