//! Why a host gives no document.

use crate::parse::conf::ConfError;
use crate::path::Path;
use crate::sys::Errno;
use caps_core::Full;
use core::fmt;

/// Why a host gives no document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error {
    /// The storage is too small.
    Full(Full),
    /// libvirt would refuse.
    Refused(Refusal),
    /// A source failed, so that nothing is known of what it holds.
    Unavailable(Unavailable),
}

/// A source that is neither absent nor readable, for a reason that may have passed the next time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Unavailable {
    /// The file, or the name of the fact.
    pub source: Word,
    /// The error of the call that failed.
    pub errno: Errno,
}

impl Unavailable {
    /// The source at `path`, which failed with `errno`.
    pub fn new(path: &Path, errno: Errno) -> Self {
        Self { source: abridged(path.as_bytes()), errno }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.errno)
    }
}

impl core::error::Error for Unavailable {}

/// A text for a message. An ellipsis stands for what does not fit.
pub(crate) fn abridged(text: &[u8]) -> Word {
    let mut abridged = Word::new();
    let letters = text.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
    for letter in letters {
        if abridged.len() + letter.len_utf8() + '…'.len_utf8() > abridged.capacity() {
            let _ = abridged.push('…');
            break;
        }
        let _ = abridged.push(letter);
    }
    abridged
}

/// A configuration file of libvirt's daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ConfFile {
    /// `libvirtd.conf`: host UUID.
    Libvirtd,
    /// `virtqemud.conf`: host UUID, where there is no `libvirtd.conf`.
    Virtqemud,
    /// `qemu.conf`: security drivers and the account of emulators.
    Qemu,
}

impl ConfFile {
    /// Its name in the configuration directory.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Libvirtd => "libvirtd.conf",
            Self::Virtqemud => "virtqemud.conf",
            Self::Qemu => "qemu.conf",
        }
    }
}

/// A name from a configuration file or a path, for a message.
pub type Word = heapless::String<80, u8>;

/// What libvirt would refuse to start with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Refusal {
    /// A configuration file that cannot be read as one.
    Conf(ConfFile, ConfError),
    /// `host_uuid` is no UUID, or one with 16 equal bytes.
    HostUuid(ConfFile),
    /// `host_uuid_source` is neither `smbios` nor `machine-id`.
    HostUuidSource(ConfFile),
    /// `host_uuid_source` is `machine-id`, and `/etc/machine-id` has none.
    MachineId,
    /// A security driver that libvirt does not know, that is not usable here, or that is named twice.
    SecurityDriver(Word),
    /// The security driver is `none`, and `security_require_confined` is set.
    Unconfined,
    /// SELinux is on, and its labels for domains cannot be read.
    SelinuxContexts,
    /// The account of emulators does not exist.
    Account(&'static str, Word),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(full) => full.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Unavailable(unavailable) => unavailable.fmt(f),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conf(file, error) => write!(f, "{}{error}", file.name()),
            Self::HostUuid(file) => write!(f, "{}: host_uuid is not a valid UUID", file.name()),
            Self::HostUuidSource(file) => {
                write!(f, "{}: host_uuid_source must be smbios or machine-id", file.name())
            }
            Self::MachineId => f.write_str("/etc/machine-id holds no valid UUID"),
            Self::SecurityDriver(name) => {
                write!(
                    f,
                    "qemu.conf: security driver `{name}` is unknown, unusable here or named twice"
                )
            }
            Self::Unconfined => f.write_str(
                "qemu.conf: security_require_confined = 1 does not go with security driver `none`",
            ),
            Self::SelinuxContexts => {
                f.write_str("SELinux is enabled, but its virtual_domain_context cannot be read")
            }
            Self::Account(setting, name) => {
                write!(f, "qemu.conf: {setting} `{name}` does not exist")
            }
        }
    }
}

impl core::error::Error for Error {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Unavailable> for Error {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}
