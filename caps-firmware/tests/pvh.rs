//! The start info of the PVH entry, as loaders write it and as none should.

use caps_firmware::pvh::{MAX_RANGES, Ram, StartError, StartInfo};
use caps_firmware::{Fault, PhysMem, Region, Report, Source};
use proptest::prelude::*;

const BASE: u64 = 0x2000;
/// Where the map lies, and where the root pointer is said to be.
const MAP: u64 = BASE + 64;
const RSDP: u64 = 0xf_59e0;

/// A start info of this version, and a map of (address, length, type).
fn start_info(version: u32, map: &[(u64, u64, u32)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    [0x336e_c578, version, 0, 0].iter().for_each(|word: &u32| bytes.extend(word.to_le_bytes()));
    [0, 0, RSDP, MAP].iter().for_each(|long: &u64| bytes.extend(long.to_le_bytes()));
    [map.len() as u32, 0].iter().for_each(|word| bytes.extend(word.to_le_bytes()));
    bytes.resize(64, 0);
    for &(base, len, kind) in map {
        bytes.extend([base, len, kind.into()].map(u64::to_le_bytes).as_flattened());
    }
    bytes
}

fn read(bytes: &[u8], report: &mut Report) -> Result<Ram, StartError> {
    let memory: &dyn PhysMem = &(BASE, bytes);
    StartInfo::at(memory, BASE)?.ram(memory, report)
}

#[test]
fn ram_is_what_is_usable_and_not_empty() {
    let map = [(0, 0x9_fc00, 1), (0x9_fc00, 0x400, 2), (1 << 20, 511 << 20, 1), (0, 0, 1)];
    let bytes = start_info(1, &map);
    let memory = (BASE, bytes.as_slice());
    assert_eq!(StartInfo::at(&memory, BASE).unwrap().rsdp, Some(RSDP));
    let ram = read(&bytes, &mut Report::default()).unwrap();
    let expected = [Region { base: 0, len: 0x9_fc00 }, Region { base: 1 << 20, len: 511 << 20 }];
    assert_eq!(ram.as_slice(), expected);
}

#[test]
fn ranges_that_overlap_or_have_no_end_are_skipped_and_reported() {
    let mut report = Report::default();
    let ram = read(&start_info(1, &[(0, 100, 1), (99, 1, 1)]), &mut report).unwrap();
    assert_eq!((ram.len(), report.tally(Source::MemoryMap).fault), (1, Some(Fault::Overlap)));
    let ram = read(&start_info(1, &[(2, u64::MAX, 1), (0, 1, 1)]), &mut report).unwrap();
    assert_eq!((ram.len(), report.tally(Source::MemoryMap).fault), (1, Some(Fault::Value(0))));
}

#[test]
fn what_is_no_start_info_is_told_by_its_kind() {
    let error = |bytes: &[u8]| read(bytes, &mut Report::default()).unwrap_err();
    assert_eq!(error(&[0; 64]), StartError::Missing);
    assert_eq!(error(&start_info(1, &[])[..55]), StartError::Missing);
    assert_eq!(error(&start_info(0, &[])), StartError::Version(0));
    let cut = start_info(1, &[(0, 100, 1), (100, 100, 1)]);
    assert_eq!(error(&cut[..cut.len() - 1]), StartError::Map(2));
    let many: Vec<(u64, u64, u32)> = (0..=MAX_RANGES as u64).map(|at| (at, 1, 1)).collect();
    assert_eq!(error(&start_info(1, &many)), StartError::Ranges);
    assert!(read(&start_info(1, &many[1..]), &mut Report::default()).is_ok());
}

proptest! {
    #[test]
    fn any_bytes_are_a_map_or_an_error(mut bytes in prop::collection::vec(any::<u8>(), 56..512)) {
        bytes[..8].copy_from_slice(&start_info(1, &[])[..8]);
        bytes[40..48].copy_from_slice(&MAP.to_le_bytes());
        bytes[49..52].fill(0);
        if let Ok(ram) = read(&bytes, &mut Report::default()) {
            let apart = |at: usize| ram[..at].iter().all(|other| other.overlap(ram[at]) == 0);
            prop_assert!((0..ram.len()).all(apart));
        }
    }
}
