//! Where registers come from: a processor, a dump, a closure of a test.

/// The four registers that one CPUID leaf and subleaf answers with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Registers {
    /// EAX.
    pub eax: u32,
    /// EBX.
    pub ebx: u32,
    /// ECX.
    pub ecx: u32,
    /// EDX.
    pub edx: u32,
}

impl Registers {
    /// A 64-bit MSR as libvirt stores it: the low half in EAX, the high half in EDX.
    #[must_use]
    pub const fn from_msr(value: u64) -> Self {
        Self { eax: value as u32, ebx: 0, ecx: 0, edx: (value >> 32) as u32 }
    }

    /// All bits that either has: how libvirt joins what is recorded twice.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            eax: self.eax | other.eax,
            ebx: self.ebx | other.ebx,
            ecx: self.ecx | other.ecx,
            edx: self.edx | other.edx,
        }
    }
}

/// Answers CPUID, and MSRs where it can. A closure `Fn(leaf, subleaf) -> Registers` is a source without MSRs.
pub trait CpuidSource {
    /// The registers of `leaf` (EAX in) and `subleaf` (ECX in); zeros for what is not there.
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Registers;

    /// The MSR `index`; `None` where it does not exist or cannot be read.
    fn msr(&self, index: u32) -> Option<u64> {
        let _ = index;
        None
    }

    /// Returns the first failure since the last call that left an MSR unread although it may exist. Without one, what was
    /// answered is all there is.
    fn take_failure(&self) -> Option<SourceFailure> {
        None
    }
}

/// A failure of the operating system's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceFailure {
    /// What was called, as a file is named.
    pub source: &'static str,
    /// The operating system's error number.
    pub errno: u16,
}

impl<F: Fn(u32, u32) -> Registers> CpuidSource for F {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Registers {
        self(leaf, subleaf)
    }
}
