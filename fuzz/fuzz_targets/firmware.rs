//! Tables and memory of a firmware: every reader takes every table, and the probe takes the whole.
#![no_main]

use caps_acpi::table::{Hmat, Madt, Pptt, Slit, Srat, Table};
use caps_acpi::{Machine, Region, Report, capabilities, smbios};
use caps_core::Driver;
use caps_cpu::Registers;
use libfuzzer_sys::fuzz_target;

const BASE: u64 = 0xf_0000;

fuzz_target!(|bytes: &[u8]| {
    for signature in [b"APIC", b"SRAT", b"SLIT", b"HMAT", b"PPTT"] {
        let signed = signed(bytes, signature);
        if let Ok(table) = Table::parse(&signed) {
            read(table);
        }
    }
    let cpuid = |leaf: u32, subleaf: u32| {
        let at = (leaf as usize).wrapping_mul(64).wrapping_add(subleaf as usize * 16);
        let word = |index: usize| bytes.get(at + index).map_or(0, |&byte| u32::from(byte));
        Registers { eax: word(0) << 8 | 0xff, ebx: word(1), ecx: word(2) << 8, edx: word(3) }
    };
    let memory = (BASE, bytes);
    let ram = [Region { base: 0, len: 1 << 30 }];
    let machine = Machine { memory: &memory, rsdp: Some(BASE), ram: &ram, cpuid: &cpuid };
    let mut storage = vec![0; 1 << 16];
    let _ = capabilities(&machine, &Driver::QEMU, &mut storage, &mut Report::default());
    let _ = smbios::uuid(&memory);
});

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
