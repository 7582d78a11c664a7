//! Tables and memory of a firmware: every reader takes every table, and the probe takes the whole.
#![no_main]

use caps_acpi::table::{Hmat, Madt, Pptt, Slit, Srat, Table};
use caps_acpi::{Machine, Region, Report, capabilities, smbios};
use caps_core::Driver;
use caps_cpu::Registers;
use libfuzzer_sys::fuzz_target;

const BASE: u64 = 0xf_0000;

const SIGNATURES: [&[u8; 4]; 5] = [b"APIC", b"SRAT", b"SLIT", b"HMAT", b"PPTT"];

fuzz_target!(|bytes: &[u8]| {
    for signature in SIGNATURES {
        if let Ok(table) = Table::parse(&signed(bytes, signature)) {
            read(table);
        }
    }
    probe(bytes, bytes);
    probe(&memory(bytes), bytes);
    let _ = smbios::uuid(&(BASE, bytes));
});

/// The probe of a machine with this memory, and this CPUID.
fn probe(memory: &[u8], bytes: &[u8]) {
    let cpuid = |leaf: u32, subleaf: u32| {
        let at = (leaf as usize).wrapping_mul(64).wrapping_add(subleaf as usize * 16);
        let word = |index: usize| bytes.get(at + index).map_or(0, |&byte| u32::from(byte));
        Registers { eax: word(0) << 8 | 0xff, ebx: word(1), ecx: word(2) << 8, edx: word(3) }
    };
    let memory = (BASE, memory);
    let ram = [Region { base: 0, len: 1 << 30 }];
    let machine = Machine { memory: &memory, rsdp: Some(BASE), ram: &ram, cpuid: &cpuid };
    let mut storage = vec![0; 1 << 16];
    let _ = capabilities(&machine, &Driver::QEMU, &mut storage, &mut Report::default());
}

/// A root pointer, a root table, and parts of the bytes as one table of each kind: all of it well but for what is in them.
fn memory(bytes: &[u8]) -> Vec<u8> {
    let size = bytes.len().div_ceil(SIGNATURES.len()).max(1);
    let parts = bytes.chunks(size).zip(SIGNATURES);
    let tables: Vec<Vec<u8>> = parts.map(|(part, signature)| signed(part, signature)).collect();
    let mut pointer = b"RSD PTR \0CAPSRS\0\x40\0\x0f\0".to_vec();
    pointer[8] = pointer.iter().fold(0, |sum: u8, &byte| sum.wrapping_sub(byte));
    let mut root = vec![0; 36];
    let mut next = BASE as u32 + 64 + 36 + 4 * tables.len() as u32;
    for table in &tables {
        root.extend(next.to_le_bytes());
        next += table.len() as u32;
    }
    pointer.resize(64, 0);
    [pointer, signed(&root, b"RSDT"), tables.concat()].concat()
}

/// The bytes as a table of this kind whose length and checksum are right.
fn signed(bytes: &[u8], signature: &[u8; 4]) -> Vec<u8> {
    let mut table = bytes.to_vec();
    table.resize(bytes.len().max(36), 0);
    let len = table.len() as u32;
    table[..4].copy_from_slice(signature);
    table[4..8].copy_from_slice(&len.to_le_bytes());
    table[9] = 0;
    table[9] = table.iter().fold(0, |sum: u8, &byte| sum.wrapping_sub(byte));
    table
}

fn read(table: Table<'_>) {
    let _ = Madt::parse(table).map(|madt| madt.local_apics().count());
    let _ = Srat::parse(table).map(|srat| srat.affinities().count());
    let _ = Slit::parse(table).map(|slit| slit.distance(1, 0));
    if let Ok(hmat) = Hmat::parse(table) {
        let _ = (hmat.memory_domains().count(), hmat.side_caches().count());
        assert!(hmat.localities().take(16).all(|matrix| matrix.value(0, 1) != Some(0)));
    }
    if let Ok(pptt) = Pptt::parse(table) {
        for node in pptt.nodes().take(64) {
            assert!(pptt.ancestors(node).count() <= 64);
            let _ = pptt.caches(node).count();
        }
    }
}
