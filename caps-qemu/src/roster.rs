//! Rosters in the making.

use crate::facts::EmulatorFacts;
use crate::find::Found;
use crate::machine::Machine;
use crate::search::Search;
use crate::verdict::{Said, Sayings, verdict};
use caps_core::Machines;
use caps_roster::{
    Contents, Emulator, Identity, Offer, Roster, Slot, Surroundings, Unreadable, Verdict, Watch,
    encode,
};
use hashbrown::HashMap;

/// The bytes of a roster, as they are kept in a file.
#[derive(Clone, Debug, Default)]
pub struct RosterBuf {
    bytes: Vec<u8>,
}

impl RosterBuf {
    /// Takes the bytes of a file.
    ///
    /// # Errors
    /// Where they are no roster of this version.
    pub fn new(bytes: Vec<u8>) -> Result<Self, Unreadable> {
        Roster::open(&bytes)?;
        Ok(Self { bytes })
    }

    /// The roster of what emulators said elsewhere: it makes guests, and holds nowhere.
    pub fn of_sayings(found: &[Found], sayings: &Sayings) -> Self {
        let asked: Vec<_> = sayings
            .iter()
            .map(|(path, said)| Asked::new(path.clone(), Identity::default(), said))
            .collect();
        let emulators: Vec<_> = asked.iter().map(Asked::emulator).collect();
        Self::encoded(Surroundings::default(), &Search::from(found), &emulators)
    }

    /// The roster.
    pub fn roster(&self) -> Roster<'_> {
        Roster::again(&self.bytes)
    }

    /// The bytes, for a file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A roster of these emulators, for the guests that were found.
    pub(crate) fn encoded(
        surroundings: Surroundings<'_>,
        search: &Search,
        emulators: &[Emulator<'_>],
    ) -> Self {
        let mut emulators = emulators.to_vec();
        let order = |path| search.found.iter().position(|found| found.emulator == path);
        emulators.sort_by_key(|emulator| order(emulator.file.path));
        let contents = Contents {
            surroundings,
            modules: &search.modules(),
            places: &search.places(),
            emulators: &emulators,
            slots: &slots(&search.found, &emulators),
        };
        // One emulator serves each architecture, so there are never too many.
        Self { bytes: encode(&contents, Vec::new()).unwrap_or_default() }
    }
}

fn slots(found: &[Found], emulators: &[Emulator<'_>]) -> Vec<Slot<'static>> {
    let paths = emulators.iter().map(|emulator| emulator.file.path);
    let index: HashMap<_, _> = paths.zip(0..=u8::MAX).collect();
    let slot = |found: &Found| {
        let &emulator = index.get(found.emulator.as_slice())?;
        Some(Slot { arch: found.arch.name(), emulator })
    };
    found.iter().filter_map(slot).collect()
}

/// An emulator that was just asked.
#[derive(Debug)]
pub(crate) struct Asked {
    path: Vec<u8>,
    identity: Identity,
    standing: Standing,
}

/// What became of an emulator.
#[derive(Debug)]
enum Standing {
    /// It offers this, with the machines as [`Machines::stored`] has them.
    Offers(EmulatorFacts, Vec<u8>),
    /// It is left out for this reason.
    LeftOut(String),
    /// It could not be asked for this reason.
    Unasked(String),
}

impl Standing {
    fn of(said: &Said) -> Self {
        match verdict(said) {
            Ok(facts) => {
                let machines = stored(&facts.machines);
                Self::Offers(facts, machines)
            }
            Err(rejection) if rejection.is_permanent() => Self::LeftOut(rejection.to_string()),
            Err(rejection) => Self::Unasked(rejection.to_string()),
        }
    }
}

impl Asked {
    /// One that `said` this.
    pub(crate) fn new(path: Vec<u8>, identity: Identity, said: &Said) -> Self {
        Self { path, identity, standing: Standing::of(said) }
    }

    pub(crate) fn into_path(self) -> Vec<u8> {
        self.path
    }

    pub(crate) fn emulator(&self) -> Emulator<'_> {
        let file = Watch { path: &self.path, identity: self.identity };
        let verdict = match &self.standing {
            Standing::LeftOut(reason) => Verdict::LeftOut(reason),
            Standing::Unasked(reason) => Verdict::Unasked(reason),
            Standing::Offers(facts, machines) => Verdict::Offers(Offer {
                arch: facts.arch.name(),
                version: version(facts.version),
                tcg: facts.tcg,
                accelerator: facts.accelerator,
                machines,
            }),
        };
        Emulator { file, verdict }
    }
}

fn version(parts: [u32; 3]) -> u64 {
    parts.into_iter().fold(0, |version, part| version * 1000 + u64::from(part))
}

fn stored(machines: &[Machine]) -> Vec<u8> {
    let mut storage = Vec::new();
    loop {
        match Machines::store(machines.iter().map(Machine::as_core), &mut storage) {
            Ok(machines) => return machines.stored().to_vec(),
            Err(full) => storage = vec![0; full.needed],
        }
    }
}
