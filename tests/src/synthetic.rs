//! Large hosts, from the generator beside the repository.

use crate::place;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

/// What a synthetic host says otherwise than by files.
const FACTS: &str = "machine x86_64\npage_size 4096\nnuma yes\n";

/// A host made with these options. `None` without the generator, or without Python to run it; that is said.
///
/// # Panics
/// Where the generator fails.
pub fn host(options: &str) -> Option<TempDir> {
    let generator = place::shared("tools/mktree.py")?;
    if !place::has_program("python3") {
        return None;
    }
    let directory = place::scratch();
    let mut python = Command::new("python3");
    python.arg(generator).arg(directory.path()).args(options.split_whitespace());
    let output = python.output().unwrap();
    assert!(output.status.success(), "{options}: {}", String::from_utf8_lossy(&output.stderr));
    fs::write(directory.path().join("facts"), FACTS).unwrap();
    Some(directory)
}
