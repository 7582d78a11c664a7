//! The host's CPU as a definition, and libvirt's sentences of incompatibility.

use core::fmt;

use caps_core::{Arch, Caps};
use caps_cpu::compare::Reason;
use caps_cpu::definition::Definition;
use caps_cpu::x86::FeatureSet;

use super::{Cpu, Name};

/// Returns the `<cpu>` of a capabilities document as a definition to compare with.
pub fn host_definition<'c>(caps: &Caps<'c>) -> Definition<'c> {
    let mut definition = Definition::of_host(caps.arch().map_or("", Arch::name));
    if let Some(cpu) = caps.cpu() {
        definition.model = cpu.model;
        definition.vendor = cpu.vendor;
    }
    for name in caps.cpu_features().filter_map(|name| core::str::from_utf8(name).ok()) {
        // The document has each feature once.
        let _ = definition.feature(name, None);
    }
    definition
}

/// Reason why a host cannot run a CPU. Displays as libvirt's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incompatibility(Why);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    UnknownHost,
    Arch(Option<Arch>),
    Vendor(Option<Name>),
    /// Features that are in the way, after these words.
    Features(&'static str, FeatureSet),
}

impl Cpu {
    /// Returns the reason with the names of this CPU.
    pub const fn incompatibility(&self, reason: Reason) -> Incompatibility {
        Incompatibility(match reason {
            Reason::UnknownHost => Why::UnknownHost,
            Reason::Arch => Why::Arch(self.arch),
            Reason::Vendor => Why::Vendor(self.vendor),
            Reason::Forbidden(set) => Why::Features("Host CPU provides forbidden features: ", set),
            Reason::Missing(set) => {
                Why::Features("Host CPU does not provide required features: ", set)
            }
            Reason::Excess(set) => {
                Why::Features("Host CPU does not strictly match guest CPU: Extra features: ", set)
            }
        })
    }
}

impl fmt::Display for Incompatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::UnknownHost => f.write_str("unknown host CPU"),
            Why::Arch(arch) => {
                let arch = arch.map_or("", Arch::name);
                write!(f, "CPU arch {arch} does not match host arch")
            }
            Why::Vendor(vendor) => {
                f.write_str("host CPU vendor does not match required CPU vendor ")?;
                vendor.map_or(Ok(()), |vendor| vendor.fmt(f))
            }
            Why::Features(words, set) => write!(f, "{words}{set}"),
        }
    }
}
