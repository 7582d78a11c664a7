//! `<topology>`: NUMA cells as the kernel has them, or made up where it has none.

pub(super) mod cell;
mod distance;
mod fake;
mod interconnect;
mod memory_cache;

use super::cpu_topology::{Count, Shape};
use super::read::{Bad, numbered};
use super::{Ground, Probe};
use crate::parse::mask::IdMask;
use crate::path::at;
use crate::report::Topic;
use caps_core::{Builder, TopologyBuilder};
use core::ops::ControlFlow;
use distance::DistanceTable;

/// What is known of the host once its nodes were walked.
#[derive(Debug)]
pub(super) struct Findings {
    /// Sockets, cores and threads; `None` where they cannot be counted.
    pub(super) shape: Option<Shape>,
    /// Memory of the host in KiB; `None` where a node does not tell its own.
    pub(super) memory_kib: Option<u64>,
}

/// The nodes of the host.
#[derive(Default)]
struct Nodes {
    /// Their numbers.
    numbers: IdMask,
    /// Whether a name begins like a node's and goes on otherwise.
    unnumbered: bool,
}

/// The state of a walk over all nodes.
struct Walk<'w> {
    ground: &'w Ground,
    nodes: &'w Nodes,
    /// Nodes that may say how fast others reach them.
    accessed: IdMask,
    distances: DistanceTable,
    /// Counting CPUs, until something makes no sense.
    count: Result<Count, Bad>,
    /// The cells, until something makes no sense.
    cells: Result<(), Bad>,
    /// Memory of all nodes in KiB, until one does not tell.
    memory_kib: Option<u64>,
}

impl Probe<'_> {
    /// Walks the nodes once, for `<topology>` and for the shape of the CPU, which takes that CPUs can be told about.
    pub(super) fn numa(
        &mut self,
        builder: &mut Builder<'_>,
        ground: &Ground,
        has_cpuinfo: bool,
    ) -> Findings {
        let failures = self.failures;
        let nodes = self.nodes();
        let mut findings = self.walk(builder, ground, &nodes, DistanceTable::default());
        if let Err(Restart) = findings {
            findings = self.walk(builder, ground, &nodes, DistanceTable::void());
        }
        let (mut findings, real) =
            findings.unwrap_or((Findings { shape: None, memory_kib: None }, false));
        findings.shape = findings.shape.filter(|_| has_cpuinfo);
        // Nothing is made up in place of cells that may be there.
        if !real && self.failures == failures {
            // Without it there is no topology, and nothing else depends on that.
            let _ = self.fake_topology(builder, &findings);
        }
        findings
    }

    fn nodes(&mut self) -> Nodes {
        let mut nodes = Nodes::default();
        let _ = self.list(Topic::Numa, &at!("/sys/devices/system/node"), &mut |_, name| {
            match (numbered(name, b"node"), name.strip_prefix(b"node")) {
                (Some(number), _) => drop(nodes.numbers.set(number, true)),
                (None, Some(rest)) => {
                    nodes.unnumbered |= !rest.first().is_some_and(u8::is_ascii_digit)
                }
                (None, None) => {}
            }
            ControlFlow::Continue(())
        });
        nodes
    }

    /// The findings, and whether the cells are real.
    fn walk(
        &mut self,
        builder: &mut Builder<'_>,
        ground: &Ground,
        nodes: &Nodes,
        distances: DistanceTable,
    ) -> Result<(Findings, bool), Restart> {
        let cells = if self.host.facts.numa { Ok(()) } else { Err(Bad) };
        let memory_kib = self.host.facts.numa.then_some(0);
        let count = Ok(Count::default());
        let accessed = IdMask::default();
        let mut walk = Walk { ground, nodes, accessed, distances, count, cells, memory_kib };
        let mut topology = builder.topology();
        for node in nodes.numbers.iter() {
            self.node(&mut topology, &mut walk, node);
            walk.distances.restart()?;
        }
        self.count_rest(&mut topology, &mut walk);
        let shape = walk.count.ok().and_then(|count| count.shape(topology.pool()));
        let real = walk.cells.and_then(|()| self.interconnects(&mut topology, &walk)).is_ok();
        if real {
            topology.finish();
        }
        let memory_kib = walk.memory_kib.or_else(|| self.physical_kib());
        Ok((Findings { shape, memory_kib }, real))
    }

    /// Counts all CPUs as one node where the nodes gave none.
    fn count_rest(&mut self, topology: &mut TopologyBuilder<'_, '_>, walk: &mut Walk<'_>) {
        if let Ok(count) = walk.count
            && count.is_empty()
        {
            walk.count = self.count_all(topology.pool(), &walk.ground.sets, count.offline());
        }
    }

    /// Memory of a host without NUMA, in KiB.
    fn physical_kib(&mut self) -> Option<u64> {
        let facts = self.host.facts;
        if facts.numa {
            return None;
        }
        self.note_fact(Topic::Numa, "phys_pages", facts.physical_bytes != 0);
        (facts.physical_bytes != 0).then_some(facts.physical_bytes / 1024)
    }
}

/// What was read of the distances makes those of earlier cells void: begin again without any.
#[derive(Debug)]
struct Restart;
