//! Numbers of the main program's procedures.

/// A procedure: open, so that one of tomorrow is one too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Procedure(pub u32);

/// Larger than the number of any procedure so far, with room for some years.
const BEYOND: u32 = 512;

impl Procedure {
    /// Opens the connection to the driver.
    pub const CONNECT_OPEN: Self = Self(1);
    /// Ends the connection.
    pub const CONNECT_CLOSE: Self = Self(2);
    /// The name of the driver.
    pub const CONNECT_GET_TYPE: Self = Self(3);
    /// The version of the emulator.
    pub const CONNECT_GET_VERSION: Self = Self(4);
    /// What the machine is made of.
    pub const NODE_GET_INFO: Self = Self(6);
    /// The document.
    pub const CONNECT_GET_CAPABILITIES: Self = Self(7);
    /// Names of inactive domains.
    pub const CONNECT_LIST_DEFINED_DOMAINS: Self = Self(21);
    /// A domain by its id.
    pub const DOMAIN_LOOKUP_BY_ID: Self = Self(22);
    /// A domain by its name.
    pub const DOMAIN_LOOKUP_BY_NAME: Self = Self(23);
    /// A domain by its UUID.
    pub const DOMAIN_LOOKUP_BY_UUID: Self = Self(24);
    /// How many domains are inactive.
    pub const CONNECT_NUM_OF_DEFINED_DOMAINS: Self = Self(25);
    /// Ids of active domains.
    pub const CONNECT_LIST_DOMAINS: Self = Self(37);
    /// How many domains are active.
    pub const CONNECT_NUM_OF_DOMAINS: Self = Self(51);
    /// The name of the host.
    pub const CONNECT_GET_HOSTNAME: Self = Self(59);
    /// Whether the other side has a feature.
    pub const CONNECT_SUPPORTS_FEATURE: Self = Self(60);
    /// Ways to authenticate.
    pub const AUTH_LIST: Self = Self(66);
    /// Free memory of some cells.
    pub const NODE_GET_CELLS_FREE_MEMORY: Self = Self(101);
    /// Free memory of the host.
    pub const NODE_GET_FREE_MEMORY: Self = Self(102);
    /// The URI that was opened.
    pub const CONNECT_GET_URI: Self = Self(110);
    /// The first security model.
    pub const NODE_GET_SECURITY_MODEL: Self = Self(122);
    /// Whether nobody listens.
    pub const CONNECT_IS_SECURE: Self = Self(149);
    /// The version of libvirt.
    pub const CONNECT_GET_LIB_VERSION: Self = Self(157);
    /// Whether the host can run a CPU.
    pub const CONNECT_COMPARE_CPU: Self = Self(158);
    /// A CPU that all hosts can run.
    pub const CONNECT_BASELINE_CPU: Self = Self(162);
    /// Time that CPUs spent.
    pub const NODE_GET_CPU_STATS: Self = Self(227);
    /// Memory of the host or of a cell by use.
    pub const NODE_GET_MEMORY_STATS: Self = Self(228);
    /// All domains.
    pub const CONNECT_LIST_ALL_DOMAINS: Self = Self(273);
    /// Which CPUs are online.
    pub const NODE_GET_CPU_MAP: Self = Self(293);
    /// CPU models of an architecture.
    pub const CONNECT_GET_CPU_MODEL_NAMES: Self = Self(312);
    /// Free pages of some cells.
    pub const NODE_GET_FREE_PAGES: Self = Self(340);
    /// Wants to be told when the connection ends.
    pub const CONNECT_REGISTER_CLOSE_CALLBACK: Self = Self(360);
    /// Wants it no more.
    pub const CONNECT_UNREGISTER_CLOSE_CALLBACK: Self = Self(361);

    /// Keepalive: are you there?
    pub const PING: Self = Self(1);
    /// Keepalive: yes.
    pub const PONG: Self = Self(2);

    /// Whether it might be a procedure of the main program, of this libvirt or of a later one.
    pub const fn is_known(self) -> bool {
        0 < self.0 && self.0 < BEYOND
    }
}
