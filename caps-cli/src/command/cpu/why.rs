//! Why a processor is called what it is called.

use caps_cpu::CpuidSource;
use caps_cpu::x86::{Brand, Candidate, CpuData, FeatureSet};

/// The choice of a model, with all that it was made of.
pub(super) struct Why {
    pub(super) brand: Option<Brand>,
    /// Vendor, signature and the features that count.
    pub(super) data: CpuData,
    /// Features that do not count: TSX where it is broken.
    pub(super) broken: FeatureSet,
    /// `None` where every model lacks something.
    pub(super) chosen: Option<Candidate>,
    /// Models that would say more of this processor than the chosen one does, and that it lacks something of. Those of its
    /// signature come first, then those that it lacks the least of.
    pub(super) runners_up: Vec<Candidate>,
}

impl Why {
    pub(super) fn of<S: CpuidSource + ?Sized>(source: &S, given: &CpuData) -> Self {
        let data = given.without_broken();
        let mut runners_up: Vec<Candidate> = data.candidates().collect();
        let first_fit = runners_up.iter().position(|candidate| candidate.missing.is_empty());
        let chosen = first_fit.map(|at| runners_up.remove(at));
        let size = chosen.map_or(0, |chosen| chosen.model.features().len());
        let mut rank = 0..;
        runners_up.retain(|candidate| {
            let preferred = first_fit.is_none_or(|at| rank.next().is_some_and(|rank| rank < at));
            let larger = candidate.model.features().len() > size;
            !candidate.missing.is_empty() && (preferred || larger)
        });
        runners_up.sort_by_key(|candidate| (!candidate.matches_signature, candidate.missing.len()));
        Self {
            brand: Brand::read(source),
            broken: given.features.difference(&data.features),
            data,
            chosen,
            runners_up,
        }
    }
}
