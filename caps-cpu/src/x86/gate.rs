//! RDMSR where no operating system catches the fault of an MSR that does not exist.
use crate::source::{CpuidSource, Registers, SourceFailure};
use crate::x86::{Signature, Vendor};

const MICROCODE: u32 = 0x8b;

const CORE_CAPABILITIES: u32 = 0xcf;
const ARCH_CAPABILITIES: u32 = 0x10a;
const VMX_BASIC: u32 = 0x480;
const VMX_PROCBASED: u32 = 0x482;
const VMX_MISC: u32 = 0x485;
const VMX_PROCBASED2: u32 = 0x48b;
const VMX_EPT_VPID: u32 = 0x48c;
const VMX_TRUE_PINBASED: u32 = 0x48d;
const VMX_TRUE_ENTRY: u32 = 0x490;
const VMX_VMFUNC: u32 = 0x491;

/// A source whose MSRs are read only if CPUID and the VMX capabilities say that they exist; all others are `None`.
#[derive(Clone, Copy, Debug)]
pub struct Gated<S>(pub S);

impl<S: CpuidSource> CpuidSource for Gated<S> {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Registers {
        self.0.cpuid(leaf, subleaf)
    }

    fn msr(&self, index: u32) -> Option<u64> {
        if self.exists(index) { self.0.msr(index) } else { None }
    }

    fn take_failure(&self) -> Option<SourceFailure> {
        self.0.take_failure()
    }
}

impl<S: CpuidSource> Gated<S> {
    fn exists(&self, index: u32) -> bool {
        match index {
            MICROCODE => self.tells_microcode(),
            CORE_CAPABILITIES => self.leaf(7).edx >> 30 & 1 == 1,
            ARCH_CAPABILITIES => self.leaf(7).edx >> 29 & 1 == 1,
            VMX_BASIC | VMX_PROCBASED | VMX_MISC => self.leaf(1).ecx >> 5 & 1 == 1,
            VMX_PROCBASED2 => self.says(VMX_PROCBASED, 1 << 63),
            VMX_EPT_VPID => self.says(VMX_PROCBASED2, 1 << 33 | 1 << 37),
            VMX_TRUE_PINBASED..=VMX_TRUE_ENTRY => self.says(VMX_BASIC, 1 << 55),
            VMX_VMFUNC => self.says(VMX_PROCBASED2, 1 << 45),
            _ => false,
        }
    }

    /// Whether the vendor and family is one that has the MSR: Intel from family 6 on, AMD and Hygon from 15 on.
    fn tells_microcode(&self) -> bool {
        let family = Signature::from_eax(self.leaf(1).eax).family;
        match Vendor::from_leaf_0(self.cpuid(0, 0)).map(Vendor::name) {
            Some("Intel") => family >= 6,
            Some("AMD" | "Hygon") => family >= 15,
            _ => false,
        }
    }

    /// Whether the MSR exists and has any of `bits`.
    fn says(&self, index: u32, bits: u64) -> bool {
        self.msr(index).is_some_and(|value| value & bits != 0)
    }

    fn leaf(&self, leaf: u32) -> Registers {
        if self.cpuid(0, 0).eax < leaf { Registers::default() } else { self.cpuid(leaf, 0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x86::Source;

    /// Leaves 1 and 7 with these bits; every MSR that is read has the value 0x480 and so on ask for, or 0.
    struct Machine {
        max: u32,
        vmx: bool,
        capabilities: bool,
        controls: u64,
    }

    impl CpuidSource for Machine {
        fn cpuid(&self, leaf: u32, _: u32) -> Registers {
            let none = Registers::default();
            match leaf {
                0 => Registers { eax: self.max, ..none },
                1 => Registers { ecx: u32::from(self.vmx) << 5, ..none },
                7 => Registers { edx: if self.capabilities { 3 << 29 } else { 0 }, ..none },
                _ => none,
            }
        }

        fn msr(&self, _: u32) -> Option<u64> {
            Some(self.controls)
        }
    }

    /// A processor with these letters and this EAX of leaf 1; every MSR that is read has a value.
    struct Made([u32; 3], u32);

    impl CpuidSource for Made {
        fn cpuid(&self, leaf: u32, _: u32) -> Registers {
            let Self([ebx, edx, ecx], signature) = *self;
            match leaf {
                0 => Registers { eax: 1, ebx, ecx, edx },
                1 => Registers { eax: signature, ..Registers::default() },
                _ => Registers::default(),
            }
        }

        fn msr(&self, _: u32) -> Option<u64> {
            Some(1)
        }
    }

    #[test]
    fn microcode_is_read_of_families_that_have_it() {
        let intel = [0x756e_6547, 0x4965_6e69, 0x6c65_746e];
        let amd = [0x6874_7541, 0x6974_6e65, 0x444d_4163];
        let microcode = |letters, eax| Gated(Made(letters, eax)).msr(MICROCODE);
        assert_eq!(microcode(intel, 0x0005_0654), Some(1));
        assert_eq!(microcode(intel, 0x0000_0543), None, "family 5");
        assert_eq!(microcode(amd, 0x0080_0f12), Some(1));
        assert_eq!(microcode(amd, 0x0000_0662), None, "family 6");
        assert_eq!(microcode([1, 2, 3], 0x0080_0f12), None, "nobody's");
    }

    fn readable(machine: Machine) -> usize {
        let gated = Gated(machine);
        Source::all()
            .filter(|at| matches!(at, Source::Msr { index } if gated.msr(*index).is_some()))
            .count()
    }

    #[test]
    fn only_what_exists_is_read() {
        let machine =
            |max, vmx, capabilities, controls| Machine { max, vmx, capabilities, controls };
        assert_eq!(readable(machine(7, false, false, u64::MAX)), 0);
        assert_eq!(readable(machine(7, false, true, u64::MAX)), 2);
        assert_eq!(readable(machine(6, false, true, u64::MAX)), 0, "leaf 7 is above the maximum");
        assert_eq!(readable(machine(7, true, true, u64::MAX)), 11);
        assert_eq!(readable(machine(7, true, true, 0)), 4, "no secondary and no true controls");
        assert_eq!(readable(machine(7, true, true, 1 << 55)), 8, "true controls");
        assert_eq!(
            readable(machine(7, true, true, 1 << 63)),
            5,
            "secondary controls without EPT, VPID, VMFUNC"
        );
    }
}
