//! The topology that libvirt makes up where it cannot see the real one.

use super::Findings;
use crate::path::at;
use crate::probe::Probe;
use crate::probe::cpu_topology::Shape;
use crate::probe::read::Bad;
use crate::report::Topic;
use caps_core::{Builder, CellBuilder, CellCpu, CpuSet, Run};

/// A CPU of a made-up core.
struct Thread {
    id: u32,
    socket: u32,
    core: u32,
    siblings: Run,
}

impl Probe<'_> {
    /// Cells that all have id 0 and the whole memory, with sockets, cores and threads as they were counted. Nothing where
    /// the host cannot be counted.
    pub(super) fn fake_topology(
        &mut self,
        builder: &mut Builder<'_>,
        findings: &Findings,
    ) -> Result<(), Bad> {
        let (shape, memory_kib) = (findings.shape.ok_or(Bad)?, findings.memory_kib.ok_or(Bad)?);
        let mut topology = builder.topology();
        let mut next = 0;
        for _ in 0..shape.nodes {
            let mut cell = topology.cell();
            if next < shape.cpus {
                next = self.fake_cpus(&mut cell, &shape, next)?;
            }
            cell.finish(0, memory_kib);
        }
        topology.finish();
        Ok(())
    }

    /// Fills a cell with CPUs from `first` on, and returns the number behind the last.
    fn fake_cpus(
        &mut self,
        cell: &mut CellBuilder<'_, '_>,
        shape: &Shape,
        first: u32,
    ) -> Result<u32, Bad> {
        let mut next = first;
        for socket in 0..shape.sockets {
            for core in 0..shape.cores {
                let siblings = Run { first: next, last: next.wrapping_add(shape.threads - 1) };
                for id in siblings.first..=siblings.last {
                    // A made-up shape has one core of each CPU; its sockets may have as many numbers.
                    let socket = if shape.made_up { core } else { socket };
                    self.fake_cpu(cell, &Thread { id, socket, core, siblings })?;
                }
                next = siblings.last.wrapping_add(1);
            }
        }
        Ok(next)
    }

    fn fake_cpu(&mut self, cell: &mut CellBuilder<'_, '_>, thread: &Thread) -> Result<(), Bad> {
        let Thread { id, socket, core, siblings } = *thread;
        let online = self.u32(Topic::Numa, &at!("/sys/devices/system/cpu/cpu", id, "/online"))?;
        if online.unwrap_or(1) != 0 {
            let cpu = CellCpu {
                id,
                socket_id: socket,
                die_id: 0,
                cluster_id: 0,
                core_id: core,
                siblings: CpuSet::EMPTY,
            };
            cell.cpu(&cpu, [siblings]);
        }
        Ok(())
    }
}
