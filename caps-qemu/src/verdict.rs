//! From what emulators said to what becomes of them.

use crate::facts::EmulatorFacts;
use crate::rejection::Rejection;
use crate::reply::Replies;
use std::collections::BTreeMap;

/// What an emulator said in lines of JSON as [`Replies`] reads them, or why nothing can be made of it.
pub type Said = Result<Vec<u8>, Rejection>;

/// What each emulator said, by its path.
pub type Sayings = BTreeMap<Vec<u8>, Said>;

/// What becomes of an emulator that said this.
///
/// # Errors
/// The reason for which libvirt leaves it out.
pub fn verdict(said: &Said) -> Result<EmulatorFacts, Rejection> {
    let text = said.as_ref().map_err(|&rejection| rejection)?;
    EmulatorFacts::of(&Replies::read(text)?)
}
