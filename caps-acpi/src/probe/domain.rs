//! Proximity domains, with the numbers that Linux would give them.

use super::cpus::Cpus;
use crate::error::Error;
use crate::memory::Region;
use crate::table::{Affinity, Srat};

/// The most proximity domains of a machine. They are kept on the stack, 16 bytes each.
pub const MAX_DOMAINS: usize = 256;

/// A domain.
#[derive(Clone, Copy, Debug)]
struct Domain {
    /// What the firmware calls it; `None` for the only one of a machine without a SRAT.
    number: Option<u32>,
    ram_bytes: u64,
}

/// The domains in the order in which they are first met: the node of each is its place.
#[derive(Debug, Default)]
pub(super) struct Domains(heapless::Vec<Domain, MAX_DOMAINS, u16>);

impl Domains {
    /// Puts every CPU into its node on the way, and every range of `ram`.
    pub(super) fn fill(
        &mut self,
        srat: Option<&Srat<'_>>,
        ram: &[Region],
        cpus: &mut Cpus,
    ) -> Result<(), Error> {
        for affinity in srat.into_iter().flat_map(Srat::affinities) {
            let node = self.intern(affinity.domain())?;
            match affinity {
                Affinity::Cpu { apic_id, .. } => cpus.place(apic_id, node),
                Affinity::Memory { region, .. } => self.add(node, ram, region),
            }
        }
        if self.0.is_empty() {
            let all = ram.iter().map(|region| region.len).fold(0, u64::saturating_add);
            let only = Domain { number: None, ram_bytes: all };
            self.0.push(only).map_err(|_| Error::Domains)?;
        }
        Ok(())
    }

    /// Number of nodes that there may be.
    pub(super) fn len(&self) -> u16 {
        self.0.len() as u16
    }

    /// The domain of a node; `None` where no table tells.
    pub(super) fn number(&self, node: u16) -> Option<u32> {
        self.0.get(usize::from(node))?.number
    }

    /// The node of a domain.
    pub(super) fn node(&self, number: u32) -> Option<u16> {
        self.0.iter().position(|known| known.number == Some(number)).map(|node| node as u16)
    }

    /// RAM of a node, in KiB.
    pub(super) fn memory_kib(&self, node: u16) -> u64 {
        self.0.get(usize::from(node)).map_or(0, |domain| domain.ram_bytes >> 10)
    }

    fn intern(&mut self, number: u32) -> Result<u16, Error> {
        if self.node(number).is_none() {
            let domain = Domain { number: Some(number), ram_bytes: 0 };
            self.0.push(domain).map_err(|_| Error::Domains)?;
        }
        self.node(number).ok_or(Error::Domains)
    }

    /// Adds what `ram` has of a range.
    fn add(&mut self, node: u16, ram: &[Region], range: Region) {
        let bytes = ram.iter().map(|region| region.overlap(range)).fold(0, u64::saturating_add);
        if let Some(domain) = self.0.get_mut(usize::from(node)) {
            domain.ram_bytes = domain.ram_bytes.saturating_add(bytes);
        }
    }
}
