//! `/etc/passwd` and `/etc/group`.

use super::int::decimal;
use super::line::c_string;

/// The number of `name` on this line of either file: `name:x:NUMBER:...`.
pub fn id_on_line(line: &[u8], name: &[u8]) -> Option<u32> {
    let mut fields = c_string(line).split(|&byte| byte == b':');
    let found = fields.next()? == name;
    let id = decimal(fields.nth(1)?).filter(|_| found)?;
    u32::try_from(id).ok()
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
}
