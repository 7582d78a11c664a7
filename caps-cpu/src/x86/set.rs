//! A set of features: seven words, no heap.
use core::fmt;

use crate::x86::Feature;

const WORDS: usize = 7;

/// Features as bits in the order of the table. `Copy`, 56 bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeatureSet([u64; WORDS]);

impl FeatureSet {
    /// No feature.
    pub const EMPTY: Self = Self([0; WORDS]);
    /// Every feature of the table.
    pub const ALL: Self = Self([
        u64::MAX,
        u64::MAX,
        u64::MAX,
        u64::MAX,
        u64::MAX,
        u64::MAX,
        (1 << (Feature::COUNT % 64)) - 1,
    ]);

    /// Words it is made of.
    pub(crate) const WORDS: usize = WORDS;

    pub(crate) fn word(&self, place: usize) -> u64 {
        self.0.get(place).copied().unwrap_or_default()
    }

    pub(crate) const fn from_words(words: [u64; WORDS]) -> Self {
        Self(words)
    }

    /// Adds `feature`; false if it was there already.
    pub fn insert(&mut self, feature: Feature) -> bool {
        let fresh = !self.contains(feature);
        if let Some(word) = self.0.get_mut(feature.index() / 64) {
            *word |= 1 << (feature.index() % 64);
        }
        fresh
    }

    /// Takes `feature` away.
    pub fn remove(&mut self, feature: Feature) {
        if let Some(word) = self.0.get_mut(feature.index() / 64) {
            *word &= !(1 << (feature.index() % 64));
        }
    }

    /// Whether `feature` is in it.
    #[must_use]
    pub fn contains(&self, feature: Feature) -> bool {
        self.0.get(feature.index() / 64).is_some_and(|word| word >> (feature.index() % 64) & 1 == 1)
    }

    /// Adds bit n of `bits` as the n-th feature from index `first` on.
    pub(crate) fn insert_run(&mut self, first: u16, bits: u32) {
        let (at, shift) = (usize::from(first) / 64, u32::from(first) % 64);
        let wide = u128::from(bits) << shift;
        for (word, bits) in self.0.iter_mut().skip(at).zip([wide as u64, (wide >> 64) as u64]) {
            *word |= bits;
        }
    }

    /// Features of either.
    #[must_use]
    pub fn union(self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// Features of both.
    #[must_use]
    pub fn intersection(self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// Features of this one that `other` lacks.
    #[must_use]
    pub fn difference(self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    /// Whether `other` has every feature of this one.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & !b == 0)
    }

    /// Whether the two have no feature in common.
    #[must_use]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & b == 0)
    }

    /// Whether it has no feature.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Number of features.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The features, in the order of the table.
    #[must_use]
    pub const fn iter(&self) -> Features {
        Features { left: *self, word: 0 }
    }

    fn zip(mut self, other: &Self, join: impl Fn(u64, u64) -> u64) -> Self {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a = join(*a, *b);
        }
        self
    }
}

impl fmt::Debug for FeatureSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The names, separated by `, ` as in libvirt's messages.
impl fmt::Display for FeatureSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, feature) in self.iter().enumerate() {
            f.write_str(if nth == 0 { "" } else { ", " })?;
            f.write_str(feature.name())?;
        }
        Ok(())
    }
}

impl FromIterator<Feature> for FeatureSet {
    fn from_iter<I: IntoIterator<Item = Feature>>(features: I) -> Self {
        let mut set = Self::EMPTY;
        set.extend(features);
        set
    }
}

impl Extend<Feature> for FeatureSet {
    fn extend<I: IntoIterator<Item = Feature>>(&mut self, features: I) {
        for feature in features {
            self.insert(feature);
        }
    }
}

impl IntoIterator for FeatureSet {
    type Item = Feature;
    type IntoIter = Features;

    fn into_iter(self) -> Features {
        self.iter()
    }
}

impl IntoIterator for &FeatureSet {
    type Item = Feature;
    type IntoIter = Features;

    fn into_iter(self) -> Features {
        self.iter()
    }
}

/// Features of a set, in the order of the table.
#[derive(Clone, Debug)]
pub struct Features {
    left: FeatureSet,
    word: usize,
}

impl Iterator for Features {
    type Item = Feature;

    fn next(&mut self) -> Option<Feature> {
        loop {
            let word = self.left.0.get_mut(self.word)?;
            if *word != 0 {
                let bit = word.trailing_zeros() as usize;
                *word &= *word - 1;
                return Feature::from_index(self.word * 64 + bit);
            }
            self.word += 1;
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.len(), Some(self.left.len()))
    }
}

impl ExactSizeIterator for Features {}
