//! The reader of documents, for a fuzz target.

use crate::definition;
use crate::input::Input;

/// Returns the number of CPUs in a document that someone hands over, or why it is refused.
///
/// # Errors
/// The sentence for the user.
pub fn count_cpus(document: &[u8]) -> Result<usize, String> {
    let found = definition::cpus(&Input::of_bytes(document));
    found.map(|cpus| cpus.len()).map_err(|failure| failure.to_string())
}

/// Checks that a document has a CPU to compare.
///
/// # Errors
/// The sentence for the user.
pub fn find_cpu(document: &[u8]) -> Result<(), String> {
    let found = definition::first_cpu(&Input::of_bytes(document));
    found.map(drop).map_err(|failure| failure.to_string())
}
