//! libvirt's RELAX NG schema of the document, checked by `xmllint`.

use crate::place;
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

/// Documents by the names that a message is to have.
pub type Documents = BTreeMap<String, Vec<u8>>;

/// The names of the documents that are not valid, each with the first complaint. `None` where there is no schema or no
/// `xmllint`; that is said.
///
/// # Panics
/// Where `xmllint` cannot be run.
pub fn invalid(documents: &Documents) -> Option<BTreeMap<String, String>> {
    let schema = place::shared("data/schema/capability.rng")?;
    if !place::has_program("xmllint") {
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    for (name, document) in documents {
        fs::write(directory.path().join(name), document).unwrap();
    }
    let mut lint = Command::new("xmllint");
    lint.args(["--noout", "--relaxng"]).arg(schema).current_dir(directory.path());
    let output = lint.args(documents.keys()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_valid = |name: &str| said.lines().any(|line| line == format!("{name} validates"));
    let complaint = |name: &str| {
        let line = said.lines().find(|line| line.starts_with(&format!("{name}:")));
        line.unwrap_or("not validated").to_owned()
    };
    let invalid = documents.keys().filter(|name| !is_valid(name));
    Some(invalid.map(|name| (name.clone(), complaint(name))).collect())
}

/// What libvirt itself writes against its own schema.
pub fn known_offence(document: &str) -> Option<&'static str> {
    let wrapped = |text: &str| text.parse().is_ok_and(|count: u64| count > u64::from(u32::MAX));
    let mut counts = document.split("'>").filter_map(|part| part.split_once("</pages>"));
    if counts.any(|(count, _)| wrapped(count)) {
        return Some("a page count that wraps");
    }
    if document.contains("<cells num='0'>") {
        return Some("no cell");
    }
    if document.contains("' unit='KiB'/>\n          </cache>") {
        return Some("a memory side cache without a line");
    }
    if document.contains("<memory_bandwidth>\n      <monitor") {
        return Some("a bandwidth monitor without a node");
    }
    (!document.contains("<arch>")).then_some("no architecture")
}
