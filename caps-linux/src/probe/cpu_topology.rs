//! `<cpu><topology>`: sockets, cores and threads, counted node by node.

use super::Probe;
use super::read::{Bad, Value, numbered, required};
use crate::parse::mask::{IdMask, MAX_IDS};
use crate::path::at;
use crate::report::Topic;
use caps_core::{Arch, Pool, Stash};
use core::ops::ControlFlow;

/// The CPUs of the host by state.
pub(super) struct CpuSets {
    pub(super) present: Value<IdMask>,
    pub(super) online: Value<IdMask>,
}

/// What the kernel says of the place of a CPU, as far as everybody asks.
///
/// It is read of each CPU: the kernel shows what that CPU itself had (`drivers/base/topology.c`, `define_id_show_func`), and
/// threads of a core may differ in their ids.
pub(super) struct Place {
    /// `physical_package_id`
    pub(super) socket: Result<u32, Bad>,
    /// `core_id`
    pub(super) core: Result<u32, Bad>,
    /// What is counted as its core: on s390 every CPU is one, whatever `core_id` says.
    pub(super) own_core: Result<u32, Bad>,
    /// `thread_siblings_list`; `None` where the CPU is alone.
    pub(super) siblings: Value<IdMask>,
}

/// Counts of the host: sockets of a node, cores of a socket, threads of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) nodes: u32,
    pub(super) sockets: u32,
    pub(super) cores: u32,
    pub(super) threads: u32,
    /// Online and offline CPUs.
    pub(super) cpus: u32,
    /// Whether the counts were made up, because there was no room to count in.
    pub(super) made_up: bool,
}

/// The counts while nodes are walked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    nodes: u32,
    sockets: u32,
    cores: u32,
    threads: u32,
    online: u32,
    /// Never reset, not even between nodes and the walk of all CPUs.
    offline: u32,
}

impl Count {
    /// A node begins.
    pub(super) const fn node(&mut self) {
        self.nodes = self.nodes.wrapping_add(1);
    }

    pub(super) const fn add_offline(&mut self, cpus: u32) {
        self.offline = self.offline.wrapping_add(cpus);
    }

    /// CPUs that are present and not online.
    pub(super) const fn offline(&self) -> u32 {
        self.offline
    }

    /// An online CPU of the node. Socket and core are kept in the stash of the node.
    pub(super) fn with_cpu(mut self, pool: &mut Pool<'_>, place: &Place) -> Result<Self, Bad> {
        self.online = self.online.wrapping_add(1);
        pool.stash_push((u64::from(place.socket?) << 32) | u64::from(place.own_core?));
        let threads = place.siblings.as_ref().map_err(|&bad| bad)?.as_ref().map_or(1, IdMask::len);
        self.threads = self.threads.max(threads);
        Ok(self)
    }

    /// The node ends: its sockets, and the cores of the largest of them.
    fn end_node(&mut self, pool: &mut Pool<'_>, stash: Stash) {
        pool.stash_sort(&stash);
        let (mut sockets, mut cores) = (0, 0);
        let mut before: Option<u64> = None;
        for place in pool.stashed(&stash) {
            let same_socket = before.is_some_and(|before| before >> 32 == place >> 32);
            sockets += u32::from(!same_socket);
            cores = if same_socket { cores + u32::from(before != Some(place)) } else { 1 };
            self.cores = self.cores.max(cores);
            before = Some(place);
        }
        self.sockets = self.sockets.max(sockets);
        pool.unstash(stash);
    }

    /// Whether the nodes gave nothing, so that all CPUs are to be walked as one node.
    pub(super) const fn is_empty(&self) -> bool {
        self.online == 0 || self.nodes == 0
    }

    /// The counts if they multiply to the number of CPUs, else one socket of that many cores. `None` without a CPU, and where
    /// nodes share CPUs so that there are more than any host has: they would all be made up.
    ///
    /// In a full pool nothing could be counted; then one core of each CPU takes as much storage as any shape.
    pub(super) fn shape(&self, pool: &Pool<'_>) -> Option<Shape> {
        let Self { nodes, sockets, cores, threads, .. } = *self;
        let cpus = self.online.wrapping_add(self.offline);
        let shape = Shape { nodes, sockets, cores, threads, cpus, made_up: false };
        if self.online == 0 || cpus > MAX_IDS {
            None
        } else if pool.full().is_some() {
            Some(Shape { sockets: 1, cores: cpus, threads: 1, made_up: true, ..shape })
        } else if sockets == 0 || threads == 0 {
            None
        } else if product([nodes, sockets, cores, threads]) == Some(cpus) {
            Some(shape)
        } else {
            Some(Shape { nodes: 1, sockets: 1, cores: cpus, threads: 1, ..shape })
        }
    }
}

impl Probe<'_> {
    pub(super) fn cpu_sets(&mut self) -> CpuSets {
        let mut list =
            |name: &str| self.cpulist(Topic::CpuTopology, &at!("/sys/devices/system/cpu/", name));
        let (online, present) = (list("online"), list("present"));
        CpuSets { present, online }
    }

    /// Where `cpu` sits.
    pub(super) fn place(&mut self, cpu: u32) -> Place {
        let core = self.core_id(cpu);
        Place {
            socket: self.id(cpu, "physical_package_id"),
            core,
            own_core: self.own_core(cpu, core),
            siblings: self.cpulist(
                Topic::Numa,
                &at!("/sys/devices/system/cpu/cpu", cpu, "/topology/thread_siblings_list"),
            ),
        }
    }

    fn own_core(&self, cpu: u32, core: Result<u32, Bad>) -> Result<u32, Bad> {
        let s390 = Arch::from_machine(self.host.facts.machine).is_some_and(Arch::is_s390);
        if s390 { Ok(cpu) } else { core }
    }

    /// A topology number that is 0 where it is missing or negative.
    pub(super) fn id(&mut self, cpu: u32, name: &str) -> Result<u32, Bad> {
        let id =
            self.i32(Topic::Numa, &at!("/sys/devices/system/cpu/cpu", cpu, "/topology/", name))?;
        Ok(id.map_or(0, |id| id.max(0) as u32))
    }

    fn core_id(&mut self, cpu: u32) -> Result<u32, Bad> {
        let id =
            self.u32(Topic::Numa, &at!("/sys/devices/system/cpu/cpu", cpu, "/topology/core_id"))?;
        Ok(id.unwrap_or(0))
    }

    /// All CPUs as one node: for a host whose nodes give none. `offline` are those counted before.
    pub(super) fn count_all(
        &mut self,
        pool: &mut Pool<'_>,
        sets: &CpuSets,
        offline: u32,
    ) -> Result<Count, Bad> {
        let mut members = IdMask::default();
        required(self.list(
            Topic::CpuTopology,
            &at!("/sys/devices/system/cpu"),
            &mut |_, name| {
                add_member(&mut members, name);
                ControlFlow::Continue(())
            },
        ))?;
        let (online, more_offline) = sets.split(&members)?;
        let mut count =
            Ok(Count { nodes: 1, offline: offline.wrapping_add(more_offline), ..Count::default() });
        let stash = pool.stash();
        for cpu in online.iter() {
            let place = self.place(cpu);
            count = count.and_then(|count| count.with_cpu(pool, &place));
        }
        end_node(&mut count, pool, stash);
        count
    }
}

/// Adds the CPU that an entry of a directory stands for, if it does.
pub(super) fn add_member(members: &mut IdMask, name: &[u8]) {
    if let Some(cpu) = numbered_start(name, b"cpu") {
        members.set(cpu, true);
    }
}

/// The node ends, as far as it could be counted.
pub(super) fn end_node(count: &mut Result<Count, Bad>, pool: &mut Pool<'_>, stash: Stash) {
    match count {
        Ok(count) => count.end_node(pool, stash),
        Err(Bad) => pool.unstash(stash),
    }
}

impl CpuSets {
    /// The present CPUs of `members`: those online, and the number of the others.
    pub(super) fn split(&self, members: &IdMask) -> Result<(IdMask, u32), Bad> {
        let (Ok(Some(online)), Ok(Some(present))) = (&self.online, &self.present) else {
            return Err(Bad);
        };
        let present = members.and(present);
        let online = present.and(online);
        let offline = present.len() - online.len();
        Ok((online, offline))
    }
}

fn product(factors: [u32; 4]) -> Option<u32> {
    factors.into_iter().try_fold(1, u32::checked_mul)
}

/// The number that follows `prefix`, whatever follows that.
fn numbered_start(name: &[u8], prefix: &[u8]) -> Option<u32> {
    let rest = name.strip_prefix(prefix)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    numbered(rest.get(..digits)?, b"")
}
