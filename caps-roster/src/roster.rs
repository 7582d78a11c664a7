//! A roster as it lies in bytes.

use crate::file::{Unreadable, body, frame};
use crate::list::{List, take};
use crate::record::{Emulator, MAX_EMULATORS, Slot, Watch};
use crate::surroundings::Surroundings;
use caps_core::Arch;

/// A roster, read from the bytes of a file.
/// The default is an empty one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Roster<'r> {
    surroundings: Surroundings<'r>,
    modules: List<'r, Watch<'r>>,
    places: List<'r, Watch<'r>>,
    emulators: List<'r, Emulator<'r>>,
    slots: List<'r, Slot<'r>>,
}

impl<'r> Roster<'r> {
    /// Reads all of it once.
    ///
    /// # Errors
    /// [`Unreadable`], where it is not as [`encode`](crate::encode) of this version writes it.
    pub fn open(bytes: &'r [u8]) -> Result<Self, Unreadable> {
        let roster = Self::parse(body(bytes)?)?;
        if roster.agrees() { Ok(roster) } else { Err(Unreadable::Malformed) }
    }

    /// As [`open`](Self::open), of bytes that it took before: their checksum is not computed again. The default of any others.
    pub fn again(bytes: &'r [u8]) -> Self {
        frame(bytes).and_then(|frame| Self::parse(frame.body)).unwrap_or_default()
    }

    fn parse(body: &'r [u8]) -> Result<Self, Unreadable> {
        let (surroundings, rest) = take(body)?;
        let (modules, rest) = List::take(rest)?;
        let (places, rest) = List::take(rest)?;
        let (emulators, rest) = List::take(rest)?;
        let (slots, rest) = List::take(rest)?;
        let roster = Self { surroundings, modules, places, emulators, slots };
        if rest.is_empty() { Ok(roster) } else { Err(Unreadable::Malformed) }
    }

    /// Whether each slot has an emulator, of an architecture that there is.
    fn agrees(&self) -> bool {
        let serves = |slot: Slot<'_>| usize::from(slot.emulator) < self.emulators.len();
        let mut slots = self.slots.iter();
        self.emulators.len() <= MAX_EMULATORS
            && slots.all(|slot| serves(slot) && Arch::from_name(slot.arch).is_some())
    }

    /// What held for the host as a whole.
    pub const fn surroundings(&self) -> &Surroundings<'r> {
        &self.surroundings
    }

    /// Directories of modules that emulators load.
    pub const fn modules(&self) -> List<'r, Watch<'r>> {
        self.modules
    }

    /// Where emulators were looked for, and what was there but could not be executed.
    pub const fn places(&self) -> List<'r, Watch<'r>> {
        self.places
    }

    /// The emulators.
    pub const fn emulators(&self) -> List<'r, Emulator<'r>> {
        self.emulators
    }

    /// The emulator that serves an architecture, be it left out or not.
    pub fn emulator_of(&self, arch: Arch) -> Option<Emulator<'r>> {
        let slot = self.slots.iter().find(|slot| slot.arch == arch.name())?;
        self.emulators.iter().nth(slot.emulator.into())
    }

    /// The guests, in the order of the document. An emulator that is left out has none there.
    pub const fn slots(&self) -> List<'r, Slot<'r>> {
        self.slots
    }
}
