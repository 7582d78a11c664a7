//! The models of the map and what each is made of.
use core::fmt;

use crate::tables::{MODEL_ROWS, MODELS, REMOVED, SETS, SIGNATURE_ENDS, SIGNATURES};
use crate::x86::{Feature, FeatureSet, Signature, SignaturePattern, SparseSet, Vendor};

const HOST: u8 = 1;
const GUEST: u8 = 2;

/// A CPU model that libvirt 12.8.0 names; ordered as in its map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Model(u8);

/// Indices of the parts of a model; `vendor` 0xff stands for none.
#[derive(Debug)]
pub(crate) struct ModelRow {
    pub(crate) set: u8,
    pub(crate) vendor: u8,
    pub(crate) signatures: u8,
    pub(crate) flags: u8,
}

impl Model {
    /// How many there are.
    pub const COUNT: usize = MODEL_ROWS.len();

    /// The model at `index` of the map.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        (index < Self::COUNT).then(|| u8::try_from(index).ok().map(Self))?
    }

    /// The model that libvirt calls `name`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        MODELS.position(name).and_then(Self::from_index)
    }

    /// All, in the order of the map.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        (0..Self::COUNT).filter_map(Self::from_index)
    }

    /// For constants of the table, known to be within it.
    pub(crate) const fn known(index: u8) -> Self {
        Self(index)
    }

    /// Place in the map, from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// libvirt's name, such as `EPYC-Milan-v2`: `<model>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        MODELS.name(self.index())
    }

    /// The only vendor whose processors may be called so; `None` for any.
    #[must_use]
    pub fn vendor(self) -> Option<Vendor> {
        self.row().and_then(|row| Vendor::from_index(row.vendor.into()))
    }

    /// The features a processor needs to be called so on a host.
    #[must_use]
    pub fn features(self) -> FeatureSet {
        self.set().map(SparseSet::expand).unwrap_or_default()
    }

    /// Whether `features` has all of them.
    pub(crate) fn is_within(self, features: &FeatureSet) -> bool {
        self.set().is_some_and(|set| set.is_subset(features))
    }

    /// The signatures of processors sold under this name.
    pub fn signatures(self) -> impl Iterator<Item = SignaturePattern> {
        let list = self.row().map_or(usize::MAX, |row| row.signatures.into());
        let end = |list: usize| SIGNATURE_ENDS.get(list).copied().map_or(0, usize::from);
        let start = list.checked_sub(1).map_or(0, end);
        SIGNATURES.get(start..end(list)).unwrap_or_default().iter().map(|row| row.pattern())
    }

    /// Whether `signature` is one of this model.
    #[must_use]
    pub fn matches(self, signature: Signature) -> bool {
        self.signatures().any(|pattern| pattern.matches(signature))
    }

    /// Features that once belonged to it; guest definitions say of them whether they are there. In the order of the map.
    pub fn removed(self) -> impl Iterator<Item = Feature> {
        REMOVED
            .iter()
            .filter(move |(model, _)| *model == self.0)
            .map(|&(_, feature)| Feature::known(feature))
    }

    /// Whether a host can be called so.
    #[must_use]
    pub fn decodes_host(self) -> bool {
        self.row().is_some_and(|row| row.flags & HOST != 0)
    }

    /// Whether a guest definition can be made of it.
    #[must_use]
    pub fn decodes_guest(self) -> bool {
        self.row().is_some_and(|row| row.flags & GUEST != 0)
    }

    /// Whether a processor of `vendor` may be called so; one of an unknown vendor always may.
    pub(crate) fn admits(self, vendor: Option<Vendor>) -> bool {
        vendor.is_none() || self.vendor().is_none_or(|own| Some(own) == vendor)
    }

    fn set(self) -> Option<&'static SparseSet> {
        self.row().and_then(|row| SETS.get(usize::from(row.set)))
    }

    fn row(self) -> Option<&'static ModelRow> {
        MODEL_ROWS.get(self.index())
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of models: the preferred ones of a baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModelSet([u64; 3]);

impl ModelSet {
    /// Adds `model`.
    pub fn insert(&mut self, model: Model) {
        if let Some(word) = self.0.get_mut(model.index() / 64) {
            *word |= 1 << (model.index() % 64);
        }
    }

    /// Whether `model` is in it.
    #[must_use]
    pub fn contains(&self, model: Model) -> bool {
        self.0.get(model.index() / 64).is_some_and(|word| word >> (model.index() % 64) & 1 == 1)
    }

    /// The model, where there is exactly one.
    #[must_use]
    pub fn only(&self) -> Option<Model> {
        let mut models = Model::all().filter(|model| self.contains(*model));
        models.next().filter(|_| models.next().is_none())
    }
}

impl FromIterator<Model> for ModelSet {
    fn from_iter<I: IntoIterator<Item = Model>>(models: I) -> Self {
        let mut set = Self::default();
        models.into_iter().for_each(|model| set.insert(model));
        set
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    const _: () = assert!(Model::COUNT <= 192, "a ModelSet has three words");

    #[test]
    fn a_model_knows_its_parts() {
        let model = Model::by_name("Icelake-Server").unwrap();
        assert_eq!(model.vendor(), Vendor::by_name("Intel"));
        assert_eq!(model.features().len(), 84);
        assert_eq!(model.removed().map(Feature::name).collect::<Vec<_>>(), ["intel-pt", "mpx"]);
        assert!(model.matches(Signature { family: 6, model: 106, stepping: 3 }));
        assert_eq!(Model::by_name("486").unwrap().signatures().count(), 0);
    }

    #[test]
    fn the_only_model_is_told_from_several() {
        let models: Vec<Model> = Model::all().rev().take(2).collect();
        assert_eq!(models.iter().copied().take(1).collect::<ModelSet>().only(), Some(models[0]));
        assert_eq!(models.into_iter().collect::<ModelSet>().only(), None);
        assert_eq!(ModelSet::default().only(), None);
    }
}
