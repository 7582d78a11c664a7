//! What an emulator may do: never more than libvirt lets it.

use rustix::io::{self, Errno};
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, capabilities, capabilities_secure_bits,
    clear_ambient_capability_set, configure_capability_in_ambient_set, set_capabilities,
    set_capabilities_secure_bits, set_no_new_privs,
};

/// Who an emulator runs as, if root starts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user's number.
    pub uid: u32,
    /// The group's number. It has no other groups.
    pub gid: u32,
}

impl Account {
    /// The account of a `dac` security label, which is the one that libvirt starts emulators with: `+64055:+64055`.
    pub fn of_label(label: &[u8]) -> Option<Self> {
        let (user, group) = str::from_utf8(label).ok()?.split_once(':')?;
        let number = |text: &str| text.strip_prefix('+')?.parse().ok();
        Some(Self { uid: number(user)?, gid: number(group)? })
    }
}

/// From now on nothing that this thread starts gains privileges; and where it drops to another account, it keeps one:
/// `CAP_DAC_OVERRIDE`.
///
/// It is needed for the same document. libvirt probes with it, so that an emulator opens a `/dev/kvm` which its account alone may
/// not open, as one of root's with the mode 0600; without it `<domain type='kvm'/>` would be missing on such a host. An emulator
/// has it for as long as it is asked: none outlives this process.
///
/// What this thread may not do, or the kernel cannot, is left: then an emulator has less, never more.
///
/// # Errors
/// All others. An emulator that then had less might reply something else, and must not be started.
pub(super) fn confine(account: Option<Account>) -> io::Result<()> {
    // Linux has had it since 3.5.
    unless_refused(set_no_new_privs(true))?;
    if account.is_some() {
        unless_refused(keep_device_access())?;
    }
    Ok(())
}

fn unless_refused(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(Errno::PERM | Errno::INVAL | Errno::NOSYS) => Ok(()),
        result => result,
    }
}

/// Of all capabilities only this one outlasts the change of account and the start of the program, as it is ambient; the
/// others outlast the change alone, since without them there would be no way to make this one ambient.
fn keep_device_access() -> io::Result<()> {
    let mut sets = capabilities(None)?;
    sets.inheritable = CapabilitySet::DAC_OVERRIDE;
    set_capabilities(None, sets)?;
    clear_ambient_capability_set()?;
    configure_capability_in_ambient_set(CapabilitySet::DAC_OVERRIDE, true)?;
    set_capabilities_secure_bits(
        capabilities_secure_bits()? | CapabilitiesSecureBits::NO_SETUID_FIXUP,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_an_account() {
        let account = |label: &str| Account::of_label(label.as_bytes());
        assert_eq!(account("+64055:+107"), Some(Account { uid: 64055, gid: 107 }));
        assert_eq!(account("+0:+0"), Some(Account { uid: 0, gid: 0 }));
        assert_eq!(account("+1:+-1"), None);
        assert_eq!(account("qemu:qemu"), None);
        assert_eq!(account(""), None);
    }
}
