//! The same registers as a guest definition: a model, and what to add to it and take from it.
use crate::x86::{CpuData, Feature, FeatureSet, Model, ModelSet, Vendor};

/// What a definition says of a feature: `<feature policy=''/>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// The guest has it, whatever the host has.
    Force,
    /// The guest has it, and so must the host.
    Require,
    /// The guest has it if the host does.
    Optional,
    /// The guest does not have it.
    Disable,
    /// The guest does not have it, and the host must not either.
    Forbid,
}

impl Policy {
    /// All, in libvirt's order.
    pub const ALL: [Self; 5] =
        [Self::Force, Self::Require, Self::Optional, Self::Disable, Self::Forbid];

    /// The word of the attribute.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Force => "force",
            Self::Require => "require",
            Self::Optional => "optional",
            Self::Disable => "disable",
            Self::Forbid => "forbid",
        }
    }

    /// The policy of this word.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }
}

/// A guest definition: `<cpu mode='custom' match='exact'>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestCpu {
    /// `<model>`.
    pub model: Model,
    /// `<vendor>`.
    pub vendor: Option<Vendor>,
    /// Features beyond the model.
    pub required: FeatureSet,
    /// Features of the model that are not there.
    pub missing: FeatureSet,
    /// Features that the model once had and that are not there.
    pub removed: FeatureSet,
}

impl GuestCpu {
    fn new(model: Model, data: &CpuData) -> Self {
        let required = data.features.difference(&model.features());
        let missing = model.features().difference(&data.features);
        let removed = model
            .removed()
            .filter(|feature| !required.contains(*feature) && !missing.contains(*feature));
        Self { model, vendor: data.vendor, required, missing, removed: removed.collect() }
    }

    /// `<feature>` elements in their order: what is required, what is missing, what was removed.
    pub fn features(&self) -> impl Iterator<Item = (Feature, Policy)> {
        let removed = self.removed;
        let removed = self.model.removed().filter(move |feature| removed.contains(*feature));
        let required = self.required.iter().map(|feature| (feature, Policy::Require));
        required.chain(self.missing.iter().chain(removed).map(|feature| (feature, Policy::Disable)))
    }

    /// Without the features that keep a guest from being moved: xsaves and invtsc, whatever their policy.
    #[must_use]
    pub fn migratable(self) -> Self {
        let frozen = Feature::all().filter(|feature| !feature.migratable()).collect();
        self.without(&frozen)
    }

    /// Says nothing of `features` any more.
    #[must_use]
    pub fn without(mut self, features: &FeatureSet) -> Self {
        for set in [&mut self.required, &mut self.missing, &mut self.removed] {
            *set = set.difference(features);
        }
        self
    }

    fn cost(&self) -> Cost {
        Cost::of(self.required.len(), self.missing.len() + self.removed.len())
    }
}

/// How far a definition is from its model; less is better, of equal totals the smaller penalty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    total: usize,
    penalty: usize,
}

impl Cost {
    /// Disabled features cost 2, 3, 4 and so on. libvirt's loop over the list shortens it by one at each that it meets,
    /// so it stops halfway through them; those behind weigh 1 each, like required ones.
    fn of(required: usize, disabled: usize) -> Self {
        let counted = disabled.div_ceil(2);
        let penalty: usize = (2..).take(counted).sum();
        Self { total: required + (disabled - counted) + penalty, penalty }
    }
}

/// The definition chosen so far.
struct Choice {
    cpu: GuestCpu,
    cost: Cost,
    matches: bool,
}

impl Choice {
    fn yields_to(&self, other: &Self, preferred: &ModelSet) -> bool {
        match (self.matches, other.matches) {
            (true, false) => false,
            (false, true) => true,
            _ if preferred.contains(other.cpu.model) && other.cost.penalty < self.cost.penalty => {
                true
            }
            _ => other.cost < self.cost,
        }
    }
}

impl CpuData {
    /// The guest definition that amounts to these features. The only model of `preferred` is taken outright; of several
    /// each is favoured. `None` only where the vendor admits no model: the map has models of no vendor, so never.
    ///
    /// The models that an emulator offers are not considered.
    #[must_use]
    pub fn decode_guest(&self, preferred: &ModelSet) -> Option<GuestCpu> {
        let (data, only) = (self.without_broken(), preferred.only());
        let mut choice: Option<Choice> = None;
        for model in
            Model::all().rev().filter(|model| model.decodes_guest() && model.admits(data.vendor))
        {
            let cpu = GuestCpu::new(model, &data);
            if only == Some(model) {
                return Some(cpu);
            }
            let other = Choice { cpu, cost: cpu.cost(), matches: model.matches(data.signature) };
            if choice.as_ref().is_none_or(|choice| choice.yields_to(&other, preferred)) {
                choice = Some(other);
            }
        }
        choice.map(|choice| choice.cpu)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The loop as libvirt runs it.
    fn naive(required: usize, disabled: usize) -> (usize, usize) {
        let (mut count, mut penalty, mut price) = (required + disabled, 0, 2);
        let mut at = 0;
        while at < count {
            if at >= required {
                (penalty, price, count) = (penalty + price, price + 1, count - 1);
            }
            at += 1;
        }
        (count + penalty, penalty)
    }

    #[test]
    fn the_closed_form_equals_the_loop() {
        for (required, disabled) in
            (0..40).flat_map(|required| (0..90).map(move |disabled| (required, disabled)))
        {
            let cost = Cost::of(required, disabled);
            assert_eq!(
                (cost.total, cost.penalty),
                naive(required, disabled),
                "{required} {disabled}"
            );
        }
    }

    #[test]
    fn policies_have_names() {
        for policy in Policy::ALL {
            assert_eq!(Policy::by_name(policy.name()), Some(policy));
        }
    }
}
