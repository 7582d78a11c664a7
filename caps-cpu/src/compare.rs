//! Whether a host can run a CPU: what `virsh cpu-compare` asks.
use crate::definition::{Definition, Match, Role, Unknown};
use crate::x86::{FeatureSet, Policy};

/// How a CPU relates to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The host cannot run it.
    Incompatible(Reason),
    /// The host is exactly that.
    Identical,
    /// The host is that and more.
    Superset,
}

/// Why a host cannot run a CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The host's own model is not known.
    UnknownHost,
    /// It is of another architecture.
    Arch,
    /// It names another vendor than the host's.
    Vendor,
    /// The host has features that it forbids.
    Forbidden(FeatureSet),
    /// The host lacks features that it requires.
    Missing(FeatureSet),
    /// The host has features beyond a strict definition.
    Excess(FeatureSet),
}

/// Whether `host` can run `cpu`.
///
/// # Errors
/// A model or feature of either that the map does not have, unless the answer did not depend on it.
pub fn compare<'a>(host: &Definition<'a>, cpu: &Definition<'a>) -> Result<Comparison, Unknown<'a>> {
    if let Some(reason) = refused_by_name(host, cpu) {
        return Ok(Comparison::Incompatible(reason));
    }
    let (has, all_required) = (host.full_set()?, cpu.required()?);
    let [force, optional, disable] =
        [Policy::Force, Policy::Optional, Policy::Disable].map(|policy| cpu.named(policy));
    let aside = force.union(&optional).union(&disable);
    let required = all_required.difference(&aside);
    Ok(match_sets(cpu, &has, &required, &has.difference(&aside).difference(&required)))
}

/// What needs no feature to be known.
fn refused_by_name(host: &Definition<'_>, cpu: &Definition<'_>) -> Option<Reason> {
    let foreign = cpu.role == Role::Host { x86: false };
    let vendor_differs = cpu.vendor.is_some() && cpu.vendor != host.vendor;
    match host.model {
        None => Some(Reason::UnknownHost),
        Some(_) if foreign => Some(Reason::Arch),
        Some(_) => vendor_differs.then_some(Reason::Vendor),
    }
}

fn match_sets(
    cpu: &Definition<'_>,
    has: &FeatureSet,
    required: &FeatureSet,
    excess: &FeatureSet,
) -> Comparison {
    let forbidden = cpu.named(Policy::Forbid).intersection(has);
    let missing = required.difference(has);
    if !forbidden.is_empty() {
        Comparison::Incompatible(Reason::Forbidden(forbidden))
    } else if !missing.is_empty() {
        Comparison::Incompatible(Reason::Missing(missing))
    } else if excess.is_empty() {
        Comparison::Identical
    } else if cpu.role == Role::Guest(Match::Strict) {
        Comparison::Incompatible(Reason::Excess(*excess))
    } else {
        Comparison::Superset
    }
}
