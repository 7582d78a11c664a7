//! aarch64: MIDR_EL1 and HWCAP to model, vendor and features.
use core::fmt;

use crate::tables::{ARM_FEATURES, ARM_IMPLEMENTERS, ARM_MODELS, ARM_PARTS, ARM_VENDORS};

/// HWCAP bit without which MIDR_EL1 cannot be read by a program.
const CPUID: u32 = 11;

/// A host's processor as libvirt names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCpu {
    /// `<model>`, by the part number alone.
    pub model: &'static str,
    /// `<vendor>`; `None` for implementer 0 and for one that libvirt does not know.
    pub vendor: Option<&'static str>,
    /// `<feature name=''/>`; none where the implementer is unknown.
    pub features: Hwcaps,
}

/// Why libvirt prints nothing but the architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoModel {
    /// The kernel does not let programs read MIDR_EL1: HWCAP has no `cpuid` bit.
    NoMidr,
    /// The map has no model of this part number.
    UnknownPart(u16),
}

impl fmt::Display for NoModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMidr => f.write_str("HWCAP does not allow MIDR_EL1 to be read"),
            Self::UnknownPart(part) => write!(f, "no CPU model has the part number {part:#05x}"),
        }
    }
}

impl core::error::Error for NoModel {}

/// The low 32 bits of HWCAP, each a feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hwcaps(u32);

impl Hwcaps {
    /// The names of the bits that are set, lowest first.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        (0..32).filter(move |bit| self.0 >> bit & 1 == 1).map(|bit| ARM_FEATURES.name(bit))
    }
}

/// The host whose current core has this MIDR_EL1 and whose kernel passes this HWCAP.
///
/// # Errors
/// [`NoModel`] if the register cannot be read or the map has no such part.
pub fn decode_host(midr: u64, hwcap: u64) -> Result<HostCpu, NoModel> {
    if hwcap >> CPUID & 1 == 0 {
        return Err(NoModel::NoMidr);
    }
    let (part, implementer) = ((midr >> 4 & 0xfff) as u16, (midr >> 24) as u8);
    let model =
        ARM_PARTS.iter().position(|known| *known == part).ok_or(NoModel::UnknownPart(part))?;
    let vendor = ARM_IMPLEMENTERS.iter().position(|known| *known == implementer);
    let known = implementer == 0 || vendor.is_some();
    Ok(HostCpu {
        model: ARM_MODELS.name(model),
        vendor: vendor.map(|vendor| ARM_VENDORS.name(vendor)),
        features: Hwcaps(if known { hwcap as u32 } else { 0 }),
    })
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    const NEOVERSE_N1: u64 = 0x413f_d0c1;

    #[test]
    fn part_and_implementer_name_the_host() {
        let host = decode_host(NEOVERSE_N1, 0b1000_0000_0011).unwrap();
        assert_eq!((host.model, host.vendor), ("Neoverse-N1", Some("ARM")));
        assert_eq!(host.features.names().collect::<Vec<_>>(), ["fp", "asimd", "cpuid"]);
        let all = decode_host(NEOVERSE_N1, u64::MAX).unwrap();
        assert_eq!((all.features.names().count(), all.features.names().last()), (32, Some("pacg")));
    }

    #[test]
    fn the_implementer_does_not_choose_the_model() {
        let host = |implementer: u64| {
            decode_host(NEOVERSE_N1 & 0x00ff_ffff | implementer << 24, 1 << CPUID).unwrap()
        };
        assert_eq!((host(0).vendor, host(0).features), (None, Hwcaps(1 << CPUID)));
        assert_eq!((host(0x51).model, host(0x51).vendor), ("Neoverse-N1", Some("Qualcomm")));
        assert_eq!(
            (host(0xff).vendor, host(0xff).features),
            (None, Hwcaps(0)),
            "unknown: no features either"
        );
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        assert_eq!(decode_host(NEOVERSE_N1, 0), Err(NoModel::NoMidr));
        assert_eq!(decode_host(0x413f_fff1, 1 << CPUID), Err(NoModel::UnknownPart(0xfff)));
    }
}
