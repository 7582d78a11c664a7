//! Which register of which leaf or MSR holds which features.
use crate::source::{CpuidSource, Registers};
use crate::tables::REGISTERS;
use crate::x86::FeatureSet;

/// A CPUID output register. Of an MSR, `Eax` is the low half and `Edx` the high one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Register {
    /// EAX.
    Eax,
    /// EBX.
    Ebx,
    /// ECX.
    Ecx,
    /// EDX.
    Edx,
}

impl Register {
    /// The value of this register.
    #[must_use]
    pub const fn of(self, registers: Registers) -> u32 {
        match self {
            Self::Eax => registers.eax,
            Self::Ebx => registers.ebx,
            Self::Ecx => registers.ecx,
            Self::Edx => registers.edx,
        }
    }

    /// `eax`, `ebx`, `ecx` or `edx`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eax => "eax",
            Self::Ebx => "ebx",
            Self::Ecx => "ecx",
            Self::Edx => "edx",
        }
    }
}

/// What is read at once: a subleaf of CPUID or an MSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// CPUID with `leaf` in EAX and `subleaf` in ECX.
    Cpuid {
        /// EAX in.
        leaf: u32,
        /// ECX in.
        subleaf: u8,
    },
    /// A model-specific register.
    Msr {
        /// ECX of RDMSR.
        index: u32,
    },
}

impl Source {
    /// All that holds features, in the order of the table; MSRs stand last, in the order libvirt reads them.
    pub fn all() -> impl Iterator<Item = Self> {
        let mut last = None;
        REGISTERS
            .iter()
            .map(|row| row.source)
            .filter(move |&source| last.replace(source) != Some(source))
    }

    /// What `source` has here, zeros where there is nothing.
    pub fn read<S: CpuidSource + ?Sized>(self, source: &S) -> Registers {
        match self {
            Self::Cpuid { leaf, subleaf } => source.cpuid(leaf, subleaf.into()),
            Self::Msr { index } => Registers::from_msr(source.msr(index).unwrap_or_default()),
        }
    }
}

/// The features of one register: `first` is that of the lowest bit of `mask`, the next bit has the next feature.
#[derive(Debug)]
pub(crate) struct RegisterRow {
    pub(crate) source: Source,
    pub(crate) register: Register,
    pub(crate) first: u16,
    pub(crate) mask: u32,
}

/// The features whose bits are set, with each source read once, in the order of the table.
pub(crate) fn gather(mut read: impl FnMut(Source) -> Registers) -> FeatureSet {
    let mut features = FeatureSet::EMPTY;
    let mut held: Option<(Source, Registers)> = None;
    for row in &REGISTERS {
        let registers = match held {
            Some((source, registers)) if source == row.source => registers,
            _ => read(row.source),
        };
        held = Some((row.source, registers));
        let present = row.register.of(registers) & row.mask;
        if present != 0 {
            features.insert_run(row.first, squeeze(present, row.mask));
        }
    }
    features
}

/// The bits of `value` at the places of `mask`, moved together (PEXT), a run of ones of the mask at a time.
fn squeeze(value: u32, mut mask: u32) -> u32 {
    let (mut squeezed, mut filled) = (0, 0);
    while mask != 0 {
        let start = mask.trailing_zeros();
        let run = (mask >> start).trailing_ones();
        let ones = u32::MAX >> (32 - run);
        squeezed |= ((value >> start) & ones) << filled;
        filled += run;
        mask &= !(ones << start);
    }
    squeezed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squeezing_keeps_the_order_of_bits() {
        assert_eq!(squeeze(0b1010_0100, 0b1111_0100), 0b10101);
        assert_eq!(squeeze(u32::MAX, u32::MAX), u32::MAX);
        assert_eq!(squeeze(1 << 31, 1 << 31 | 1), 0b10);
        assert_eq!(squeeze(u32::MAX, 0), 0);
    }

    #[test]
    fn each_source_is_listed_once() {
        assert_eq!(Source::all().count(), 32);
        assert_eq!(Source::all().filter(|source| matches!(source, Source::Msr { .. })).count(), 11);
    }

    #[test]
    fn each_source_is_read_once() {
        let mut reads = 0;
        let all = gather(|_| {
            reads += 1;
            Registers { eax: u32::MAX, ebx: u32::MAX, ecx: u32::MAX, edx: u32::MAX }
        });
        assert_eq!((reads, all), (32, FeatureSet::ALL));
    }
}
