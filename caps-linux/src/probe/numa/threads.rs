//! Cores of which a thread is still to come: on a sysfs that agrees with itself each says where all of its threads are.

use crate::parse::mask::IdMask;
use crate::probe::Probe;
use crate::probe::cpu_topology::Place;
use caps_core::{CellCpu, Run};

/// Cores that can be kept at once: more than a node has whose threads are numbered one round after the other. What does not
/// fit is read again.
const MAX_CORES: usize = 128;

/// Places of threads that were read, for their siblings.
pub(super) struct Cores {
    open: heapless::Vec<Core, MAX_CORES, u16>,
}

/// The place of all threads of a core.
#[derive(Clone, Copy)]
struct Core {
    threads: [Run; 2],
    socket: u32,
    core: u32,
    part: (u32, u32),
}

impl Cores {
    pub(super) const fn new() -> Self {
        Self { open: heapless::Vec::new() }
    }

    /// The core that `cpu` is a thread of, if another told of it.
    fn with(&mut self, cpu: u32) -> Option<Core> {
        let at = self.open.iter().position(|core| core.has(cpu))?;
        let core = *self.open.get(at)?;
        if core.last() == cpu {
            self.open.swap_remove(at);
        }
        Some(core)
    }

    /// Keeps what `cpu` tells for its siblings, where there are more to come.
    pub(super) fn add(&mut self, cpu: &CellCpu<'_>, siblings: &IdMask) {
        let mut runs = siblings.runs();
        let Some(first) = runs.next() else { return };
        let threads = [first, runs.next().unwrap_or(first)];
        let (socket, core) = (cpu.socket_id, cpu.core_id);
        let core = Core { threads, socket, core, part: (cpu.die_id, cpu.cluster_id) };
        if runs.next().is_none() && core.last() > cpu.id && core.has(cpu.id) {
            // What does not fit is read again.
            let _ = self.open.push(core);
        }
    }
}

impl Core {
    fn has(&self, cpu: u32) -> bool {
        self.threads.iter().any(|run| (run.first..=run.last).contains(&cpu))
    }

    const fn last(&self) -> u32 {
        let [_, second] = self.threads;
        second.last
    }

    fn siblings(&self) -> IdMask {
        let mut siblings = IdMask::default();
        for id in self.threads.iter().flat_map(|run| run.first..=run.last) {
            siblings.set(id, true);
        }
        siblings
    }
}

impl Probe<'_> {
    /// Where `cpu` sits, as a sibling told or as it tells itself.
    pub(super) fn place_among(&mut self, cores: &mut Cores, cpu: u32) -> Place {
        let Some(core) = cores.with(cpu) else { return self.place(cpu) };
        Place {
            socket: Ok(core.socket),
            core: Ok(core.core),
            own_core: self.own_core(cpu, Ok(core.core)),
            siblings: Ok(Some(core.siblings())),
            part: Some(core.part),
        }
    }
}
