//! The MAC address prefix of generated network interfaces.

/// The first three bytes of every generated MAC address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MacPrefix(pub [u8; 3]);

impl MacPrefix {
    /// 52:54:00, the prefix of QEMU and KVM guests.
    pub const QEMU: Self = Self([0x52, 0x54, 0x00]);

    /// The MAC address of the prefix and three bytes of the caller's.
    pub const fn address(self, tail: [u8; 3]) -> [u8; 6] {
        let (Self([a, b, c]), [d, e, f]) = (self, tail);
        [a, b, c, d, e, f]
    }
}

impl Default for MacPrefix {
    fn default() -> Self {
        Self::QEMU
    }
}
