//! The committed tables are those that `cargo xtask tables` generates from `caps-cpu/data`.
#[path = "../../xtask/src/tables.rs"]
mod generator;

use std::path::Path;

#[test]
fn committed_tables_are_generated_from_the_committed_rows() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let same = generator::generate(&data).unwrap() == include_str!("../src/tables.rs");
    assert!(same, "run cargo xtask tables");
}
