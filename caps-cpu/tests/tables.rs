//! The committed tables are those that the facts give.
#[path = "../../xtask/src/tables.rs"]
mod generator;
mod support;

#[test]
fn the_committed_tables_are_those_of_the_facts() {
    let Some(data) = support::shared("data/cpu") else { return };
    let same = generator::generate(&data).unwrap() == include_str!("../src/tables.rs");
    assert!(same, "run cargo xtask tables");
}
