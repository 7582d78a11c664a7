//! The fence: CPUID and RDMSR of the CPU that this runs on.
#![allow(unsafe_code, reason = "the only place of the library that reads MSRs")]

use caps_cpu::x86::Gated;
use caps_cpu::{CpuidSource, Registers};
use x86::cpuid::native_cpuid::cpuid_count;

/// The boot CPU. MSRs are read only where CPUID says that they exist.
#[derive(Clone, Copy, Debug)]
pub struct Processor(Gated<Raw>);

#[derive(Clone, Copy, Debug)]
struct Raw;

impl Processor {
    /// # Safety
    /// The CPU is in ring 0 as long as this is in use.
    pub const unsafe fn new() -> Self {
        Self(Gated(Raw))
    }
}

impl CpuidSource for Processor {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Registers {
        self.0.cpuid(leaf, subleaf)
    }

    fn msr(&self, index: u32) -> Option<u64> {
        self.0.msr(index)
    }
}

impl CpuidSource for Raw {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Registers {
        let answer = cpuid_count(leaf, subleaf);
        Registers { eax: answer.eax, ebx: answer.ebx, ecx: answer.ecx, edx: answer.edx }
    }

    fn msr(&self, index: u32) -> Option<u64> {
        // SAFETY: `Raw` is only asked through `Gated`, for MSRs that exist, and only in ring 0, by the contract of `new`.
        Some(unsafe { x86::msr::rdmsr(index) })
    }
}
