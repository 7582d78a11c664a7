//! Tables that QEMU made, read outside of it.

use super::dump::MEMORY;
use caps_acpi::table::{Measure, Root, Rsdp, Table};
use caps_acpi::{PhysMem, Report, Source, Tables};
use proptest::prelude::*;

/// Bytes of the HMAT, which are damaged: its header, two domains, two matrices and a cache.
const HMAT_BYTES: usize = 40 + 2 * 40 + 2 * (32 + 4 + 8 + 4) + 32;

#[test]
fn tables_of_qemu_are_understood() {
    if MEMORY.is_empty() {
        return;
    }
    let memory = (0, MEMORY.as_slice());
    let mut report = Report::default();
    let tables = Tables::find(&memory, None, &mut report);
    for source in [Source::Rsdp, Source::Madt, Source::Srat, Source::Slit, Source::Hmat] {
        let tally = report.tally(source);
        assert_eq!((tally.filled, tally.odd), (1, 0), "{source:?}: {tally:?}");
    }
    assert_eq!(report.tally(Source::Pptt).absent, 1);
    let apic_ids = tables.madt.unwrap().local_apics().map(|apic| apic.apic_id);
    assert!(apic_ids.eq([0, 1]));
    assert_eq!(tables.slit.and_then(|slit| slit.distance(0, 1)), Some(21));
    let srat = tables.srat.unwrap();
    let domains: Vec<u32> = srat.memories().map(|(_, domain)| domain).collect();
    assert!(domains.contains(&0) && domains.contains(&1), "{domains:?}");
    let hmat = tables.hmat.unwrap();
    let latency = Measure::Latency { read: true, write: true };
    let latency = hmat.localities().find(|matrix| matrix.measure() == latency).unwrap();
    assert_eq!((latency.value(0, 0), latency.value(0, 1)), (Some(5), Some(10)));
    let cache = hmat.side_caches().next().unwrap();
    assert_eq!((cache.memory, cache.size_bytes, cache.line_bytes), (1, 20 << 10, 64));
}

/// Where the HMAT lies.
fn hmat_address() -> usize {
    let memory = (0, MEMORY.as_slice());
    let pointer = Rsdp::search(&memory).unwrap();
    let root = Root::parse(Table::at(&memory, pointer.rsdt.into()).unwrap()).unwrap();
    let is_hmat = |&address: &u64| memory.bytes(address, 4) == Some(b"HMAT");
    root.addresses().find(is_hmat).unwrap() as usize
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    /// A bit of the real table is another: it is skipped, and the others are there.
    #[test]
    fn a_damaged_table_is_skipped_alone(at in 0..HMAT_BYTES, bit in 0..8_u8) {
        if MEMORY.is_empty() {
            return Ok(());
        }
        let mut bytes = MEMORY.clone();
        bytes[hmat_address() + at] ^= 1 << bit;
        let (memory, mut report) = ((0, bytes.as_slice()), Report::default());
        let tables = Tables::find(&memory, None, &mut report);
        let odd = Source::ALL.iter().filter(|&&source| report.tally(source).odd > 0).count();
        let there = [tables.madt.is_some(), tables.srat.is_some(), tables.slit.is_some()];
        prop_assert!(tables.hmat.is_none() && there == [true; 3], "{there:?}");
        // Without its letters it is just another table.
        prop_assert!(odd == usize::from(at >= 4), "{odd}");
    }
}
