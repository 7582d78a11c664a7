//! A `<cpu>` element, as far as comparing and baselines need it.
use core::fmt;

use crate::x86::{Feature, FeatureSet, GuestCpu, HostCpu, Model, Policy, Vendor};

/// What a guest wants of the host besides the features it names: `match=''`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Match {
    /// At least these; the guest gets all that the host has.
    Minimum,
    /// These; the host may have more.
    #[default]
    Exact,
    /// These; the host must not have more.
    Strict,
}

impl Match {
    /// The match of this word of the attribute.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "minimum" => Some(Self::Minimum),
            "exact" => Some(Self::Exact),
            "strict" => Some(Self::Strict),
            _ => None,
        }
    }
}

/// Whose processor a definition describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A host's: the element has an `<arch>`. Its features have no policy.
    Host {
        /// Whether the architecture is i686 or x86_64.
        x86: bool,
    },
    /// A guest's: no `<arch>`.
    Guest(Match),
}

/// A name that the map does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown<'a> {
    /// Of a model.
    Model(&'a str),
    /// Of a feature.
    Feature(&'a str),
    /// Of a vendor.
    Vendor(&'a str),
}

impl fmt::Display for Unknown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(name) => write!(f, "Unknown CPU model {name}"),
            Self::Feature(name) => write!(f, "Unknown CPU feature {name}"),
            Self::Vendor(name) => write!(f, "Unknown CPU vendor {name}"),
        }
    }
}

impl core::error::Error for Unknown<'_> {}

/// A feature stands twice in one definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate(pub Feature);

impl fmt::Display for Duplicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CPU feature {} given more than once", self.0.name())
    }
}

impl core::error::Error for Duplicate {}

/// A `<cpu>` element, gathered while it is read. Names that the map does not have are kept until they matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition<'a> {
    /// Whose it is.
    pub role: Role,
    /// `<model>`.
    pub model: Option<&'a str>,
    /// `<vendor>`.
    pub vendor: Option<&'a str>,
    policies: [FeatureSet; Policy::ALL.len()],
    unknown: Option<&'a str>,
}

impl<'a> Definition<'a> {
    /// Of a processor of which nothing is said yet.
    #[must_use]
    pub const fn new(role: Role) -> Self {
        Self {
            role,
            model: None,
            vendor: None,
            policies: [FeatureSet::EMPTY; Policy::ALL.len()],
            unknown: None,
        }
    }

    /// Of a host of this `<arch>`.
    #[must_use]
    pub fn of_host(arch: &str) -> Self {
        Self::new(Role::Host { x86: matches!(arch, "i686" | "x86_64") })
    }

    /// Adds a `<feature>`; of a guest no policy is [`Policy::Require`], of a host the policy does not count.
    ///
    /// # Errors
    /// [`Duplicate`] if it is there already.
    pub fn feature(&mut self, name: &'a str, policy: Option<Policy>) -> Result<(), Duplicate> {
        let Some(feature) = Feature::by_name(name) else {
            self.unknown = self.unknown.or(Some(name));
            return Ok(());
        };
        if self.policies.iter().any(|set| set.contains(feature)) {
            return Err(Duplicate(feature));
        }
        let policy = match self.role {
            Role::Host { .. } => Policy::Require,
            Role::Guest(_) => policy.unwrap_or(Policy::Require),
        };
        self.extend(policy, FeatureSet::from_iter([feature]));
        Ok(())
    }

    /// The features that stand under `policy`, without those of the model.
    #[must_use]
    pub fn named(&self, policy: Policy) -> FeatureSet {
        self.policies.get(policy as usize).copied().unwrap_or_default()
    }

    /// The features that a guest has: the model's and those forced or required, without those disabled or forbidden.
    ///
    /// # Errors
    /// The name that the map does not have.
    pub fn full_set(&self) -> Result<FeatureSet, Unknown<'a>> {
        let full = self.required()?.union(&self.named(Policy::Force));
        Ok(full.difference(&self.named(Policy::Disable)).difference(&self.named(Policy::Forbid)))
    }

    /// The features of the model and those required.
    pub(crate) fn required(&self) -> Result<FeatureSet, Unknown<'a>> {
        let model = self.known_model()?.map(Model::features).unwrap_or_default();
        match self.unknown {
            Some(name) => Err(Unknown::Feature(name)),
            None => Ok(model.union(&self.named(Policy::Require))),
        }
    }

    pub(crate) fn known_model(&self) -> Result<Option<Model>, Unknown<'a>> {
        self.model.map(|name| Model::by_name(name).ok_or(Unknown::Model(name))).transpose()
    }

    pub(crate) fn known_vendor(&self) -> Result<Option<Vendor>, Unknown<'a>> {
        self.vendor.map(|name| Vendor::by_name(name).ok_or(Unknown::Vendor(name))).transpose()
    }

    /// Adds features under `policy`.
    pub fn extend(&mut self, policy: Policy, features: FeatureSet) {
        if let Some(set) = self.policies.get_mut(policy as usize) {
            *set = set.union(&features);
        }
    }
}

/// The `<cpu>` of the capabilities of this host.
impl From<&HostCpu> for Definition<'static> {
    fn from(cpu: &HostCpu) -> Self {
        let mut definition = Self::new(Role::Host { x86: true });
        definition.model = Some(cpu.model.name());
        definition.vendor = cpu.vendor.map(Vendor::name);
        definition.extend(Policy::Require, cpu.features);
        definition
    }
}

/// A guest definition that was made here.
impl From<&GuestCpu> for Definition<'static> {
    fn from(cpu: &GuestCpu) -> Self {
        let mut definition = Self::new(Role::Guest(Match::Exact));
        definition.model = Some(cpu.model.name());
        definition.vendor = cpu.vendor.map(Vendor::name);
        definition.extend(Policy::Require, cpu.required);
        definition.extend(Policy::Disable, cpu.missing.union(&cpu.removed));
        definition
    }
}
