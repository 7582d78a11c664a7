//! A feature: its name and the bit it stands for.
use core::fmt;

use crate::tables::{FEATURES, INVTSC, REGISTERS, XSAVES};
use crate::x86::register::{Register, RegisterRow, Source};

/// One of the features that libvirt 12.8.0 knows; ordered as libvirt prints them in `<feature name=''/>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Feature(u16);

impl Feature {
    /// How many there are.
    pub const COUNT: usize = FEATURES.len();

    /// The feature at `index` of the table.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        let index = u16::try_from(index).ok()?;
        (usize::from(index) < Self::COUNT).then_some(Self(index))
    }

    /// The feature that libvirt calls `name`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        FEATURES.position(name).and_then(Self::from_index)
    }

    /// All, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).filter_map(Self::from_index)
    }

    /// For constants of the table, known to be within it.
    pub(crate) const fn known(index: u16) -> Self {
        Self(index)
    }

    /// Place in the table, from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// libvirt's name, such as `sse4.1`.
    #[must_use]
    pub fn name(self) -> &'static str {
        FEATURES.name(self.index())
    }

    /// Whether a guest that has it can be moved to another host. Only `xsaves` and `invtsc` cannot.
    #[must_use]
    pub const fn migratable(self) -> bool {
        !matches!(self.0, XSAVES | INVTSC)
    }

    /// The bit that is set where the feature is present.
    #[must_use]
    pub fn origin(self) -> Origin {
        let after = REGISTERS.partition_point(|row| row.first <= self.0);
        let row = after.checked_sub(1).and_then(|at| REGISTERS.get(at)).unwrap_or(&REGISTERS[0]);
        Origin { source: row.source, register: row.register, bit: self.bit(row) }
    }

    fn bit(self, row: &RegisterRow) -> u8 {
        let lower = (row.first..self.0).fold(row.mask, |mask, _| mask & mask.wrapping_sub(1));
        lower.trailing_zeros() as u8
    }
}

impl fmt::Debug for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a feature is seen: a bit of a register of a leaf, or of a half of an MSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The leaf or MSR.
    pub source: Source,
    /// The register; of an MSR `Eax` is the low half, `Edx` the high half.
    pub register: Register,
    /// Bit of that register, 0 to 31.
    pub bit: u8,
}

impl Origin {
    /// The bit within the 64 bits of the MSR; of a leaf the same as `bit`.
    #[must_use]
    pub const fn wide_bit(self) -> u8 {
        match (self.source, self.register) {
            (Source::Msr { .. }, Register::Edx) => self.bit + 32,
            _ => self.bit,
        }
    }
}

/// `0x7.0 ebx[5]` of CPUID, `MSR 0x10a[33]` with the bit of the whole MSR.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source {
            Source::Cpuid { leaf, subleaf } => {
                write!(f, "{leaf:#x}.{subleaf} {}[{}]", self.register.name(), self.bit)
            }
            Source::Msr { index } => write!(f, "MSR {index:#x}[{}]", self.wide_bit()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn names_lead_back_to_features() {
        for feature in Feature::all() {
            assert_eq!(Feature::by_name(feature.name()), Some(feature));
        }
        assert_eq!(Feature::all().count(), FEATURES.len());
        assert_eq!(Feature::by_name(""), None);
    }

    #[test]
    fn origins_name_the_bit() {
        let origin = |name| Feature::by_name(name).unwrap().origin().to_string();
        assert_eq!(origin("avx2"), "0x7.0 ebx[5]");
        assert_eq!(origin("pni"), "0x1.0 ecx[0]");
        assert_eq!(origin("rdctl-no"), "MSR 0x10a[0]");
        assert_eq!(origin("its-no"), "MSR 0x10a[62]");
    }
}
