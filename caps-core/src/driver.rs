//! What the driver decides about every domain of the host, beside the document itself.

use crate::flags::Flags;
use crate::mac::MacPrefix;

/// Configuration of the driver that a document is made for.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Driver<'a> {
    /// First bytes of generated MAC addresses.
    pub mac_prefix: MacPrefix,
    /// Whether QEMU may guess the format of a disk. Off by default: a guest could write the header of another format.
    pub allow_disk_format_probing: bool,
    /// [`Flags::EMULATOR_REQUIRED`], [`Flags::WIDE_SCSI`] and the migration flags of the driver.
    pub flags: Flags,
    /// What a `<console>` without a target type is.
    pub console_target: ConsoleTarget,
    /// Path of the init of containers; none for QEMU.
    pub init_path: Option<&'a [u8]>,
}

impl Driver<'_> {
    /// The QEMU driver with its defaults.
    pub const QEMU: Self = Self {
        mac_prefix: MacPrefix::QEMU,
        allow_disk_format_probing: false,
        flags: Flags::EMULATOR_REQUIRED
            .with(Flags::MIGRATE_OFFLINE, true)
            .with(Flags::MIGRATE_LIVE, true),
        console_target: ConsoleTarget::Serial,
        init_path: None,
    };
}

impl Default for Driver<'_> {
    fn default() -> Self {
        Self::QEMU
    }
}

/// Defaults of `<driver name='' type=''>` of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DiskDriver {
    /// `name`
    pub name: &'static str,
    /// `type`
    pub format: &'static str,
}

impl DiskDriver {
    /// `qemu` and `raw`.
    pub const RAW: Self = Self { name: "qemu", format: "raw" };
}

/// What kind of device a console is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConsoleTarget {
    /// A serial port.
    #[default]
    Serial,
    /// A paravirtual console of Xen.
    Xen,
    /// A user-mode Linux console.
    Uml,
    /// A virtio console.
    Virtio,
}
