//! Who made the processor.
use core::fmt;

use crate::source::Registers;
use crate::tables::{VENDOR_IDS, VENDORS};

/// A vendor that libvirt has a name for. Others count as unknown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vendor(u8);

/// The registers of leaf 0 that say the vendor's twelve letters.
#[derive(Debug)]
pub(crate) struct VendorRow {
    pub(crate) ebx: u32,
    pub(crate) ecx: u32,
    pub(crate) edx: u32,
}

impl VendorRow {
    /// libvirt asks whether all bits are set, not whether the letters are equal.
    fn is_within(&self, leaf: Registers) -> bool {
        self.ebx & !leaf.ebx == 0 && self.ecx & !leaf.ecx == 0 && self.edx & !leaf.edx == 0
    }
}

impl Vendor {
    /// The vendor that leaf 0 names.
    #[must_use]
    pub fn from_leaf_0(leaf: Registers) -> Option<Self> {
        VENDOR_IDS.iter().position(|row| row.is_within(leaf)).and_then(Self::from_index)
    }

    /// The vendor that libvirt calls `name`, such as `Intel`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        VENDORS.position(name).and_then(Self::from_index)
    }

    /// libvirt's name: `<vendor>`. One holds a blank.
    #[must_use]
    pub fn name(self) -> &'static str {
        VENDORS.name(self.0.into())
    }

    pub(crate) fn is_intel(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn from_index(index: usize) -> Option<Self> {
        (index < VENDORS.len()).then(|| u8::try_from(index).ok().map(Self))?
    }
}

impl fmt::Debug for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_is_contained_wins() {
        let leaf = |ebx, edx, ecx| Registers { eax: 0xd, ebx, ecx, edx };
        let vendor = Vendor::from_leaf_0(leaf(0x756e_6547, 0x4965_6e69, 0x6c65_746e)).unwrap();
        assert!(vendor.is_intel() && vendor.name() == "Intel");
        assert_eq!(Vendor::from_leaf_0(leaf(u32::MAX, u32::MAX, u32::MAX)), Some(vendor));
        assert_eq!(Vendor::from_leaf_0(Registers::default()), None);
    }

    #[test]
    fn names_lead_back() {
        let name = "Zhaoxin CentaurHauls";
        assert_eq!(Vendor::by_name(name).map(Vendor::name), Some(name));
        assert_eq!(Vendor::by_name("VIA"), None);
    }
}
