//! The model that a host is called: `<cpu>` of `<host>`.
use core::fmt;

use crate::tables::HOST;
use crate::x86::{CpuData, FeatureSet, Model, Signature, Vendor};

/// A host's processor as libvirt names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCpu {
    /// `<model>`.
    pub model: Model,
    /// `<vendor>`; no element for one that libvirt does not know.
    pub vendor: Option<Vendor>,
    /// `<signature>`; no element where the family is 0.
    pub signature: Signature,
    /// `<feature name=''/>`: what the processor has beyond the model.
    pub features: FeatureSet,
}

impl HostCpu {
    /// All features: the model's and those beyond.
    #[must_use]
    pub fn all_features(&self) -> FeatureSet {
        self.features.union(&self.model.features())
    }
}

/// No model of the map is within the processor's features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoModel;

impl fmt::Display for NoModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no CPU model fits the given data")
    }
}

impl core::error::Error for NoModel {}

/// A model that the host might have been called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The model; of models that a host cannot tell apart only the last.
    pub model: Model,
    /// Whether the host's signature is one of the model's.
    pub matches_signature: bool,
    /// What the host lacks of it. The first candidate that lacks nothing is the model chosen.
    pub missing: FeatureSet,
}

impl CpuData {
    /// The model of a host, and what the host has beyond it.
    ///
    /// libvirt walks all models backwards and keeps the better of two at each step. As a model fits only if the host has
    /// all of it, that amounts to the first that fits of a list made beforehand, largest set first; a fit whose signature
    /// matches goes before all others.
    ///
    /// # Errors
    /// [`NoModel`] if the host lacks something of every model.
    pub fn decode_host(&self) -> Result<HostCpu, NoModel> {
        let data = self.without_broken();
        let model = data.fitting_model().ok_or(NoModel)?;
        let features = data.features.difference(&model.features());
        Ok(HostCpu { model, vendor: data.vendor, signature: data.signature, features })
    }

    /// Models in order of preference, each with what the host lacks. Models of another vendor are left out.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate> {
        let data = self.without_broken();
        [true, false].into_iter().flat_map(move |matching| {
            let models = HOST.iter().map(|&index| Model::known(index));
            let models = models.filter(move |model| model.admits(data.vendor));
            models.filter(move |model| model.matches(data.signature) == matching).map(
                move |model| Candidate {
                    model,
                    matches_signature: matching,
                    missing: model.features().difference(&data.features),
                },
            )
        })
    }

    fn fitting_model(&self) -> Option<Model> {
        let mut first = None;
        for model in HOST.iter().map(|&index| Model::known(index)) {
            if model.admits(self.vendor) && model.is_within(&self.features) {
                if model.matches(self.signature) {
                    return Some(model);
                }
                first = first.or(Some(model));
            }
        }
        first
    }
}
