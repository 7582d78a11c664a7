//! A machine whose memory holds tables that rust-vmm's generator wrote, and whose CPUID is a closure.
#![allow(dead_code, reason = "each test program uses its part")]

use acpi_tables::Aml;
use acpi_tables::hmat::{
    Associativity, CacheLevel, DataType, HMAT, LocalityType, MemoryProximityDomain,
    MemorySideCache, MinTransferSize, SystemLocality, WritePolicy,
};
use acpi_tables::madt::{EnabledStatus, LocalInterruptController, MADT, ProcessorLocalApic};
use acpi_tables::rsdp::Rsdp;
use acpi_tables::sdt::Sdt;
use acpi_tables::slit::SLIT;
use acpi_tables::xsdt::XSDT;
use caps_acpi::{Error, Machine, Observer, Region, Report, capabilities};
use caps_core::sink::SliceSink;
use caps_core::{Caps, Driver, storage};
use caps_cpu::Registers;

pub(crate) const OEM: [u8; 6] = *b"CAPSRS";
pub(crate) const OEM_TABLE: [u8; 8] = *b"CAPSTEST";
/// Where the memory of the tests begins: where BIOSes leave their tables.
pub(crate) const BASE: u64 = 0xe_0000;
const MIB: u64 = 1 << 20;

/// Memory with an RSDP at its beginning, an XSDT, and tables one behind the other.
pub(crate) struct Firmware {
    pub(crate) bytes: Vec<u8>,
    /// Physical address of each table.
    pub(crate) addresses: Vec<u64>,
}

impl Firmware {
    pub(crate) fn of(tables: &[Vec<u8>]) -> Self {
        let xsdt_at = BASE + 64;
        let mut next = (xsdt_at + 36 + 8 * tables.len() as u64).next_multiple_of(16);
        let mut addresses = Vec::new();
        for table in tables {
            addresses.push(next);
            next = (next + table.len() as u64).next_multiple_of(16);
        }
        let mut firmware = Self { bytes: vec![0; (next - BASE) as usize], addresses };
        firmware.put(BASE, &bytes_of(&Rsdp::new(OEM, xsdt_at)));
        firmware.list(&firmware.addresses.clone());
        for (table, address) in tables.iter().zip(firmware.addresses.clone()) {
            firmware.put(address, table);
        }
        firmware
    }

    /// Writes an XSDT with these addresses, as many as there were.
    pub(crate) fn list(&mut self, addresses: &[u64]) {
        let mut xsdt = XSDT::new(OEM, OEM_TABLE, 1);
        addresses.iter().for_each(|&address| xsdt.add_entry(address));
        self.put(BASE + 64, &bytes_of(&xsdt));
    }

    pub(crate) fn put(&mut self, address: u64, bytes: &[u8]) {
        let start = (address - BASE) as usize;
        self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
    }

    /// The document of the machine, and what the probe reported.
    pub(crate) fn document(&self) -> (String, Report) {
        let mut report = Report::default();
        (self.try_document(&mut report).unwrap(), report)
    }

    pub(crate) fn try_document(&self, observer: &mut dyn Observer) -> Result<String, Error> {
        let mut storage = vec![0; storage::NODE];
        let caps = self.build(&mut storage, observer)?;
        let mut text = vec![0; 1 << 20];
        let mut sink = SliceSink::new(&mut text);
        caps_xml::write(&caps, &mut sink).unwrap();
        Ok(String::from_utf8(sink.written().to_vec()).unwrap())
    }

    /// Bytes of storage that suffice for the document.
    pub(crate) fn stored_bytes(&self) -> usize {
        match self.build(&mut [], &mut ()) {
            Err(Error::Full(full)) => full.needed,
            other => panic!("{other:?} without storage"),
        }
    }

    pub(crate) fn build<'s>(
        &self,
        storage: &'s mut [u8],
        observer: &mut dyn Observer,
    ) -> Result<Caps<'s>, Error> {
        let memory = (BASE, self.bytes.as_slice());
        let ram = [Region { base: 0, len: 640 << 10 }, Region { base: MIB, len: 1023 * MIB }];
        let cpuid: Cpuid = cpuid;
        let machine = Machine { memory: &memory, rsdp: Some(BASE), ram: &ram, cpuid: &cpuid };
        capabilities(&machine, &Driver::QEMU, storage, observer)
    }
}

type Cpuid = fn(u32, u32) -> Registers;

/// An Intel processor: two threads a core, two cores a package; 4 MiB for each core, 16 MiB for each package.
pub(crate) fn cpuid(leaf: u32, subleaf: u32) -> Registers {
    let [eax, ebx, ecx, edx] = match (leaf, subleaf) {
        (0, _) => [0xb, 0x756e_6547, 0x6c65_746e, 0x4965_6e69],
        (1, _) => [0x0005_0654, 0x0004_0800, 0, 0x0781_a3ff],
        (4, 0) => [0x0400_4121, 0x01c0_003f, 63, 1],
        (4, 1) => [0x0400_4143, 0x03c0_003f, 4095, 1],
        (4, 2) => [0x0400_c163, 0x03c0_003f, 16383, 6],
        (0xb, 0) => [1, 2, 0x100, 0],
        (0xb, 1) => [2, 4, 0x201, 0],
        (0x8000_0000, _) => [0x8000_0008, 0, 0, 0],
        (0x8000_0001, _) => [0, 0, 1, 0x2c10_0800],
        (0x8000_0008, _) => [0x3028, 0, 0, 0],
        _ => [0; 4],
    };
    Registers { eax, ebx, ecx, edx }
}

pub(crate) fn bytes_of(table: &dyn Aml) -> Vec<u8> {
    let mut bytes = Vec::new();
    table.to_aml_bytes(&mut bytes);
    bytes
}

/// CPUs with these APIC ids; one that cannot be used behind them.
pub(crate) fn madt(apic_ids: &[u8]) -> Vec<u8> {
    let int = LocalInterruptController::Address(0xfee0_0000);
    let mut madt = MADT::new(OEM, OEM_TABLE, 1, int);
    for (uid, &apic_id) in apic_ids.iter().enumerate() {
        madt.add_structure(ProcessorLocalApic::new(uid as u8, apic_id, EnabledStatus::Enabled));
    }
    madt.add_structure(ProcessorLocalApic::new(200, 200, EnabledStatus::Disabled));
    bytes_of(&madt)
}

/// CPUs with the first APIC ids, told as those of an x2APIC.
pub(crate) fn madt_x2(cpus: u32) -> Vec<u8> {
    let mut madt = Sdt::new(*b"APIC", 44, 5, OEM, OEM_TABLE, 1);
    for apic_id in 0..cpus {
        let fields = [0x1009, apic_id, 1, apic_id].map(u32::to_le_bytes);
        madt.append_slice(fields.as_flattened());
    }
    madt.as_slice().to_vec()
}

/// `(apic id, domain)` of CPUs, `(domain, base, length)` of memory in MiB.
pub(crate) fn srat(cpus: &[(u8, u8)], memory: &[(u32, u64, u64)]) -> Vec<u8> {
    let mut srat = Sdt::new(*b"SRAT", 48, 3, OEM, OEM_TABLE, 1);
    for &(apic_id, domain) in cpus {
        srat.append_slice(&[0, 16, domain, apic_id, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    for &(domain, base, len) in memory {
        let mut record = vec![1, 40];
        record.extend(domain.to_le_bytes());
        record.extend([0; 2]);
        record.extend((base * MIB).to_le_bytes());
        record.extend((len * MIB).to_le_bytes());
        record.extend([0; 4]);
        record.extend(1_u32.to_le_bytes());
        record.extend([0; 8]);
        srat.append_slice(&record);
    }
    srat.as_slice().to_vec()
}

/// Two domains, `distance` apart.
pub(crate) fn slit(distance: u8) -> Vec<u8> {
    let mut slit = SLIT::new(OEM, OEM_TABLE, 1, 2);
    slit.set_distance(0, 1, distance);
    slit.set_distance(1, 0, distance);
    bytes_of(&slit)
}

/// Two domains with CPUs, each attached to its own memory if `attached`; the first faster everywhere.
pub(crate) fn hmat(attached: bool) -> Vec<u8> {
    let mut hmat = HMAT::new(OEM, OEM_TABLE, 1);
    if attached {
        hmat.add_memory_proximity(MemoryProximityDomain::new(0, 0));
        hmat.add_memory_proximity(MemoryProximityDomain::new(1, 1));
    }
    // The generator writes revision 1, which counts latencies in tenths.
    for (kind, base, values) in [
        (DataType::AccessLatency, 10, [[5, 9], [20, 30]]),
        (DataType::ReadBandwidth, 4, [[50, 40], [20, 10]]),
        (DataType::WriteBandwidth, 4, [[49, 39], [19, 9]]),
    ] {
        let size = MinTransferSize::SizeByteAligned;
        let mut matrix = SystemLocality::new(LocalityType::Memory, kind, size, base, 2, 2);
        for (from, row) in values.iter().enumerate() {
            matrix.set_initiator_value(from, from as u32);
            matrix.set_target_value(from, from as u32);
            for (to, &value) in row.iter().enumerate() {
                matrix.set_entry_value(from, to, value);
            }
        }
        hmat.add_system_locality(matrix);
    }
    hmat.add_memory_side_cache(MemorySideCache::new(
        1,
        10 << 20,
        CacheLevel::One,
        CacheLevel::One,
        Associativity::DirectMapped,
        WritePolicy::Writeback,
        64,
    ));
    bytes_of(&hmat)
}

/// Two packages of two cores of two threads, a domain each, the second as far as 21.
pub(crate) fn two_cells() -> Vec<Vec<u8>> {
    let cpus: Vec<(u8, u8)> = (0..8).map(|id| (id, id / 4)).collect();
    let memory = [(0, 0, 512), (1, 512, 512)];
    vec![madt(&[0, 1, 2, 3, 4, 5, 6, 7]), srat(&cpus, &memory), slit(21), hmat(true)]
}
