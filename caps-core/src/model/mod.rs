//! The records of a document. One file a topic; the writer and the probes have twins of the same name.

mod cache;
mod cpu;
mod guest;
mod monitor;
mod names;
mod numa;
mod security;
mod transport;

pub(crate) use cache::CacheHead;
pub use cache::{Bank, BankSize, Banks, CacheControl, CacheKind, Controls, SizeUnit};
pub(crate) use cpu::CpuHead;
pub use cpu::{CpuTopology, HostCpu, Signature, TscCounter};
pub use guest::{
    Domain, DomainEntry, Domains, Guest, GuestEntry, GuestFeature, GuestFeatures, Guests,
    MAX_GUEST_FEATURES, Machine, Machines, OsType, VirtType,
};
pub(crate) use monitor::MonitorHead;
pub use monitor::{BandwidthControl, Monitor};
pub use names::Names;
pub use numa::{
    Associativity, Cell, CellCpu, CellCpus, Cells, Distance, Distances, Interconnect,
    InterconnectKind, Interconnects, MemoryCache, MemoryCaches, PagePool, PagePools, WritePolicy,
};
pub(crate) use numa::{CELL_SIZE, TopologyHead};
pub(crate) use security::SecModelHead;
pub use security::{MAX_SECMODELS, SecModel};
pub use transport::{MAX_TRANSPORTS, Transport};
