//! `<cpu>`: model, vendor and features by caps-cpu, the rest by CPUID and one MSR.

use super::Ground;
use super::level::Leaves;
use caps_core::{Builder, CpuTopology, HostCpu, Pool, Signature};
use caps_cpu::x86::{CpuData, Vendor};

/// The MSR with the revision of the microcode, once leaf 1 was read.
const MICROCODE: u32 = 0x8b;

impl Ground<'_> {
    /// The host CPU. Where no model fits, the rest stays.
    pub(super) fn cpu(&self, builder: &mut Builder<'_>, topology: CpuTopology) {
        let leaves = Leaves::of(self.machine.cpuid);
        let decoded = CpuData::as_probed(self.machine.cpuid).decode_host().ok();
        let address_bits = leaves.read(0x8000_0008, 0).eax & 0xff;
        let cpu = HostCpu {
            model: decoded.map(|cpu| cpu.model.name()),
            vendor: decoded.and_then(|cpu| cpu.vendor).map(Vendor::name),
            microcode: self.microcode(leaves),
            signature: decoded.map(|cpu| signature(cpu.signature)),
            counter: None,
            topology,
            maxphysaddr_bits: Some(address_bits).filter(|&bits| bits != 0),
        };
        let features = decoded.map(|cpu| cpu.features).unwrap_or_default();
        builder.cpu(&cpu, features.iter().map(|feature| feature.name().as_bytes()));
        builder.page_sizes(page_sizes_kib(leaves));
    }

    /// 0 where it cannot be read. AMD has it in the low half, Intel in the high one.
    fn microcode(&self, leaves: Leaves<'_>) -> u32 {
        let _ = leaves.read(1, 0);
        let value = self.machine.cpuid.msr(MICROCODE).unwrap_or(0);
        if leaves.is_amd() { value as u32 } else { (value >> 32) as u32 }
    }

    /// Sockets of a cell, cores of a socket, threads of a core; or one socket of that many cores, where that does not multiply to
    /// the number of CPUs. As libvirt counts them.
    pub(super) fn shape(&self, pool: &mut Pool<'_>) -> CpuTopology {
        let mut shape = CpuTopology { sockets: 0, cores: 0, threads: 0 };
        for node in self.nodes() {
            let (sockets, cores) = self.count(pool, node);
            shape.sockets = shape.sockets.max(sockets);
            shape.cores = shape.cores.max(cores);
        }
        for cpu in self.cpus.iter() {
            let siblings = self.cpus.sharing(cpu.apic_id, self.levels.thread_bits);
            shape.threads = shape.threads.max(siblings.count() as u32);
        }
        let CpuTopology { sockets, cores, threads } = shape;
        let factors = [self.nodes().count() as u32, sockets, cores, threads];
        let product = factors.into_iter().try_fold(1, u32::checked_mul);
        if product == Some(self.cpus.len()) {
            shape
        } else {
            CpuTopology { sockets: 1, cores: self.cpus.len(), threads: 1 }
        }
    }

    /// The sockets of a node, and the cores of the one that has most.
    fn count(&self, pool: &mut Pool<'_>, node: u16) -> (u32, u32) {
        let stash = pool.stash();
        for cpu in self.cpus_of(node) {
            let place = self.levels.place(cpu.apic_id);
            pool.stash_push((u64::from(place.socket) << 32) | u64::from(place.core));
        }
        pool.stash_sort(&stash);
        let (mut sockets, mut cores, mut most) = (0, 0, 0);
        let mut before: Option<u64> = None;
        for place in pool.stashed(&stash) {
            let same_socket = before.is_some_and(|before| before >> 32 == place >> 32);
            sockets += u32::from(!same_socket);
            cores = if same_socket { cores + u32::from(before != Some(place)) } else { 1 };
            most = most.max(cores);
            before = Some(place);
        }
        pool.unstash(stash);
        (sockets, most)
    }
}

/// The sizes of pages that long mode has, in KiB: 4 KiB, 2 MiB, and 1 GiB where leaf 0x80000001 says so.
pub(super) fn page_sizes_kib(leaves: Leaves<'_>) -> impl Iterator<Item = u64> {
    let large = leaves.read(1, 0).edx >> 3 & 1 == 1;
    let huge = leaves.read(0x8000_0001, 0).edx >> 26 & 1 == 1;
    [(true, 4), (large, 2 << 10), (huge, 1 << 20)]
        .into_iter()
        .filter_map(|(has, kib)| has.then_some(kib))
}

fn signature(signature: caps_cpu::x86::Signature) -> Signature {
    let caps_cpu::x86::Signature { family, model, stepping, .. } = signature;
    Signature { family, model, stepping }
}
