//! What the machine answers.

use caps_core::Arch;
use caps_cpu::definition::Definition;

/// The answer cannot be had now, and why in a few words: they are printed by clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable(pub &'static str);

/// A document that was made, for as long as it is being sent. Small, so that a connection can hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document {
    /// What the node knows it by.
    pub id: u32,
    /// Its length in bytes.
    pub bytes: u32,
}

/// `virNodeGetInfo()`: what the machine is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeInfo {
    /// Memory of all cells in KiB.
    pub memory_kib: u64,
    /// CPUs that are online.
    pub cpus: u32,
    /// Frequency of the first CPU in MHz; 0 is unknown.
    pub mhz: u32,
    /// NUMA cells, as far as they multiply with the counts that follow to the number of CPUs.
    pub nodes: u32,
    /// Sockets of a cell.
    pub sockets: u32,
    /// Cores of a socket.
    pub cores: u32,
    /// Threads of a core.
    pub threads: u32,
}

/// `virNodeGetMemoryStats()`, in KiB. Buffers and cached pages are known of the whole host only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryStats {
    /// `MemTotal`
    pub total_kib: u64,
    /// `MemFree`
    pub free_kib: u64,
    /// `Buffers`
    pub buffers_kib: u64,
    /// `Cached`
    pub cached_kib: u64,
}

/// `virNodeGetCPUStats()`: time since boot, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTimes {
    /// In the kernel, interrupts included.
    pub kernel_ns: u64,
    /// In programs, nice ones included.
    pub user_ns: u64,
    /// Doing nothing.
    pub idle_ns: u64,
    /// Doing nothing while something waits for a disk.
    pub iowait_ns: u64,
}

/// `virNodeGetSecurityModel()`: the first `<secmodel>` of the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecurityModel<'a> {
    /// `<model>`; empty without one.
    pub model: &'a [u8],
    /// `<doi>`
    pub doi: u32,
}

/// The machine that a connection speaks for. Each method asks the machine anew, and none waits.
///
/// Cells are NUMA nodes by the kernel's number.
pub trait Node {
    /// Makes the document anew. It stays as it is until it is [released](Self::release).
    ///
    /// # Errors
    /// [`Unavailable`], as of all methods here.
    fn document(&mut self) -> Result<Document, Unavailable>;

    /// Copies bytes of a document, from `offset` on, to the start of `room`, and tells how many.
    fn read(&self, document: Document, offset: u32, room: &mut [u8]) -> usize;

    /// The document is not needed any more.
    fn release(&mut self, document: Document);

    /// Architecture of the host; `None` where libvirt has no name for it.
    fn arch(&self) -> Option<Arch>;

    /// The host's CPU as its document describes it, handed to `visit`.
    fn host_cpu(&mut self, visit: &mut dyn FnMut(&Definition<'_>)) -> Result<(), Unavailable>;

    /// The first security model, handed to `visit`.
    fn security_model(
        &mut self,
        visit: &mut dyn FnMut(SecurityModel<'_>),
    ) -> Result<(), Unavailable>;

    /// The name of the host, as many bytes as `room` takes.
    fn hostname<'b>(&mut self, room: &'b mut [u8]) -> Result<&'b [u8], Unavailable>;

    /// The machine's name for its architecture: `x86_64`.
    fn machine<'b>(&mut self, room: &'b mut [u8]) -> Result<&'b [u8], Unavailable>;

    /// The version of the emulator: major × 1,000,000 + minor × 1,000 + release. `None` without an emulator.
    fn emulator_version(&mut self) -> Result<Option<u64>, Unavailable>;

    /// What the machine is made of.
    fn info(&mut self) -> Result<NodeInfo, Unavailable>;

    /// The cell with the largest number.
    fn last_cell(&mut self) -> Result<u32, Unavailable>;

    /// Free memory of `cell` in bytes; 0 where there is no such cell.
    fn cell_free_bytes(&mut self, cell: u32) -> Result<u64, Unavailable>;

    /// Free memory of all cells in bytes.
    fn free_bytes(&mut self) -> Result<u64, Unavailable>;

    /// Memory of a cell, or of the whole host, by use.
    fn memory_stats(&mut self, cell: Option<u32>) -> Result<MemoryStats, Unavailable>;

    /// Time that a CPU, or all of them together, spent. `None` where there is no such CPU.
    fn cpu_times(&mut self, cpu: Option<u32>) -> Result<Option<CpuTimes>, Unavailable>;

    /// How many CPUs there may be: the largest number of one that is present, and one.
    fn cpu_count(&mut self) -> Result<u32, Unavailable>;

    /// The numbers of the CPUs that are online, ascending, handed to `visit`.
    fn online_cpus(&mut self, visit: &mut dyn FnMut(u32)) -> Result<(), Unavailable>;

    /// Free pages of `size_kib` KiB in `cell`; `None` where the cell has no pages of that size.
    fn free_pages(&mut self, cell: u32, size_kib: u32) -> Result<Option<u64>, Unavailable>;
}
