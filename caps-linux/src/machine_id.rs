//! UUIDs that are derived from a machine id.

use caps_core::Uuid;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The application that UUIDs of hosts are derived for; a number of caps' own.
const APPLICATION: [u8; 16] = 0xb1f2_7a0e_5c34_4d8b_9e61_0d3c_a84f_7265_u128.to_be_bytes();

/// The UUID of the host with this machine id: always the same, and the id cannot be computed from it.
///
/// It is what `systemd-id128 machine-id --app-specific=b1f27a0e5c344d8b9e610d3ca84f7265` prints.
pub(crate) fn host_uuid(machine_id: &Uuid) -> Option<Uuid> {
    let mut code = Hmac::<Sha256>::new_from_slice(&machine_id.0).ok()?;
    code.update(&APPLICATION);
    let code: [u8; 32] = code.finalize().into_bytes().into();
    code.first_chunk().copied().map(Uuid::from_random)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As an implementation of HMAC-SHA256 in another language has it.
    #[test]
    fn uuids_are_those_of_systemd() {
        let machine_id = Uuid(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef_u128.to_be_bytes());
        let expected = 0xb076_89ec_5f7f_43ce_bb9e_11e7_5905_e85e_u128.to_be_bytes();
        assert_eq!(host_uuid(&machine_id), Some(Uuid(expected)));
    }
}
