//! What a live host is asked, as far as it can change the answer.
use crate::source::{CpuidSource, Registers};
use crate::x86::register::Source;
use crate::x86::walk::{EXTENDED, SGX, last_leaf};
use crate::x86::{Signature, Vendor};

/// A reader that asks `source` only what libvirt would, and nothing twice.
pub(crate) struct Probe<'a, S: ?Sized> {
    source: &'a S,
    leaf_0: Registers,
    leaf_1: Registers,
    leaf_7: Registers,
    extended: u32,
}

impl<'a, S: CpuidSource + ?Sized> Probe<'a, S> {
    pub(crate) fn new(source: &'a S) -> Self {
        let leaf_0 = source.cpuid(0, 0);
        let extended = source.cpuid(EXTENDED, 0).eax;
        let mut probe = Self {
            source,
            leaf_0,
            leaf_1: Registers::default(),
            leaf_7: Registers::default(),
            extended,
        };
        probe.leaf_1 = probe.leaf(1);
        probe.leaf_7 = probe.leaf(7);
        probe
    }

    pub(crate) fn vendor(&self) -> Option<Vendor> {
        Vendor::from_leaf_0(self.leaf_0)
    }

    pub(crate) fn signature(&self) -> Signature {
        Signature::from_eax(self.leaf_1.eax)
    }

    pub(crate) fn read(&mut self, at: Source) -> Registers {
        match at {
            Source::Cpuid { leaf: 1, subleaf: 0 } => self.leaf_1,
            Source::Cpuid { leaf: 7, subleaf: 0 } => self.leaf_7,
            Source::Cpuid { leaf, subleaf } if !self.reads(leaf, subleaf) => Registers::default(),
            Source::Cpuid { .. } | Source::Msr { .. } => at.read(self.source),
        }
    }

    /// Whether libvirt reads and keeps this subleaf.
    fn reads(&self, leaf: u32, subleaf: u8) -> bool {
        let further = match leaf {
            7 => u32::from(subleaf) <= self.leaf_7.eax,
            0xd => subleaf == 1,
            0xf => self.has(leaf) && self.source.cpuid(leaf, 0).edx >> subleaf & 1 == 1,
            0x12 => self.leaf_7.ebx & SGX != 0,
            _ => subleaf == 0,
        };
        further && self.has(leaf)
    }

    fn has(&self, leaf: u32) -> bool {
        let (base, max) =
            if leaf < EXTENDED { (0, self.leaf_0.eax) } else { (EXTENDED, self.extended) };
        last_leaf(base, max).is_some_and(|last| leaf <= last)
    }

    fn leaf(&self, leaf: u32) -> Registers {
        if self.has(leaf) { self.source.cpuid(leaf, 0) } else { Registers::default() }
    }
}
