//! What the registers of one processor say, before a model is chosen.
use crate::source::CpuidSource;
use crate::tables::{HLE, RTM};
use crate::x86::probe::Probe;
use crate::x86::register::gather;
use crate::x86::{Feature, FeatureSet, Signature, Vendor};

/// Vendor, signature and features of a processor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuData {
    /// From leaf 0; `None` if libvirt has no name for it.
    pub vendor: Option<Vendor>,
    /// From leaf 1.
    pub signature: Signature,
    /// Every feature whose bit is set.
    pub features: FeatureSet,
}

impl CpuData {
    /// Everything that the table knows a place for: how libvirt decodes saved data.
    pub fn as_given<S: CpuidSource + ?Sized>(source: &S) -> Self {
        Self {
            vendor: Vendor::from_leaf_0(source.cpuid(0, 0)),
            signature: Signature::from_eax(source.cpuid(1, 0).eax),
            features: gather(|at| at.read(source)),
        }
    }

    /// Only what libvirt reads on a live host: the at most 21 leaves that matter, each once, then the MSRs.
    ///
    /// Some features have a place that libvirt never reads there (0x1e.1, 0x24.1, 0xc0000001): they do not appear.
    pub fn as_probed<S: CpuidSource + ?Sized>(source: &S) -> Self {
        let mut probe = Probe::new(source);
        let (vendor, signature) = (probe.vendor(), probe.signature());
        Self { vendor, signature, features: gather(|at| probe.read(at)) }
    }

    /// Without the features that libvirt ignores on this processor: hle and rtm where TSX is broken.
    #[must_use]
    pub fn without_broken(mut self) -> Self {
        if self.vendor.is_some_and(Vendor::is_intel) && self.signature.has_broken_tsx() {
            self.features.remove(Feature::known(HLE));
            self.features.remove(Feature::known(RTM));
        }
        self
    }
}
