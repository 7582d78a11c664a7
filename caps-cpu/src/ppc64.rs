//! ppc64 and ppc64le: the processor version register to model and vendor.
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
