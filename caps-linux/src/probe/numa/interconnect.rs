//! `<interconnects>`

use super::Walk;
use crate::path::{Path, at};
use crate::probe::Probe;
use crate::probe::read::{Bad, numbered, required};
use crate::report::Topic;
use caps_core::{Interconnect, InterconnectKind, TopologyBuilder};
use core::ops::ControlFlow;

/// What a node says of those that reach it fastest.
struct Access {
    values: [(InterconnectKind, bool, u32); 4],
}

impl Probe<'_> {
    /// Latency and bandwidth of every node that tells, from each of its initiators.
    pub(super) fn interconnects(
        &mut self,
        topology: &mut TopologyBuilder<'_, '_>,
        walk: &Walk<'_>,
    ) -> Result<(), Bad> {
        if walk.nodes.unnumbered {
            return Err(Bad);
        }
        walk.accessed.iter().try_for_each(|target| self.initiators(topology, target))
    }

    fn initiators(
        &mut self,
        topology: &mut TopologyBuilder<'_, '_>,
        target: u32,
    ) -> Result<(), Bad> {
        // access0 also has initiators that are no CPUs.
        let access = at!("/sys/devices/system/node/node", target, "/access1");
        if self.list(Topic::Numa, &access, &mut |_, _| ControlFlow::Break(())) != Ok(Some(())) {
            return Ok(());
        }
        let directory = at!(access, "/initiators");
        let access = self.access(&directory)?;
        let mut read = Ok(());
        required(self.list(Topic::Numa, &directory, &mut |_, name| {
            match numbered(name, b"node") {
                Some(initiator) => access.put(topology, initiator, target),
                None if name.starts_with(b"node") => read = Err(Bad),
                None => {}
            }
            ControlFlow::Continue(())
        }))?;
        read
    }

    fn access(&mut self, directory: &Path) -> Result<Access, Bad> {
        let mut value = |name: &str| required(self.u32(Topic::Numa, &at!(*directory, "/", name)));
        let kib_per_s = |mib_per_s: u32| mib_per_s.wrapping_shl(10);
        Ok(Access {
            values: [
                (InterconnectKind::Bandwidth, false, kib_per_s(value("read_bandwidth")?)),
                (InterconnectKind::Bandwidth, true, kib_per_s(value("write_bandwidth")?)),
                (InterconnectKind::Latency, false, value("read_latency")?),
                (InterconnectKind::Latency, true, value("write_latency")?),
            ],
        })
    }
}

impl Access {
    fn put(&self, topology: &mut TopologyBuilder<'_, '_>, initiator: u32, target: u32) {
        for (kind, write, value) in self.values {
            topology.interconnect(Interconnect { kind, initiator, target, write, value });
        }
    }
}
