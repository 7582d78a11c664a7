//! `/etc/passwd` and `/etc/group`.

use super::int::{decimal, sign};
use super::line::{c_string, trim_start};

/// The number of `name` on this line of either file: `name:x:NUMBER:...`.
pub fn id_on_line(line: &[u8], name: &[u8]) -> Option<u32> {
    let mut fields = c_string(line).split(|&byte| byte == b':');
    let found = fields.next()? == name;
    let id = decimal(fields.nth(1)?).filter(|_| found)?;
    u32::try_from(id).ok()
}

/// The number of an account as a setting has it: blanks and a sign may go before it, and a negative one wraps at 32 bits.
pub fn id(text: &[u8]) -> Option<u32> {
    let (negative, digits) = sign(trim_start(text));
    let id = u32::try_from(decimal(digits)?).ok()?;
    Some(if negative { id.wrapping_neg() } else { id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_field_is_the_number() {
        assert_eq!(
            id_on_line(b"libvirt-qemu:x:64055:64055:,,,:/nonexistent:/bin/false", b"libvirt-qemu"),
            Some(64055)
        );
        assert_eq!(id_on_line(b"qemu:x:107:", b"libvirt-qemu"), None);
        assert_eq!(id_on_line(b"qemu:x:107\0:107:", b"qemu"), Some(107));
        assert_eq!(id_on_line(b"qemu:x\0:107:107:", b"qemu"), None);
        assert_eq!((id_on_line(b"qemu:x", b"qemu"), id_on_line(b"", b"")), (None, None));
    }

    #[test]
    fn a_negative_number_wraps() {
        assert_eq!((id(b"-1"), id(b"-4294967295"), id(b"-0")), (Some(u32::MAX), Some(1), Some(0)));
        assert_eq!(
            (id(b" +7"), id(b"\t010"), id(b"4294967295")),
            (Some(7), Some(10), Some(u32::MAX))
        );
        for bad in ["", "-", "- 7", "--7", "7 ", "0x7", "4294967296", "-4294967296"] {
            assert_eq!(id(bad.as_bytes()), None, "{bad}");
        }
    }
}
