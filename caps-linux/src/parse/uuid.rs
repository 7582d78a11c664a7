//! UUIDs in text.

use super::line::{c_string, is_blank, trim_start};
use caps_core::Uuid;

/// Reads a UUID: pairs of hexadecimal digits in text order, `-` and blanks between pairs, blanks around.
///
/// # Errors
/// What was filled before the first bad character: libvirt goes on with it where it comes from the firmware.
pub fn uuid(text: &[u8]) -> Result<Uuid, Uuid> {
    let mut uuid = Uuid::default();
    match fill(&mut uuid, trim_start(c_string(text))) {
        Some(rest) if rest.iter().all(|&byte| is_blank(byte)) => Ok(uuid),
        _ => Err(uuid),
    }
}

/// Fills all 16 bytes and returns what follows. A byte whose second digit is bad keeps its first.
fn fill<'t>(uuid: &mut Uuid, text: &'t [u8]) -> Option<&'t [u8]> {
    let mut rest = text;
    for byte in &mut uuid.0 {
        let gap = rest.iter().take_while(|byte| matches!(byte, b'-' | b' ')).count();
        rest = rest.get(gap..)?;
        *byte = 0;
        let (high, low) = (digit(rest.first())?, digit(rest.get(1)));
        *byte = high << 4;
        *byte |= low?;
        rest = rest.get(2..)?;
    }
    Some(rest)
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    char::from(*byte?).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn dashes_and_case_do_not_matter() {
        let plain = uuid(b"4C4C4544005136108052B4C04F4E3132");
        assert_eq!(plain, uuid(b" 4c4c4544-0051-3610-8052-b4c04f4e3132\n"));
        assert_eq!(plain, uuid(b"4C4C4544005136108052B4C04F4E3132\n\0\0x"));
        assert!(plain.is_ok());
    }

    #[test]
    fn what_was_filled_stays() {
        let Err(Uuid(bytes)) = uuid(b"4C4C4544-0051-3610-8052-B4C04F4E313x") else { panic!() };
        assert_eq!(bytes[..2], [0x4c, 0x4c]);
        assert_eq!(bytes[14..], [0x31, 0x30]);
        assert_eq!(uuid(b"Not Settable: no uuid here, sorry!!!"), Err(Uuid::default()));
        assert!(uuid(b"4C4C4544-0051-3610-8052-B4C04F4E3132 x").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_uuid_or_a_part(bytes: Vec<u8>) {
            let _ = uuid(&bytes);
        }
    }
}
