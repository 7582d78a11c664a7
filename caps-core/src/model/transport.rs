//! Migration transports.

/// How a running guest can travel: `<uri_transport>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Transport {
    /// `tcp`
    Tcp,
    /// `rdma`
    Rdma,
}

/// Most transports of a document: one of each.
pub const MAX_TRANSPORTS: usize = 2;

impl Transport {
    /// The scheme of the URI.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Rdma => "rdma",
        }
    }
}
