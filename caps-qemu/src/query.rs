//! What an emulator is asked.

use std::fmt;

/// A question to an emulator, as far as its answer matters for `<guest>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Query {
    /// `query-version`
    Version,
    /// `query-target`: the architecture that it emulates.
    Target,
    /// `query-accelerators`: what it runs on, since QEMU 11.1.
    Accelerators,
    /// `query-kvm`: whether it runs on KVM.
    Kvm,
    /// `qom-list-types`: all types, the accelerators among them.
    Types,
    /// `qom-list-properties` of `tcg-accel`: refused if there is no such type.
    TcgProperties,
    /// `query-machines`
    Machines,
}

impl Query {
    /// All of them, in the order of asking.
    pub const ALL: [Self; 7] = [
        Self::Version,
        Self::Target,
        Self::Accelerators,
        Self::Kvm,
        Self::Types,
        Self::TcgProperties,
        Self::Machines,
    ];

    /// The QMP command.
    pub const fn command(self) -> &'static str {
        match self {
            Self::Version => "query-version",
            Self::Target => "query-target",
            Self::Accelerators => "query-accelerators",
            Self::Kvm => "query-kvm",
            Self::Types => "qom-list-types",
            Self::TcgProperties => "qom-list-properties",
            Self::Machines => "query-machines",
        }
    }

    /// The question that `command` asks; the properties are those of `typename`.
    pub(crate) fn of(command: &str, typename: Option<&str>) -> Option<Self> {
        let query = Self::ALL.into_iter().find(|query| query.command() == command)?;
        (query != Self::TcgProperties || typename == Some(TCG)).then_some(query)
    }
}

/// The type of emulation without help from hardware.
pub(crate) const TCG: &str = "tcg-accel";

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.command())
    }
}
