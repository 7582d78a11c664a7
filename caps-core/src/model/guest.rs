//! Guests that the host can run: `<guest>`.

use crate::arch::Arch;
use crate::code::Cursor;
use crate::pool::Pen;

/// A kind of guest: `<guest>`, all but its machines and domains.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Guest<'a> {
    /// `<os_type>`
    pub os_type: OsType,
    /// `<arch name=''>`
    pub arch: Arch,
    /// `<wordsize>`, in bits.
    pub word_bits: u8,
    /// `<emulator>`: an absolute path, raw bytes.
    pub emulator: &'a [u8],
    /// `<loader>`: an absolute path, raw bytes.
    pub loader: Option<&'a [u8]>,
    /// Modification time of the emulator in seconds of the epoch; 0 is unknown. Not printed: it tells whether machines of an
    /// older document still hold.
    pub emulator_mtime: i64,
    /// `<features>`, in the order of printing.
    pub features: GuestFeatures,
}

/// `<features>` of a guest, in the order of printing.
pub type GuestFeatures = heapless::Vec<GuestFeature, MAX_GUEST_FEATURES, u8>;

impl<'a> Guest<'a> {
    pub(crate) fn put(&self, pen: &mut Pen<'_, '_>) {
        pen.bytes(&[
            self.os_type as u8,
            self.arch.index(),
            self.word_bits,
            self.features.len() as u8,
        ]);
        for &feature in &self.features {
            pen.u8(feature as u8);
        }
        pen.u64(self.emulator_mtime as u64);
        pen.text(self.emulator);
        pen.text(self.loader.unwrap_or(&[]));
    }

    fn read(cursor: &mut Cursor<'a>) -> Self {
        let os_type = OsType::ALL.get(usize::from(cursor.u8())).copied().unwrap_or(OsType::Hvm);
        let (arch, word_bits, count) = (Arch::from_index(cursor.u8()), cursor.u8(), cursor.u8());
        let features = features(cursor.take(count.into()));
        let (emulator_mtime, emulator, loader) =
            (cursor.u64() as i64, cursor.text(), cursor.text());
        let loader = (!loader.is_empty()).then_some(loader);
        Self { os_type, arch, word_bits, emulator, loader, emulator_mtime, features }
    }
}

/// Features by their numbers. There is room for one of each, and no more are stored.
#[inline(never)]
fn features(numbers: &[u8]) -> GuestFeatures {
    let known = numbers.iter().filter_map(|&number| GuestFeature::ALL.get(usize::from(number)));
    known.copied().take(MAX_GUEST_FEATURES).collect()
}

/// What runs inside: `<os_type>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OsType {
    /// `hvm`: an unmodified system.
    Hvm,
    /// `xen`: a paravirtualised one.
    Xen,
    /// `exe`: a container.
    Exe,
}

impl OsType {
    const ALL: [Self; 3] = [Self::Hvm, Self::Xen, Self::Exe];

    /// The word of the document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hvm => "hvm",
            Self::Xen => "xen",
            Self::Exe => "exe",
        }
    }
}

/// What runs it: `<domain type=''>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum VirtType {
    /// `qemu`: emulation.
    Qemu,
    /// `kqemu`: the accelerator of old.
    Kqemu,
    /// `kvm`
    Kvm,
    /// `hvf`
    Hvf,
    /// `hyperv`
    Hyperv,
}

impl VirtType {
    const ALL: [Self; 5] = [Self::Qemu, Self::Kqemu, Self::Kvm, Self::Hvf, Self::Hyperv];

    /// The word of the document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qemu => "qemu",
            Self::Kqemu => "kqemu",
            Self::Kvm => "kvm",
            Self::Hvf => "hvf",
            Self::Hyperv => "hyperv",
        }
    }
}

/// Most features of a guest: one of each.
pub const MAX_GUEST_FEATURES: usize = 10;

/// A feature of a guest: `<acpi default='on' toggle='yes'/>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum GuestFeature {
    /// `<pae/>`
    Pae,
    /// `<nonpae/>`
    NonPae,
    /// `<ia64_be/>`
    Ia64Be,
    /// `<acpi/>`, on by default, can be switched off.
    Acpi,
    /// `<apic/>`, always on.
    Apic,
    /// `<cpuselection/>`
    CpuSelection,
    /// `<deviceboot/>`
    DeviceBoot,
    /// `<disksnapshot/>`, always on.
    DiskSnapshot,
    /// `<hap/>`, on by default, can be switched off.
    Hap,
    /// `<externalSnapshot/>`
    ExternalSnapshot,
}

impl GuestFeature {
    const ALL: [Self; MAX_GUEST_FEATURES] = [
        Self::Pae,
        Self::NonPae,
        Self::Ia64Be,
        Self::Acpi,
        Self::Apic,
        Self::CpuSelection,
        Self::DeviceBoot,
        Self::DiskSnapshot,
        Self::Hap,
        Self::ExternalSnapshot,
    ];

    /// The element's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pae => "pae",
            Self::NonPae => "nonpae",
            Self::Ia64Be => "ia64_be",
            Self::Acpi => "acpi",
            Self::Apic => "apic",
            Self::CpuSelection => "cpuselection",
            Self::DeviceBoot => "deviceboot",
            Self::DiskSnapshot => "disksnapshot",
            Self::Hap => "hap",
            Self::ExternalSnapshot => "externalSnapshot",
        }
    }

    /// `toggle`, for those that say so. `default` is on for all of them.
    pub const fn toggle(self) -> Option<bool> {
        match self {
            Self::Acpi | Self::Hap => Some(true),
            Self::Apic | Self::DiskSnapshot => Some(false),
            _ => None,
        }
    }
}

/// A way to run a guest: `<domain type=''>`, with what it has instead of the guest's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Domain<'a> {
    /// `type`
    pub virt: VirtType,
    /// `<emulator>` of its own: an absolute path, raw bytes.
    pub emulator: Option<&'a [u8]>,
    /// As [`Guest::emulator_mtime`], of its own emulator.
    pub emulator_mtime: i64,
}

/// A machine that an emulator offers: `<machine canonical='' maxCpus='' deprecated=''>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Machine<'a> {
    /// The name or alias, raw bytes.
    pub name: &'a [u8],
    /// `canonical`: the name behind an alias.
    pub canonical: Option<&'a [u8]>,
    /// `maxCpus`, printed as a signed number; 0 is not printed.
    pub max_cpus: u32,
    /// `deprecated='yes'`
    pub deprecated: bool,
}

impl<'a> Domain<'a> {
    pub(crate) fn put(&self, pen: &mut Pen<'_, '_>) {
        pen.u8(self.virt as u8);
        pen.u64(self.emulator_mtime as u64);
        pen.text(self.emulator.unwrap_or(&[]));
    }

    fn read(cursor: &mut Cursor<'a>) -> Self {
        let virt = VirtType::ALL.get(usize::from(cursor.u8())).copied().unwrap_or(VirtType::Qemu);
        let (emulator_mtime, emulator) = (cursor.u64() as i64, cursor.text());
        Self { virt, emulator: (!emulator.is_empty()).then_some(emulator), emulator_mtime }
    }
}

/// What a machine is, in the lowest bits of its number of CPUs.
const CANONICAL: u64 = 1;
const DEPRECATED: u64 = 2;
const FLAG_BITS: u32 = 2;

impl<'a> Machine<'a> {
    pub(crate) fn put(&self, pen: &mut Pen<'_, '_>) {
        let canonical = u64::from(self.canonical.is_some()) * CANONICAL;
        let deprecated = u64::from(self.deprecated) * DEPRECATED;
        pen.varint(u64::from(self.max_cpus) << FLAG_BITS | canonical | deprecated);
        pen.text(self.name);
        if let Some(canonical) = self.canonical {
            pen.text(canonical);
        }
    }

    #[inline(always)]
    fn read(cursor: &mut Cursor<'a>) -> Self {
        let (head, name) = (cursor.varint(), cursor.text());
        let canonical = (head & CANONICAL != 0).then(|| cursor.text());
        let (max_cpus, deprecated) = ((head >> FLAG_BITS) as u32, head & DEPRECATED != 0);
        Self { name, canonical, max_cpus, deprecated }
    }
}

/// Iterator over machines, in the order of printing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machines<'a> {
    cursor: Cursor<'a>,
    bytes: &'a [u8],
}

impl<'a> Machines<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self { cursor: Cursor::new(bytes), bytes }
    }

    /// The whole list as it is stored, for keeping: [`of_stored`](Self::of_stored) reads it again.
    pub const fn stored(&self) -> &'a [u8] {
        self.bytes
    }

    /// Stores these machines, for keeping.
    ///
    /// # Errors
    /// [`Full`](crate::Full) if they do not fit in the storage.
    pub fn store(
        machines: impl Iterator<Item = Machine<'a>>,
        storage: &mut [u8],
    ) -> Result<Machines<'_>, crate::Full> {
        let mut pool = crate::pool::Pool::new(storage);
        machines.for_each(|machine| machine.put(&mut pool.pen(crate::Table::Machines)));
        pool.freeze().map(Machines::new)
    }

    /// A list that was kept, by a program of the same [`FORMAT`](crate::FORMAT). Other bytes make other machines, or none.
    pub const fn of_stored(bytes: &'a [u8]) -> Self {
        Self::new(bytes)
    }

    /// Whether the list holds no machine.
    pub const fn is_empty(&self) -> bool {
        self.cursor.is_empty()
    }
}

impl<'a> Iterator for Machines<'a> {
    type Item = Machine<'a>;

    /// Nothing of a document is more frequent.
    #[inline(always)]
    fn next(&mut self) -> Option<Machine<'a>> {
        (!self.cursor.is_empty()).then(|| Machine::read(&mut self.cursor))
    }
}

/// A guest of a finished document with its lists.
#[derive(Clone, Debug)]
pub struct GuestEntry<'a> {
    /// The guest.
    pub guest: Guest<'a>,
    /// Its `<machine>`s.
    pub machines: Machines<'a>,
    /// Its `<domain>`s.
    pub domains: Domains<'a>,
}

/// A domain of a finished document with its machines.
#[derive(Clone, Copy, Debug)]
pub struct DomainEntry<'a> {
    /// The domain.
    pub domain: Domain<'a>,
    /// `<machine>`s of its own.
    pub machines: Machines<'a>,
}

/// Iterator over the guests of a document.
#[derive(Clone, Debug)]
pub struct Guests<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Guests<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { cursor: Cursor::new(bytes) }
    }
}

impl<'a> Iterator for Guests<'a> {
    type Item = GuestEntry<'a>;

    fn next(&mut self) -> Option<GuestEntry<'a>> {
        if self.cursor.is_empty() {
            return None;
        }
        let guest = Guest::read(&mut self.cursor);
        let (machines, domains) = (block(&mut self.cursor), block(&mut self.cursor));
        let domains = Domains { cursor: Cursor::new(domains) };
        Some(GuestEntry { guest, machines: Machines::new(machines), domains })
    }
}

/// Iterator over the domains of a guest.
#[derive(Clone, Debug)]
pub struct Domains<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Iterator for Domains<'a> {
    type Item = DomainEntry<'a>;

    fn next(&mut self) -> Option<DomainEntry<'a>> {
        if self.cursor.is_empty() {
            return None;
        }
        let domain = Domain::read(&mut self.cursor);
        Some(DomainEntry { domain, machines: Machines::new(block(&mut self.cursor)) })
    }
}

/// Records behind the number of their bytes.
fn block<'a>(cursor: &mut Cursor<'a>) -> &'a [u8] {
    let len = cursor.u32() as usize;
    cursor.take(len)
}
