//! What is known of the emulators of this host, and what has to be asked.

use crate::find::Found;
use crate::roster::{Asked, RosterBuf};
use crate::search::Search;
use crate::verdict::Sayings;
use caps_linux::{Host, Tree, Unavailable};
use caps_roster::{Emulator, Identity, Roster, Surroundings};
use hashbrown::{HashMap, HashSet};

/// A roster that holds now.
#[derive(Clone, Debug, Default)]
pub struct Remembered {
    /// The roster.
    pub roster: RosterBuf,
    /// The paths of the emulators that were just asked.
    pub asked: Vec<Vec<u8>>,
}

/// The emulators of the running host: those of `known` that still hold, the others as `ask` tells.
///
/// What lies at their paths is noted before they are asked, so that one that changes meanwhile does not hold afterwards.
///
/// # Errors
/// Those of `ask`, and [`Unavailable`] if the search for emulators fails.
pub fn remember<E: From<Unavailable>>(
    host: &Host<'_>,
    now: &Surroundings<'_>,
    known: &Roster<'_>,
    ask: impl FnOnce(&[Found]) -> Result<Sayings, E>,
) -> Result<Remembered, E> {
    let search = Search::of(host, now)?;
    let kept = kept(host.tree, now, known, &search.found);
    let paths: HashSet<_> = kept.iter().map(|emulator| emulator.file.path).collect();
    let is_unknown = |found: &&Found| !paths.contains(found.emulator.as_slice());
    let unknown: Vec<_> = search.found.iter().filter(is_unknown).cloned().collect();
    let asked = asked(host.tree, &unknown, ask)?;
    let emulators: Vec<_> = kept.iter().copied().chain(asked.iter().map(Asked::emulator)).collect();
    Ok(Remembered {
        roster: RosterBuf::encoded(*now, &search, &emulators),
        asked: asked.into_iter().map(Asked::into_path).collect(),
    })
}

/// The known emulators that still hold and that some architecture is served by.
fn kept<'r>(
    tree: &dyn Tree,
    now: &Surroundings<'_>,
    known: &Roster<'r>,
    found: &[Found],
) -> Vec<Emulator<'r>> {
    let check = known.check(now, tree);
    let found: HashSet<_> = found.iter().map(|found| found.emulator.as_slice()).collect();
    let holding = known.emulators().iter().enumerate().filter(|(index, emulator)| {
        check.emulator_holds(*index) && found.contains(emulator.file.path)
    });
    holding.map(|(_, emulator)| emulator).collect()
}

fn asked<E>(
    tree: &dyn Tree,
    unknown: &[Found],
    ask: impl FnOnce(&[Found]) -> Result<Sayings, E>,
) -> Result<Vec<Asked>, E> {
    if unknown.is_empty() {
        return Ok(Vec::new());
    }
    let paths = unknown.iter().map(|found| found.emulator.as_slice());
    let before: HashMap<_, _> = paths.map(|path| (path, Identity::at(tree, path))).collect();
    let asked = ask(unknown)?.into_iter().map(|(path, said)| {
        let identity = before.get(path.as_slice()).copied().unwrap_or_default();
        Asked::new(path, identity, &said)
    });
    Ok(asked.collect())
}
