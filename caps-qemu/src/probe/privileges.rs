//! What an emulator may do: never more than libvirt lets it.

use rustix::io;
use rustix::process::{Gid, Uid, getegid, geteuid, getgid, getuid};
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, capabilities, capabilities_secure_bits,
    clear_ambient_capability_set, configure_capability_in_ambient_set, set_capabilities,
    set_capabilities_secure_bits, set_no_new_privs, set_thread_res_gid, set_thread_res_uid,
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
/// to open any device. libvirt does so, and an emulator tells KVM only if it can open `/dev/kvm`.
///
/// What cannot be done is left: then an emulator has less, never more.
pub(super) fn confine(account: Option<Account>) {
    // Linux has had it since 3.5.
    let _ = set_no_new_privs(true);
    if account.is_some() {
        let _ = keep_device_access();
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

/// What `act` says when this thread does it as `account`; `None` if it cannot be that.
///
/// A process may be looked at and limited by its own user, or with capabilities that root seldom has in a container.
pub(super) fn acting_as<T>(account: Option<Account>, act: impl FnOnce() -> Option<T>) -> Option<T> {
    let Some(Account { uid, gid }) = account else { return act() };
    let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
    let own = (getuid(), geteuid(), getgid(), getegid());
    let acted = set_thread_res_gid(gid, gid, None)
        .and_then(|()| set_thread_res_uid(uid, uid, None))
        .ok()
        .and_then(|()| act());
    // The saved ones are still there to return to: only who was never away can fail.
    let _ = set_thread_res_uid(own.0, own.1, None);
    let _ = set_thread_res_gid(own.2, own.3, None);
    acted
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
