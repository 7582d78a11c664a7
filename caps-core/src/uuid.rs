//! The host's UUID.

/// 16 bytes in text order; feeds `<uuid>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// Whether it can name a host. A UUID whose 16 bytes are all equal is kept but never printed.
    pub fn is_valid(&self) -> bool {
        let Self([first, rest @ ..]) = self;
        rest.iter().any(|byte| byte != first)
    }

    /// A version 4 UUID from 16 random bytes.
    pub const fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }
}
