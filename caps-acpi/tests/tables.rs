//! Readers that the document of an x86 machine does not show in full: PPTT, RSDT, SMBIOS.

mod support;

use acpi_tables::pptt::{CacheNodeBuilder, CacheType, PPTT, ProcessorNode};
use acpi_tables::sdt::Sdt;
use caps_acpi::table::{Pptt, Root, Rsdp, Table};
use caps_acpi::{Fault, PhysMem, smbios};
use caps_core::{CacheKind, Uuid};
use support::{BASE, OEM, OEM_TABLE, bytes_of};

/// A package with a third-level cache, and in it two cores with a second-level cache each.
fn pptt() -> Vec<u8> {
    let mut pptt = PPTT::new(OEM, OEM_TABLE, 1);
    let cache =
        |size| CacheNodeBuilder::default().size(size).cache_type(CacheType::Unified).line_size(64);
    let third = pptt.add_cache(cache(8 << 20).to_node());
    let second = pptt.add_cache(cache(1 << 20).next_level(&third).to_node());
    let package = pptt.add_processor(ProcessorNode::new(None, 0).physical());
    for id in [10, 11] {
        let core = ProcessorNode::new(Some(&package), id).valid().leaf().add_cache(&second);
        pptt.add_processor(core);
    }
    bytes_of(&pptt)
}

#[test]
fn a_tree_of_processors_and_caches() {
    let bytes = pptt();
    let pptt = Pptt::parse(Table::parse(&bytes).unwrap()).unwrap();
    let cores: Vec<_> = pptt.nodes().filter(|node| node.acpi_id.is_some()).collect();
    assert_eq!(cores.iter().filter_map(|core| core.acpi_id).collect::<Vec<_>>(), [10, 11]);
    let above: Vec<_> = pptt.ancestors(cores[1]).collect();
    assert!(above.len() == 1 && above[0].package && above[0].parent.is_none());
    let caches: Vec<_> = pptt.caches(cores[0]).collect();
    let sizes: Vec<_> = caches.iter().filter_map(|cache| cache.size_bytes).collect();
    assert_eq!(sizes, [1 << 20, 8 << 20]);
    assert!(caches.iter().all(|cache| cache.kind == Some(CacheKind::Both)));
    assert_eq!(caches[0].line_bytes, Some(64));
}

#[test]
fn a_tree_that_goes_in_circles_is_refused() {
    let mut bytes = pptt();
    let before = Pptt::parse(Table::parse(&bytes).unwrap()).unwrap();
    let package = before.nodes().find(|node| node.package).unwrap().offset;
    let at = package as usize;
    bytes[at + 8..at + 12].copy_from_slice(&package.to_le_bytes());
    bytes[9] = 0;
    bytes[9] = bytes.iter().fold(0, |sum: u8, &byte| sum.wrapping_sub(byte));
    let refused = Pptt::parse(Table::parse(&bytes).unwrap());
    assert_eq!(refused.err(), Some(Fault::Value(package)));
}

#[test]
fn addresses_of_32_bits() {
    let mut rsdt = Sdt::new(*b"RSDT", 36, 1, OEM, OEM_TABLE, 1);
    rsdt.append_slice(&[0x00, 0x00, 0x0f, 0x80, 0x10, 0x00, 0x0f, 0x00]);
    let root = Root::parse(Table::parse(rsdt.as_slice()).unwrap()).unwrap();
    assert!(root.addresses().eq([0x800f_0000, 0x000f_0010]));
    rsdt.append_slice(&[0]);
    let cut = Root::parse(Table::parse(rsdt.as_slice()).unwrap());
    assert_eq!(cut.err(), Some(Fault::Record(44)));
}

#[test]
fn the_root_pointer_is_found_where_bioses_leave_it() {
    let mut memory = vec![0; 0x2_0000];
    let mut pointer = [0; 20];
    pointer[..8].copy_from_slice(b"RSD PTR ");
    pointer[16..20].copy_from_slice(&0x7fe0_0000_u32.to_le_bytes());
    pointer[8] = pointer.iter().fold(0, |sum: u8, &byte| sum.wrapping_sub(byte));
    memory[0x1_5a00..0x1_5a14].copy_from_slice(&pointer);
    let found = Rsdp::search(&(BASE, memory.as_slice()));
    assert_eq!(found, Some(Rsdp { rsdt: 0x7fe0_0000, xsdt: None }));
    memory[0x1_5a08] ^= 1;
    assert_eq!(Rsdp::search(&(BASE, memory.as_slice())), None);
}

/// Structures of SMBIOS of this version with a UUID, behind an entry point of 32 bits.
fn smbios(version: [u8; 2], uuid: [u8; 16]) -> Vec<u8> {
    let mut memory = vec![0; 0x2_0000];
    let mut structures = vec![0, 4, 0, 0, b'x', 0, 0];
    structures.extend([1, 27, 0, 1, 0, 0, 0, 0]);
    structures.extend(uuid);
    structures.extend([0, 0, 0, 0, 0]);
    structures.extend([127, 4, 0, 0, 0, 0]);
    let mut entry = [0; 31];
    entry[..4].copy_from_slice(b"_SM_");
    entry[5] = 31;
    entry[6..8].copy_from_slice(&version);
    entry[22..24].copy_from_slice(&(structures.len() as u16).to_le_bytes());
    entry[24..28].copy_from_slice(&0x000f_8000_u32.to_le_bytes());
    entry[4] = entry.iter().fold(0, |sum: u8, &byte| sum.wrapping_sub(byte));
    memory[0x1_0010..0x1_0010 + 31].copy_from_slice(&entry);
    memory[0x1_8000..0x1_8000 + structures.len()].copy_from_slice(&structures);
    memory
}

fn uuid_of(memory: &[u8]) -> Result<Option<Uuid>, Fault> {
    let memory: &dyn PhysMem = &(BASE, memory);
    smbios::uuid(memory)
}

#[test]
fn a_uuid_is_swapped_since_version_2_6() {
    let bytes: [u8; 16] = core::array::from_fn(|at| at as u8);
    assert_eq!(uuid_of(&smbios([2, 5], bytes)), Ok(Some(Uuid(bytes))));
    let swapped = Uuid([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]);
    assert_eq!(uuid_of(&smbios([2, 8], bytes)), Ok(Some(swapped)));
}

#[test]
fn a_uuid_that_is_not_set_is_none() {
    assert_eq!(uuid_of(&smbios([2, 8], [0; 16])), Ok(None));
    assert_eq!(uuid_of(&smbios([2, 8], [0xff; 16])), Ok(None));
    assert_eq!(uuid_of(&[0; 0x2_0000]), Ok(None));
}

#[test]
fn structures_that_are_cut_off_are_reported() {
    let mut memory = smbios([2, 8], [1; 16]);
    memory[0x1_8001] = 0;
    assert_eq!(uuid_of(&memory), Err(Fault::Record(0)));
}
