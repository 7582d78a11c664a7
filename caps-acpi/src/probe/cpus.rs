//! The CPUs, with the numbers that Linux would give them.

use crate::error::Error;
use crate::table::Madt;
use caps_core::Run;

/// The most CPUs of a machine. They are kept on the stack, 8 bytes each.
pub const MAX_CPUS: usize = 1024;

/// A CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cpu {
    pub(super) apic_id: u32,
    /// The node that it is in, once that is known.
    pub(super) node: Option<u16>,
}

/// The CPUs that can be used: the boot CPU first, the others as the MADT lists them.
#[derive(Debug, Default)]
pub(super) struct Cpus(heapless::Vec<Cpu, MAX_CPUS, u16>);

impl Cpus {
    /// Without a MADT the boot CPU is the only one that is known.
    pub(super) fn fill(&mut self, madt: Option<&Madt<'_>>, boot_apic_id: u32) -> Result<(), Error> {
        let listed = madt.into_iter().flat_map(Madt::local_apics).filter(|apic| apic.enabled);
        let others = listed.map(|apic| apic.apic_id).filter(|&id| id != boot_apic_id);
        for apic_id in core::iter::once(boot_apic_id).chain(others.clone()) {
            if self.find(apic_id).is_none() {
                let pushed = self.0.push(Cpu { apic_id, node: None });
                pushed.map_err(|_| Error::Cpus(1 + others.clone().count()))?;
            }
        }
        Ok(())
    }

    /// The CPUs by their numbers, from 0 on.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Cpu> + Clone {
        self.0.iter()
    }

    pub(super) fn len(&self) -> u32 {
        self.0.len() as u32
    }

    /// Puts the CPU with this APIC id into a node, unless it is in one.
    pub(super) fn place(&mut self, apic_id: u32, node: u16) {
        if let Some(cpu) = self.find(apic_id).and_then(|at| self.0.get_mut(at)) {
            cpu.node = cpu.node.or(Some(node));
        }
    }

    /// The CPUs that share what `shift` bits of an APIC id tell apart with the CPU of `apic_id`.
    pub(super) fn sharing(&self, apic_id: u32, shift: u32) -> impl Iterator<Item = Run> + Clone {
        let group = high_bits(apic_id, shift);
        let numbered = (0_u32..).zip(self.iter());
        let members = numbered.filter(move |(_, cpu)| high_bits(cpu.apic_id, shift) == group);
        members.map(|(number, _)| Run { first: number, last: number })
    }

    fn find(&self, apic_id: u32) -> Option<usize> {
        self.0.iter().position(|cpu| cpu.apic_id == apic_id)
    }
}

/// An APIC id without its lowest `shift` bits.
pub(super) const fn high_bits(apic_id: u32, shift: u32) -> u32 {
    match apic_id.checked_shr(shift) {
        Some(bits) => bits,
        None => 0,
    }
}
