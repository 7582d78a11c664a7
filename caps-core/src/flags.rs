//! The one-bit facts of a document.

use core::ops::{BitOr, BitOrAssign};

/// A set of documented bits. Unknown bits are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Flags(u32);

impl Flags {
    /// A domain must name its emulator; the domain parser fills in the default one. Set by the QEMU driver.
    pub const EMULATOR_REQUIRED: Self = Self(1 << 0);
    /// The SCSI bus of a guest has 16 instead of 8 ids. Set by drivers of VMware's kind.
    pub const WIDE_SCSI: Self = Self(1 << 1);
    /// `<migration_features>` is printed.
    pub const MIGRATE_OFFLINE: Self = Self(1 << 2);
    /// `<migration_features><live/>`.
    pub const MIGRATE_LIVE: Self = Self(1 << 3);
    /// `<iommu support='yes'/>`: `/sys/kernel/iommu_groups` has an entry.
    pub const IOMMU: Self = Self(1 << 4);
    /// `<suspend_mem/>`: logind's `CanSuspend`.
    pub const SUSPEND_MEM: Self = Self(1 << 5);
    /// `<suspend_disk/>`: logind's `CanHibernate`.
    pub const SUSPEND_DISK: Self = Self(1 << 6);
    /// `<suspend_hybrid/>`: logind's `CanHybridSleep`.
    pub const SUSPEND_HYBRID: Self = Self(1 << 7);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These bits, and those of `other` if `on`.
    #[must_use]
    pub const fn with(self, other: Self, on: bool) -> Self {
        if on { Self(self.0 | other.0) } else { Self(self.0 & !other.0) }
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
