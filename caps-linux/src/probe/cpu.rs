//! `<cpu>`: model, vendor and features by caps-cpu, microcode, counter, physical address bits.

use super::Probe;
use super::cpu_topology::Shape;
use crate::parse::cpuinfo::{LineCutter, MICROCODE_BYTES, address_bits, microcode};
use crate::path::at;
use crate::report::{Outcome, Topic};
use crate::sys::Errno;
use caps_core::{Arch, Builder, CpuTopology, HostCpu, Signature, TscCounter};
use caps_cpu::x86::{CpuData, Feature, Vendor};
use caps_cpu::{SourceFailure, arm};
use core::ops::ControlFlow;

/// What `/proc/cpuinfo` says of the first CPU.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CpuInfo {
    microcode: u32,
    address_bits: Option<u32>,
}

impl Probe<'_> {
    /// `None` where the file cannot be opened. It is read as far as it is needed: once.
    pub(super) fn cpuinfo(&mut self, arch: Option<Arch>) -> Option<CpuInfo> {
        let path = at!("/proc/cpuinfo");
        let mut scan = Scan::new(arch.is_some_and(Arch::is_x86));
        let mut buffer = [0; MICROCODE_BYTES];
        self.stream(Topic::Cpu, &path, &mut buffer, |chunk| scan.feed(chunk)).ok().flatten()?;
        Some(scan.finish())
    }

    /// The host CPU. Where no model fits, what files and KVM say stays.
    pub(super) fn cpu(&mut self, builder: &mut Builder<'_>, info: CpuInfo, shape: &Shape) {
        let topology =
            CpuTopology { sockets: shape.sockets, cores: shape.cores, threads: shape.threads };
        let arch = Arch::from_machine(self.host.facts.machine);
        if arch == Some(Arch::AARCH64) {
            return self.arm_cpu(builder, topology);
        }
        let cpuid = self.host.cpuid.filter(|_| arch.is_some_and(Arch::is_x86));
        let outcome = if cpuid.is_some() { Outcome::Filled } else { Outcome::Absent };
        self.note(Topic::Cpu, &at!("cpuid"), outcome);
        let Some(cpuid) = cpuid else {
            return builder.cpu(&HostCpu { topology, ..HostCpu::default() }, []);
        };
        let data = CpuData::as_probed(cpuid);
        if let Some(SourceFailure { source, errno }) = cpuid.take_failure() {
            self.failed(Topic::Cpu, &at!(source), Errno(errno));
        }
        let decoded = data.decode_host().ok();
        let cpu = HostCpu {
            model: decoded.map(|cpu| cpu.model.name()),
            vendor: decoded.and_then(|cpu| cpu.vendor).map(Vendor::name),
            microcode: info.microcode,
            signature: decoded.map(|cpu| signature(cpu.signature)),
            counter: self.counter(&data),
            topology,
            maxphysaddr_bits: info.address_bits,
        };
        let features = decoded.map(|cpu| cpu.features).unwrap_or_default();
        builder.cpu(&cpu, features.iter().map(|feature| feature.name().as_bytes()));
    }

    /// Model and vendor by MIDR_EL1 of the first CPU, features by what the kernel tells every program.
    fn arm_cpu(&mut self, builder: &mut Builder<'_>, topology: CpuTopology) {
        let path = at!("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1");
        let midr = self.value::<64, _>(Topic::Cpu, &path, hexadecimal).ok().flatten();
        if midr.is_some() {
            self.note_fact(Topic::Cpu, "hwcap", self.host.facts.hwcap.is_some());
        }
        let decoded = midr.zip(self.host.facts.hwcap);
        let decoded = decoded.and_then(|(midr, hwcap)| arm::decode_host(midr, hwcap).ok());
        let cpu = HostCpu {
            model: decoded.map(|cpu| cpu.model),
            vendor: decoded.and_then(|cpu| cpu.vendor),
            topology,
            ..HostCpu::default()
        };
        let features = decoded.map(|cpu| cpu.features).unwrap_or_default();
        builder.cpu(&cpu, features.names().map(str::as_bytes));
    }

    /// Tells the observer of devices that may not be opened.
    pub(super) fn denied_devices(&mut self) {
        let denied = self.host.facts.denied;
        for (path, errno) in [("/dev/kvm", denied.kvm), ("/dev/cpu/0/msr", denied.msrs)] {
            if let Some(errno) = errno {
                self.note(Topic::Cpu, &at!(path), Outcome::Denied(errno));
            }
        }
    }

    /// The time stamp counter, where it ticks evenly and KVM tells how fast.
    fn counter(&mut self, data: &CpuData) -> Option<TscCounter> {
        Feature::by_name("invtsc").filter(|&invtsc| data.features.contains(invtsc))?;
        let tsc = self.host.facts.tsc;
        self.note_fact(Topic::Cpu, "kvm_tsc_khz", tsc.is_some());
        let tsc = tsc?;
        Some(TscCounter { frequency_hz: tsc.khz.wrapping_mul(1000), scaling: tsc.control != 0 })
    }
}

/// A number as the kernel writes registers: `0x00000000413fd0c1`.
fn hexadecimal(text: &[u8]) -> Option<u64> {
    let digits = core::str::from_utf8(text.strip_prefix(b"0x")?).ok()?;
    u64::from_str_radix(digits, 16).ok()
}

fn signature(signature: caps_cpu::x86::Signature) -> Signature {
    let caps_cpu::x86::Signature { family, model, stepping, .. } = signature;
    Signature { family, model, stepping }
}

/// Looks for the microcode in the beginning of the file and for the address sizes in the lines of all of it.
struct Scan {
    x86: bool,
    beginning: heapless::Vec<u8, MICROCODE_BYTES, u16>,
    lines: LineCutter,
    address_bits: Option<Option<u32>>,
}

impl Scan {
    const fn new(x86: bool) -> Self {
        Self { x86, beginning: heapless::Vec::new(), lines: LineCutter::new(), address_bits: None }
    }

    fn feed(&mut self, chunk: &[u8]) -> ControlFlow<()> {
        if !self.x86 {
            return ControlFlow::Break(());
        }
        let room = self.beginning.capacity() - self.beginning.len();
        let beginning = chunk.get(..room).unwrap_or(chunk);
        // It has room for that much.
        let _ = self.beginning.extend_from_slice(beginning);
        if self.address_bits.is_none() {
            self.address_bits = self.lines.feed(chunk, address_bits);
        }
        let complete = self.beginning.is_full() || microcode(&self.beginning).is_some();
        let done = self.address_bits.is_some() && complete;
        if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn finish(self) -> CpuInfo {
        let last = || address_bits(self.lines.rest());
        CpuInfo {
            microcode: microcode(&self.beginning).unwrap_or(0),
            address_bits: self.address_bits.or_else(last).flatten(),
        }
    }
}
