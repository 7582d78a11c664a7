//! A guest definition that runs on every one of some CPUs: what `virsh cpu-baseline` makes.
use core::fmt;

use crate::definition::{Definition, Unknown};
use crate::tables::{FEATURES_BY_NAME, UNLISTED};
use crate::x86::{CpuData, Feature, FeatureSet, GuestCpu, ModelSet, Policy, Signature, Vendor};

/// Why there is no baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaselineError<'a> {
    /// No CPU was given.
    NoCpus,
    /// A CPU has no model.
    NoModel,
    /// A name is not in the map.
    Unknown(Unknown<'a>),
    /// The vendor that a CPU names is not that of its model.
    VendorOfModel {
        /// Name of the model.
        model: &'static str,
        /// Vendor of the model.
        own: &'static str,
        /// Vendor that the CPU names.
        named: &'a str,
    },
    /// The CPUs are of different vendors.
    Vendors,
    /// The CPUs have no feature in common, or are of models that cannot replace each other.
    Incompatible,
    /// No model describes the common features.
    NoSuitableModel,
}

impl fmt::Display for BaselineError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCpus => f.write_str("no CPUs given"),
            Self::NoModel => f.write_str("Missing CPU model name"),
            Self::Unknown(name) => name.fmt(f),
            Self::VendorOfModel { model, own, named } => {
                write!(f, "CPU vendor {own} of model {model} differs from vendor {named}")
            }
            Self::Vendors => f.write_str("CPU vendors do not match"),
            Self::Incompatible => f.write_str("CPUs are incompatible"),
            Self::NoSuitableModel => f.write_str("Cannot find suitable CPU model for given data"),
        }
    }
}

impl core::error::Error for BaselineError<'_> {}

impl<'a> From<Unknown<'a>> for BaselineError<'a> {
    fn from(unknown: Unknown<'a>) -> Self {
        Self::Unknown(unknown)
    }
}

/// A guest definition that runs on every CPU it was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The definition; its vendor is set only if every CPU named one.
    pub cpu: GuestCpu,
    /// `fallback='forbid'`, else `allow`: all CPUs were of one model, and it is that.
    pub forbids_fallback: bool,
}

impl Baseline {
    /// The baseline of `cpus`, one definition at a time.
    ///
    /// # Errors
    /// What is wrong with a definition, or between two; see [`BaselineError`].
    pub fn of<'a>(
        cpus: impl IntoIterator<Item = Definition<'a>>,
    ) -> Result<Self, BaselineError<'a>> {
        let mut builder = BaselineBuilder::default();
        cpus.into_iter().try_for_each(|cpu| builder.add(&cpu))?;
        builder.finish()
    }

    /// As `--migratable`: without xsaves and invtsc, unless the model has them.
    #[must_use]
    pub fn migratable(self) -> Self {
        Self { cpu: self.cpu.migratable(), ..self }
    }

    /// As the QEMU driver returns it: without ht, cmp_legacy, cmt, mbm_total, mbm_local, osxsave, ospke, vmx-ept-uc,
    /// vmx-ept-wb and vmx-invvpid-single-context, which it does not consider migratable.
    #[must_use]
    pub fn of_driver(self) -> Self {
        let unlisted = UNLISTED.iter().map(|&index| Feature::known(index)).collect();
        Self { cpu: self.cpu.without(&unlisted), ..self }
    }

    /// As `--features`: every feature, the model's too.
    #[must_use]
    pub fn expanded(&self) -> Expanded {
        Expanded::new(&self.cpu)
    }
}

/// A baseline being built, one CPU at a time.
///
/// ```
/// use caps_cpu::baseline::BaselineBuilder;
/// use caps_cpu::definition::Definition;
///
/// let mut builder = BaselineBuilder::default();
/// for model in ["Haswell", "Westmere"] {
///     let mut host = Definition::of_host("x86_64");
///     host.model = Some(model);
///     builder.add(&host)?;
/// }
/// assert_eq!(builder.finish()?.cpu.model.name(), "Westmere");
/// # Ok::<(), caps_cpu::baseline::BaselineError<'_>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct BaselineBuilder {
    common: Option<Common>,
}

impl BaselineBuilder {
    /// Adds a CPU that the baseline must run on.
    ///
    /// # Errors
    /// Returns [`BaselineError`] if the definition is unusable, or contradicts an earlier one.
    pub fn add<'a>(&mut self, cpu: &Definition<'a>) -> Result<(), BaselineError<'a>> {
        match &mut self.common {
            None => self.common = Some(Common::first(cpu)?),
            Some(common) => common.add(cpu)?,
        }
        Ok(())
    }

    /// Returns the baseline of all CPUs that were added.
    ///
    /// # Errors
    /// Returns [`BaselineError`] if there is no CPU, or the CPUs have nothing in common.
    pub fn finish<'a>(self) -> Result<Baseline, BaselineError<'a>> {
        self.common.ok_or(BaselineError::NoCpus)?.decode()
    }
}

/// What all CPUs so far have in common.
#[derive(Clone, Copy, Debug)]
struct Common {
    features: FeatureSet,
    vendor: Option<Vendor>,
    all_name_vendor: bool,
    models: ModelSet,
}

impl Common {
    /// Of the first CPU the vendor counts only if it is named, and is not held against the model.
    fn first<'a>(cpu: &Definition<'a>) -> Result<Self, BaselineError<'a>> {
        let model = cpu.known_model()?.ok_or(BaselineError::NoModel)?;
        let (features, vendor) = (cpu.full_set()?, cpu.known_vendor()?);
        Ok(Self {
            features,
            vendor,
            all_name_vendor: vendor.is_some(),
            models: [model].into_iter().collect(),
        })
    }

    fn add<'a>(&mut self, cpu: &Definition<'a>) -> Result<(), BaselineError<'a>> {
        let model = cpu.known_model()?.ok_or(BaselineError::NoModel)?;
        let features = cpu.full_set()?;
        let own = model.vendor().map(Vendor::name);
        if let (Some(named), Some(own)) = (cpu.vendor, own)
            && named != own
        {
            return Err(BaselineError::VendorOfModel { model: model.name(), own, named });
        }
        self.add_vendor(cpu.vendor.or(own))?;
        self.all_name_vendor &= cpu.vendor.is_some();
        self.features = self.features.intersection(&features);
        self.models.insert(model);
        Ok(())
    }

    /// libvirt compares the names first: an unknown name after a known one is a contradiction.
    fn add_vendor<'a>(&mut self, named: Option<&'a str>) -> Result<(), BaselineError<'a>> {
        let Some(name) = named else { return Ok(()) };
        match self.vendor {
            Some(vendor) if vendor.name() != name => Err(BaselineError::Vendors),
            Some(_) => Ok(()),
            None => {
                self.vendor = Some(Vendor::by_name(name).ok_or(Unknown::Vendor(name))?);
                Ok(())
            }
        }
    }

    fn decode<'a>(self) -> Result<Baseline, BaselineError<'a>> {
        if self.features.is_empty() {
            return Err(BaselineError::Incompatible);
        }
        let data = CpuData {
            vendor: self.vendor,
            signature: Signature::default(),
            features: self.features,
        };
        let mut cpu = data.decode_guest(&self.models).ok_or(BaselineError::NoSuitableModel)?;
        cpu.vendor = cpu.vendor.filter(|_| self.all_name_vendor);
        Ok(Baseline { cpu, forbids_fallback: self.models.only() == Some(cpu.model) })
    }
}

/// Every feature of a definition, ordered bytewise by name.
#[derive(Clone, Copy, Debug)]
pub struct Expanded {
    required: FeatureSet,
    disabled: FeatureSet,
}

impl Expanded {
    fn new(cpu: &GuestCpu) -> Self {
        let disabled = cpu.missing.union(&cpu.removed);
        let required = cpu.model.features().union(&cpu.required).difference(&disabled);
        let removed: FeatureSet =
            cpu.model.removed().filter(|feature| !required.contains(*feature)).collect();
        Self { required, disabled: disabled.union(&removed) }
    }

    /// `<feature>` elements in their order.
    pub fn features(&self) -> impl Iterator<Item = (Feature, Policy)> {
        FEATURES_BY_NAME.iter().map(|&index| Feature::known(index)).filter_map(|feature| {
            if self.disabled.contains(feature) {
                Some((feature, Policy::Disable))
            } else {
                self.required.contains(feature).then_some((feature, Policy::Require))
            }
        })
    }
}
