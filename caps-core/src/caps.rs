//! A finished document, for reading.

use crate::arch::Arch;
use crate::driver::{ConsoleTarget, DiskDriver};
use crate::flags::Flags;
use crate::mac::MacPrefix;
use crate::model::*;
use crate::pool::Span;
use crate::uuid::Uuid;

/// The capabilities of a host: a small head by value, everything else in the storage that it was built in.
#[derive(Clone, Debug)]
pub struct Caps<'s> {
    pub(crate) bytes: &'s [u8],
    pub(crate) head: Head,
}

/// What a document has once. The rest are spans of the storage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    pub(crate) arch: Option<Arch>,
    pub(crate) uuid: Option<Uuid>,
    pub(crate) flags: Flags,
    pub(crate) cpu: Option<CpuHead>,
    pub(crate) page_sizes: Span,
    pub(crate) transports: heapless::Vec<Transport, MAX_TRANSPORTS, u8>,
    pub(crate) topology: Option<TopologyHead>,
    pub(crate) cache: CacheHead,
    pub(crate) secmodels: heapless::Vec<SecModelHead, MAX_SECMODELS, u8>,
    pub(crate) guests: Span,
    pub(crate) mac_prefix: MacPrefix,
    pub(crate) disk_driver: Option<DiskDriver>,
    pub(crate) console_target: ConsoleTarget,
    pub(crate) init_path: Option<Span>,
}

impl<'s> Caps<'s> {
    /// Bytes of storage that the document takes.
    pub const fn stored_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// `<cpu><arch>`; `None` for a machine that libvirt does not know.
    pub const fn arch(&self) -> Option<Arch> {
        self.head.arch
    }

    /// `<uuid>`, if it is one that is printed.
    pub fn uuid(&self) -> Option<Uuid> {
        self.head.uuid.filter(Uuid::is_valid)
    }

    /// The one-bit facts: power management, IOMMU, migration, and the driver's.
    pub const fn flags(&self) -> Flags {
        self.head.flags
    }

    /// `<cpu>`, all but `<arch>`, `<feature>` and `<pages>`.
    pub fn cpu(&self) -> Option<HostCpu<'s>> {
        self.head.cpu.map(|cpu| cpu.view(self.bytes))
    }

    /// `<cpu><feature name=''>`, in the order of printing.
    pub fn cpu_features(&self) -> Names<'s> {
        Names::new(self.head.cpu.map_or(Span::EMPTY, |cpu| cpu.features).of(self.bytes))
    }

    /// `<cpu><pages unit='KiB' size=''>`: page sizes of the host in KiB, ascending.
    pub fn page_sizes(&self) -> impl Iterator<Item = u64> + 's {
        let (rows, _) = self.head.page_sizes.of(self.bytes).as_chunks();
        rows.iter().map(|row| u64::from_be_bytes(*row))
    }

    /// `<uri_transport>`s.
    pub fn transports(&self) -> &[Transport] {
        &self.head.transports
    }

    /// Number of cells, or `None` where the host has no `<topology>` at all.
    pub const fn cell_count(&self) -> Option<u32> {
        match self.head.topology {
            Some(topology) => Some(topology.cell_count),
            None => None,
        }
    }

    /// `<cell>`s, ascending by node.
    pub fn cells(&self) -> Cells<'s> {
        Cells::new(self.head.topology.unwrap_or_default().cells.of(self.bytes))
    }

    /// `<interconnects>`.
    pub fn interconnects(&self) -> Interconnects<'s> {
        Interconnects::new(self.head.topology.unwrap_or_default().interconnects.of(self.bytes))
    }

    /// `<bank>`s, by level and id.
    pub fn banks(&self) -> Banks<'s> {
        Banks::new(self.bytes, self.head.cache.index)
    }

    /// `<control>`s of each bank of `level`.
    pub fn controls(&self, level: u32) -> Controls<'s> {
        Controls::new(self.head.cache.controls.of(self.bytes), level)
    }

    /// `<cache><monitor>`
    pub fn cache_monitor(&self) -> Option<Monitor<'s>> {
        self.head.cache.cache_monitor.map(|monitor| monitor.view(self.bytes))
    }

    /// `<memory_bandwidth><node><control>`, the same for every node.
    pub const fn bandwidth_control(&self) -> Option<BandwidthControl> {
        self.head.cache.bandwidth
    }

    /// `<memory_bandwidth><node>`s: the banks of the highest level, if bandwidth can be controlled.
    pub fn bandwidth_nodes(&self) -> impl Iterator<Item = Bank<'s>> {
        let top_level = self.head.cache.bandwidth.map(|_| self.head.cache.top_level);
        self.banks().filter(move |bank| Some(bank.level) == top_level)
    }

    /// `<memory_bandwidth><monitor>`
    pub fn bandwidth_monitor(&self) -> Option<Monitor<'s>> {
        self.head.cache.bandwidth_monitor.map(|monitor| monitor.view(self.bytes))
    }

    /// `<energy><monitor>`
    pub fn energy_monitor(&self) -> Option<Monitor<'s>> {
        self.head.cache.energy_monitor.map(|monitor| monitor.view(self.bytes))
    }

    /// `<secmodel>`s, in stack order.
    pub fn secmodels(&self) -> impl ExactSizeIterator<Item = SecModel<'s>> {
        self.head.secmodels.iter().map(|model| model.view(self.bytes))
    }

    /// `<guest>`s.
    pub fn guests(&self) -> Guests<'s> {
        Guests::new(self.head.guests.of(self.bytes))
    }

    /// First bytes of generated MAC addresses.
    pub const fn mac_prefix(&self) -> MacPrefix {
        self.head.mac_prefix
    }

    /// Default of a disk's `<driver>`; `None` where QEMU may guess the format.
    pub const fn disk_driver(&self) -> Option<DiskDriver> {
        self.head.disk_driver
    }

    /// What a `<console>` without a target type is.
    pub const fn console_target(&self) -> ConsoleTarget {
        self.head.console_target
    }

    /// Path of the init of containers.
    pub fn init_path(&self) -> Option<&'s [u8]> {
        self.head.init_path.map(|path| path.of(self.bytes))
    }

    /// Machines that still hold for an emulator: those of a guest of the same system, architecture and word size, in which a
    /// domain (first) or the guest itself has the same emulator with the same known modification time.
    pub fn machines_for(&self, wanted: &Guest<'_>) -> Option<Machines<'s>> {
        let alike = |guest: &Guest<'_>| {
            (guest.os_type, guest.arch, guest.word_bits)
                == (wanted.os_type, wanted.arch, wanted.word_bits)
        };
        self.guests()
            .filter(|entry| alike(&entry.guest))
            .find_map(|entry| entry.machines_of(wanted.emulator, wanted.emulator_mtime))
    }
}

impl<'s> GuestEntry<'s> {
    fn machines_of(&self, emulator: &[u8], mtime: i64) -> Option<Machines<'s>> {
        let own = (Some(self.guest.emulator), self.guest.emulator_mtime, self.machines);
        let domains = self
            .domains
            .clone()
            .map(|entry| (entry.domain.emulator, entry.domain.emulator_mtime, entry.machines));
        let mut all = domains.chain([own]);
        let found = all.find(|(path, recorded, machines)| {
            *path == Some(emulator) && *recorded == mtime && mtime != 0 && !machines.is_empty()
        });
        found.map(|(_, _, machines)| machines)
    }
}
