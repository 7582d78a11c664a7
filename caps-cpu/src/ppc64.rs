//! ppc64 and ppc64le: the processor version register to model and vendor.
use crate::baseline::BaselineError;
use crate::definition::{Definition, Unknown};
use crate::tables::{PPC64_MODEL_VENDORS, PPC64_MODELS, PPC64_PVRS, PPC64_VENDORS};

/// A host's processor as libvirt names it. POWER has no feature list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCpu {
    /// `<model>`.
    pub model: &'static str,
    /// `<vendor>`.
    pub vendor: Option<&'static str>,
}

/// The host with this PVR; `None` if the map has no such model.
#[must_use]
pub fn decode_host(pvr: u32) -> Option<HostCpu> {
    let &(_, _, model) = PPC64_PVRS.iter().find(|(value, mask, _)| pvr & mask == *value)?;
    let vendor = PPC64_MODEL_VENDORS.get(usize::from(model));
    let vendor = vendor.map(|&vendor| PPC64_VENDORS.name(vendor.into()));
    Some(HostCpu { model: PPC64_MODELS.name(model.into()), vendor })
}

/// Returns the model that all hosts share: the baseline of POWER.
///
/// POWER has no features to intersect, so the hosts must be of one model. Names are those of `<model>` and `<vendor>`.
///
/// # Errors
/// Returns [`BaselineError`] if a name is unknown, or the hosts differ.
pub fn baseline<'a>(
    shared: Option<&'static str>,
    host: &Definition<'a>,
) -> Result<&'static str, BaselineError<'a>> {
    let name = host.model.ok_or(BaselineError::NoModel)?;
    let shared = match shared {
        Some(shared) => shared,
        None => models().find(|model| *model == name).ok_or(Unknown::Model(name))?,
    };
    if name != shared {
        return Err(BaselineError::Incompatible);
    }
    check_vendor(shared, host.vendor).map(|()| shared)
}

/// A vendor that a host names must be that of its model.
fn check_vendor<'a>(model: &'static str, named: Option<&'a str>) -> Result<(), BaselineError<'a>> {
    let Some(named) = named else { return Ok(()) };
    if PPC64_VENDORS.position(named).is_none() {
        return Err(Unknown::Vendor(named).into());
    }
    match vendor_of(model) {
        Some(own) if own != named => Err(BaselineError::VendorOfModel { model, own, named }),
        _ => Ok(()),
    }
}

/// Returns the vendor of a model.
fn vendor_of(model: &str) -> Option<&'static str> {
    let vendor = PPC64_MODEL_VENDORS.get(PPC64_MODELS.position(model)?)?;
    Some(PPC64_VENDORS.name(usize::from(*vendor)))
}

/// The names of all models, in the order of the map.
pub fn models() -> impl Iterator<Item = &'static str> {
    (0..PPC64_MODELS.len()).map(|model| PPC64_MODELS.name(model))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_names_the_model() {
        let host = |pvr| decode_host(pvr).map(|host| (host.model, host.vendor));
        assert_eq!(host(0x004e_1202), Some(("POWER9", Some("IBM"))));
        assert_eq!(host(0x004a_0201), Some(("POWER7", Some("IBM"))));
        assert_eq!(host(0x8024_0012), Some(("POWERPC_e5500", Some("Freescale"))));
        assert_eq!(host(0), None);
    }
}
