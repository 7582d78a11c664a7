//! What a host says otherwise than by files.

use crate::dbus::Answers;
use crate::sys::{Errno, TscFacts};
use caps_core::Uuid;

/// Answers that are not files: plain values, so that any host can be told.
///
/// The default is a host that answers nothing.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// `uname(2)` machine: `x86_64`.
    pub machine: &'a str,
    /// Size of a base page in bytes; 0 is unknown. `AT_PAGESZ`.
    pub page_bytes: u64,
    /// RAM of the host in bytes: `sysinfo(2)`. Tells the memory of a host without NUMA.
    pub physical_bytes: u64,
    /// Whether `get_mempolicy(2)` answers: libnuma's test for NUMA.
    pub numa: bool,
    /// Whether `/dev/kvm` opens and is what it is called.
    pub kvm: bool,
    /// The time stamp counter as KVM tells it; `None` without a usable `/dev/kvm`.
    pub tsc: Option<TscFacts>,
    /// `AT_HWCAP` of the auxiliary vector, which tells the features of aarch64; `None` elsewhere.
    pub hwcap: Option<u64>,
    /// What logind answered; `None` without logind.
    pub logind: Option<Answers>,
    /// Whether the daemon would be the system's: effective uid 0.
    pub privileged: bool,
    /// `PATH`, where emulators are looked for.
    pub path: &'a [u8],
    /// The UUID of a recorded host whose firmware has none: what its daemon drew. It goes before that of the machine id.
    pub random_uuid: Option<Uuid>,
    /// A random UUID, for a host with neither one of its firmware nor a machine id.
    pub last_uuid: Option<Uuid>,
    /// Sources of the running host that may not be opened; of no account for the document.
    pub denied: Denied,
    /// Directory of the daemon's configuration, under the root.
    pub config_dir: &'a [u8],
    /// Facts that could not be had, for a reason that may pass. Each is an error where it is needed.
    pub failed: &'a [FailedFact],
}

/// A fact that could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FailedFact {
    /// Its name in a recorded host.
    pub name: &'static str,
    /// What was called.
    pub source: &'static str,
    /// The error of that.
    pub errno: Errno,
}

impl Facts<'_> {
    /// The failure of the fact `name`, if it failed.
    pub fn failure(&self, name: &str) -> Option<&FailedFact> {
        self.failed.iter().find(|failed| failed.name == name)
    }
}

/// Sources that are there and may not be opened, with the kernel's reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Denied {
    /// `/dev/kvm`
    pub kvm: Option<Errno>,
    /// `/dev/cpu/0/msr`
    pub msrs: Option<Errno>,
    /// The system bus, on which logind is.
    pub logind: Option<Errno>,
}

impl Facts<'_> {
    /// Where emulators are looked for unless the host says otherwise.
    pub const DEFAULT_PATH: &'static [u8] =
        b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    /// Configuration of the system's daemon.
    pub const SYSTEM_CONFIG: &'static [u8] = b"etc/libvirt";
}

impl Default for Facts<'_> {
    fn default() -> Self {
        Self {
            machine: "",
            page_bytes: 0,
            physical_bytes: 0,
            numa: false,
            kvm: false,
            tsc: None,
            hwcap: None,
            logind: None,
            privileged: false,
            path: Self::DEFAULT_PATH,
            random_uuid: None,
            last_uuid: None,
            denied: Denied::default(),
            config_dir: Self::SYSTEM_CONFIG,
            failed: &[],
        }
    }
}
