//! Firmware that lies: what is wrong is skipped and reported, and the rest of the document stays.

mod support;

use caps_acpi::table::Table;
use caps_acpi::{Fault, Report, Source};
use proptest::prelude::*;
use support::{BASE, Firmware, madt, slit, srat, two_cells};

/// What the probe says of `source` in this firmware.
fn fault(firmware: &Firmware, source: Source) -> Option<Fault> {
    firmware.document().1.tally(source).fault
}

/// Makes the bytes of a table add up again.
fn sign(table: &mut [u8]) {
    table[9] = 0;
    table[9] = table.iter().fold(0, |sum: u8, &byte| sum.wrapping_sub(byte));
}

#[test]
fn a_wrong_checksum_costs_the_table_alone() {
    let mut tables = two_cells();
    tables[1][40] ^= 1;
    let firmware = Firmware::of(&tables);
    let (document, report) = firmware.document();
    let srat = report.tally(Source::Srat);
    assert_eq!((srat.fault, srat.absent, srat.filled), (Some(Fault::Checksum), 0, 0));
    assert!(document.contains("<cells num='1'>") && document.contains("<cpus num='8'>"));
    assert_eq!(report.tally(Source::Madt).filled, 1);
}

#[test]
fn a_table_longer_than_the_memory_is_skipped() {
    let mut tables = two_cells();
    tables[3][4..8].copy_from_slice(&0x000f_0000_u32.to_le_bytes());
    assert_eq!(fault(&Firmware::of(&tables), Source::Hmat), Some(Fault::Length(0x000f_0000)));
}

#[test]
fn tables_that_overlap_or_repeat_are_skipped() {
    let mut firmware = Firmware::of(&[madt(&[0, 1]), slit(21), slit(40)]);
    assert_eq!(fault(&firmware, Source::Slit), Some(Fault::Repeated));
    // A table of distances within the padding of one of CPUs.
    let mut outer = madt(&[0, 1]);
    let inner = slit(21);
    let at = outer.len() as u64;
    outer.extend([3, 2 + inner.len() as u8]);
    outer.extend(&inner);
    let len = outer.len() as u32;
    outer[4..8].copy_from_slice(&len.to_le_bytes());
    sign(&mut outer);
    firmware = Firmware::of(&[outer, slit(21)]);
    let first = firmware.addresses[0];
    firmware.list(&[first, first + at + 2]);
    assert_eq!(fault(&firmware, Source::Slit), Some(Fault::Overlap));
}

#[test]
fn memory_in_two_domains_is_a_lie() {
    let tables = [madt(&[0, 4]), srat(&[(0, 0), (4, 1)], &[(0, 0, 600), (1, 512, 512)])];
    let (document, report) = Firmware::of(&tables).document();
    assert_eq!(report.tally(Source::Srat).fault, Some(Fault::Value(48 + 32 + 40)));
    assert!(document.contains("<cells num='1'>"), "{document}");
}

#[test]
fn cpus_that_the_srat_forgets_are_reported() {
    let tables = [madt(&[0, 4]), srat(&[(0, 0)], &[(0, 0, 512)])];
    let (document, report) = Firmware::of(&tables).document();
    assert_eq!(report.tally(Source::Srat).fault, Some(Fault::Incomplete));
    assert!(document.contains("<cpus num='2'>"), "{document}");
}

#[test]
fn a_domain_nearer_than_itself_is_a_lie() {
    let mut tables = two_cells();
    tables[2] = slit(9);
    let (document, report) = Firmware::of(&tables).document();
    assert_eq!(report.tally(Source::Slit).fault, Some(Fault::Value(45)));
    assert!(document.contains("<sibling id='1' value='20'/>"), "{document}");
}

#[test]
fn a_root_pointer_that_is_no_good_leaves_the_boot_cpu() {
    let mut firmware = Firmware::of(&two_cells());
    firmware.bytes[8] ^= 0xff;
    let (document, report) = firmware.document();
    assert_eq!(report.tally(Source::Rsdp).fault, Some(Fault::Checksum));
    assert!(document.contains("<cpus num='1'>"), "{document}");
}

#[test]
fn every_table_can_be_cut_off_anywhere() {
    for table in two_cells() {
        assert!(Table::parse(&table).is_ok());
        for len in 0..table.len() {
            assert!(Table::parse(&table[..len]).is_err(), "{len}");
            let mut cut = table[..len].to_vec();
            if len >= 36 {
                cut[4..8].copy_from_slice(&(len as u32).to_le_bytes());
                sign(&mut cut);
            }
            let (document, _) = Firmware::of(&[cut]).document();
            assert!(document.ends_with("</capabilities>\n"));
        }
    }
}

proptest! {
    #[test]
    fn any_memory_gives_a_document_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        let mut firmware = Firmware::of(&two_cells());
        let len = bytes.len().min(firmware.bytes.len() - 64);
        firmware.bytes[64..64 + len].copy_from_slice(&bytes[..len]);
        let _ = firmware.try_document(&mut Report::default());
    }

    /// One byte of one table is another, and the table is signed: readers see it.
    #[test]
    fn a_signed_lie_is_read_without_harm(table in 0..4_usize, at: prop::sample::Index, value: u8) {
        let mut tables = two_cells();
        let at = at.index(tables[table].len());
        tables[table][at] = value;
        sign(&mut tables[table]);
        let mut report = Report::default();
        let document = Firmware::of(&tables).try_document(&mut report);
        let told = Source::ALL.iter().any(|&source| report.tally(source).odd > 0);
        prop_assert!(document.is_ok() || told);
    }

    #[test]
    fn the_root_may_lead_anywhere(addresses: [u64; 4], near in 0..512_u64) {
        let mut firmware = Firmware::of(&two_cells());
        let [first, second, ..] = addresses;
        firmware.list(&[first, BASE + near, second, firmware.addresses[0] + near]);
        let _ = firmware.try_document(&mut Report::default());
    }
}
