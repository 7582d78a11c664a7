//! Family, model and stepping.

/// What leaf 1 says of the processor in EAX; all 0 where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Signature {
    /// Family and extended family added, 0 to 270.
    pub family: u16,
    /// Model, the extended one as its upper digit, for every family.
    pub model: u8,
    /// Stepping, 0 to 15.
    pub stepping: u8,
}

impl Signature {
    /// From EAX of leaf 1. Type and reserved bits do not count.
    #[must_use]
    pub const fn from_eax(eax: u32) -> Self {
        Self {
            family: (eax >> 20 & 0xff) as u16 + (eax >> 8 & 0xf) as u16,
            model: (eax >> 12 & 0xf0) as u8 | (eax >> 4 & 0xf) as u8,
            stepping: (eax & 0xf) as u8,
        }
    }

    /// Intel parts whose TSX is broken: libvirt ignores hle and rtm there.
    pub(crate) const fn has_broken_tsx(self) -> bool {
        match (self.family, self.model) {
            (6, 60 | 69 | 70) => true,
            (6, 63) => self.stepping < 4,
            _ => false,
        }
    }
}

/// Signatures of a model: one family and model, some steppings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignaturePattern {
    /// Family, never 0.
    pub family: u16,
    /// Model.
    pub model: u8,
    /// Bit n stands for stepping n.
    pub steppings: u16,
}

impl SignaturePattern {
    /// Whether `signature` is one of these.
    #[must_use]
    pub const fn matches(self, signature: Signature) -> bool {
        self.family == signature.family
            && self.model == signature.model
            && self.steppings >> signature.stepping & 1 == 1
    }
}

/// A pattern in four bytes.
#[derive(Debug)]
pub(crate) struct SignatureRow {
    pub(crate) family: u8,
    pub(crate) model: u8,
    pub(crate) steppings: u16,
}

impl SignatureRow {
    pub(crate) const fn pattern(&self) -> SignaturePattern {
        SignaturePattern {
            family: self.family as u16,
            model: self.model,
            steppings: self.steppings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_fields_always_count() {
        let signature = Signature::from_eax(0x00a2_0f12);
        assert_eq!(signature, Signature { family: 25, model: 33, stepping: 2 });
        assert_eq!(
            Signature::from_eax(0x0002_0652),
            Signature { family: 6, model: 37, stepping: 2 }
        );
        assert_eq!(
            Signature::from_eax(u32::MAX),
            Signature { family: 270, model: 255, stepping: 15 }
        );
        assert_eq!(
            Signature::from_eax(0xf000_f000),
            Signature { family: 0, model: 0, stepping: 0 },
            "reserved, type"
        );
    }

    #[test]
    fn steppings_are_bits() {
        let cascadelake = SignaturePattern { family: 6, model: 85, steppings: 0x00e0 };
        let stepping = |stepping| Signature { family: 6, model: 85, stepping };
        assert!(
            !cascadelake.matches(stepping(4))
                && cascadelake.matches(stepping(5))
                && !cascadelake.matches(stepping(8))
        );
    }
}
