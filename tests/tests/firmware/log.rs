//! The log: what the probe met, in frames that only the image explains.

use super::machine::{booted, image};
use caps_boot::{PRINTER, boot};
use caps_tests::place::has_program;

#[test]
fn sources_are_logged() {
    let Some(image) = image() else { return };
    if !has_program(PRINTER) {
        return;
    }
    let log = booted(image, "-machine q35 -smp 2").log;
    let has = |line: &str| log.iter().any(|logged| logged.split_whitespace().eq(line.split(' ')));
    for line in ["INFO Madt: Filled", "INFO Srat: Absent", "INFO Root: Filled"] {
        assert!(has(line), "{line} in {log:?}");
    }
    assert!(!has("INFO Madt: Absent"), "{log:?}");
}

/// A table that QEMU takes from a file and does not check, with a wrong checksum: it is skipped, and the log says why.
#[test]
fn a_damaged_table_is_logged_and_the_document_stays() {
    let Some(image) = image() else { return };
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("slit");
    // QEMU makes length and checksum of the header right, so what lies is the number of domains.
    let mut table = vec![0; 44];
    table[..4].copy_from_slice(b"SLIT");
    table[4..8].copy_from_slice(&44_u32.to_le_bytes());
    table[36..44].copy_from_slice(&1000_u64.to_le_bytes());
    std::fs::write(&file, table).unwrap();
    let file = format!("file={}", file.display());
    let damaged = boot(image, &["-machine", "q35", "-acpitable", &file]).unwrap();
    assert_eq!(damaged.code, 0);
    assert_eq!(damaged.document, booted(image, "-machine q35").document);
    if has_program(PRINTER) {
        let warns = |line: &String| line.starts_with("WARN") && line.contains("Slit: Record(36)");
        assert!(damaged.log.iter().any(warns), "{:?}", damaged.log);
    }
}
