//! Where a record goes, and what the command says.

use crate::support::{caps_record, complaint, contents, place, printed, run, text};
use std::fs;
use std::process::Stdio;

#[test]
fn a_directory_with_something_in_it_is_refused() {
    let (_keep, record) = place();
    fs::create_dir(&record).unwrap();
    fs::write(record.join("mine"), "1").unwrap();
    assert!(complaint(&mut caps_record(&record)).contains("there is something in it"));
    assert_eq!(contents(&record).len(), 1);
}

#[test]
fn a_file_is_refused() {
    let (_keep, record) = place();
    fs::write(&record, "1").unwrap();
    let said = complaint(&mut caps_record(&record));
    assert!(said.starts_with("caps: ") && said.contains("a record"), "{said}");
    assert_eq!(fs::read(record).unwrap(), b"1");
}

#[test]
fn an_empty_directory_and_a_new_one_will_do() {
    let (_keep, record) = place();
    fs::create_dir(&record).unwrap();
    printed(&mut caps_record(&record));
    let deep = record.with_file_name("new").join("deep");
    printed(&mut caps_record(&deep));
    assert!(deep.join("facts").is_file());
}

#[test]
fn a_closed_pipe_is_no_error() {
    let (_keep, record) = place();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = run(caps_record(&record).stdout(Stdio::from(writer)));
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output.stderr));
    assert!(record.join("facts").is_file());
}

#[test]
fn guests_that_cannot_be_had_leave_no_record() {
    let (_keep, record) = place();
    let output = run(caps_record(&record).args(["--guests", "qmp"]));
    assert_eq!(output.status.success(), record.exists());
}
