//! The host CPU: `<cpu>`.

use crate::pool::Span;

/// The host CPU, all but its features. Without one, `<cpu>` holds `<arch>` and `<pages>` alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HostCpu<'a> {
    /// `<model>`, `None` where no model fits.
    pub model: Option<&'a str>,
    /// `<vendor>`, `None` where it is unknown.
    pub vendor: Option<&'a str>,
    /// `<microcode version=''>` from `/proc/cpuinfo`; 0 is not printed.
    pub microcode: u32,
    /// `<signature>`, x86 only, `None` where no model fits.
    pub signature: Option<Signature>,
    /// `<counter>`, x86 with an invariant TSC and a usable `/dev/kvm`.
    pub counter: Option<TscCounter>,
    /// `<topology>`.
    pub topology: CpuTopology,
    /// `<maxphysaddr bits=''>` from `/proc/cpuinfo`, in bits.
    pub maxphysaddr_bits: Option<u32>,
}

/// CPUID leaf 1, EAX, taken apart: `<signature family='' model='' stepping=''/>`. Family 0 is not printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Signature {
    /// Base plus extended family, 0 to 270.
    pub family: u16,
    /// Extended and base model, 0 to 255.
    pub model: u8,
    /// Stepping, 0 to 15.
    pub stepping: u8,
}

/// `<counter name='tsc' frequency='' scaling=''/>`, from KVM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TscCounter {
    /// `KVM_GET_TSC_KHZ` times 1000, in Hz.
    pub frequency_hz: u64,
    /// `KVM_CAP_TSC_CONTROL`: whether guests may have another frequency.
    pub scaling: bool,
}

/// `<topology sockets='' dies='1' clusters='1' cores='' threads=''/>`. Dies and clusters are constants of libvirt's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CpuTopology {
    /// Sockets of a NUMA node, not of the host.
    pub sockets: u32,
    /// Cores of a socket.
    pub cores: u32,
    /// Threads of a core.
    pub threads: u32,
}

/// The host CPU as a finished document holds it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CpuHead {
    pub(crate) model: Option<Span>,
    pub(crate) vendor: Option<Span>,
    pub(crate) features: Span,
    pub(crate) microcode: u32,
    pub(crate) signature: Option<Signature>,
    pub(crate) counter: Option<TscCounter>,
    pub(crate) topology: CpuTopology,
    pub(crate) maxphysaddr_bits: Option<u32>,
}

impl CpuHead {
    pub(crate) fn view<'a>(&self, bytes: &'a [u8]) -> HostCpu<'a> {
        let text = |span: Span| core::str::from_utf8(span.of(bytes)).ok();
        HostCpu {
            model: self.model.and_then(text),
            vendor: self.vendor.and_then(text),
            microcode: self.microcode,
            signature: self.signature,
            counter: self.counter,
            topology: self.topology,
            maxphysaddr_bits: self.maxphysaddr_bits,
        }
    }
}
