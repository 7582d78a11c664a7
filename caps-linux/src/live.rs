//! The running host: what it answers otherwise than by files.

use crate::dbus::{Answers, Logind, Step};
use crate::facts::{Denied, Facts};
use crate::parse::auxv::{AT_HWCAP, entry};
use crate::sys::{self, Errno, FeatureMsrs, Kvm, Machine, Msrs, TscFacts, UnixStream};
use caps_core::{Arch, Uuid};
use caps_cpu::{CpuidSource, Registers};

/// Where the system bus listens unless the environment says otherwise.
pub const SYSTEM_BUS: &[u8] = b"/run/dbus/system_bus_socket";
/// How long logind is waited for, per message: it may have to be started first.
const LOGIND_PATIENCE_MS: u32 = 5000;

/// CPUID and MSRs of the CPU that this thread runs on.
#[derive(Debug)]
pub struct Native {
    msrs: Option<Msrs>,
    kvm: Option<Kvm>,
    /// What KVM can be asked for; `None` where it does not tell, and everything has to be tried.
    feature_msrs: Option<FeatureMsrs>,
    denied: Denied,
}

impl Native {
    /// Opens what MSRs are read from: `/dev/cpu/0/msr`, and `/dev/kvm` for those that it does not give.
    pub fn open() -> Self {
        let (kvm, msrs) = (Kvm::open(), Msrs::open());
        let denied = Denied { kvm: denied(&kvm), msrs: denied(&msrs) };
        let (kvm, msrs) = (kvm.ok(), msrs.ok());
        let feature_msrs = kvm.as_ref().and_then(|kvm| kvm.feature_msrs().ok());
        Self { msrs, kvm, feature_msrs, denied }
    }
}

/// Why a device that is there could not be opened.
fn denied<T>(opened: &Result<T, Errno>) -> Option<Errno> {
    let errno = opened.as_ref().err().copied();
    errno.filter(|errno| !matches!(*errno, Errno::NOENT | Errno::NOTDIR | Errno::NODEV))
}

impl Native {
    /// The MSR as guests may see it. KVM is not asked for what it does not have.
    fn guest_msr(&self, index: u32) -> Option<u64> {
        let listed = self.feature_msrs.as_ref().is_none_or(|list| list.contains(index));
        self.kvm.as_ref().filter(|_| listed)?.msr(index).ok()
    }
}

impl CpuidSource for Native {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Registers {
        cpuid(leaf, subleaf)
    }

    fn msr(&self, index: u32) -> Option<u64> {
        match self.msrs.as_ref().map(|msrs| msrs.read(index)) {
            Some(Ok(value)) => Some(value),
            Some(Err(Errno::IO)) => None,
            Some(Err(_)) | None => self.guest_msr(index),
        }
    }
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn cpuid(leaf: u32, subleaf: u32) -> Registers {
    let answer = x86::cpuid::native_cpuid::cpuid_count(leaf, subleaf);
    Registers { eax: answer.eax, ebx: answer.ebx, ecx: answer.ecx, edx: answer.edx }
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn cpuid(_: u32, _: u32) -> Registers {
    Registers::default()
}

/// Size of a base page in bytes where it is a constant of the architecture.
#[cfg(target_arch = "x86_64")]
pub const PAGE_BYTES: Option<u64> = Some(4096);
/// Size of a base page in bytes where it is a constant of the architecture.
#[cfg(not(target_arch = "x86_64"))]
pub const PAGE_BYTES: Option<u64> = None;

/// What only the program knows of its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Environment<'e> {
    /// `PATH`, where emulators are looked for.
    pub path: &'e [u8],
    /// Socket of the system bus.
    pub system_bus: &'e [u8],
    /// Configuration directory of the user's own daemon, which counts for a user without privileges; without a `/` in front.
    pub user_config: Option<&'e [u8]>,
    /// Size of a base page in bytes: `AT_PAGESZ`.
    pub page_bytes: u64,
    /// What KVM said of the time stamp counter before, in this boot. It is asked if this is `None`, and has to make a VM.
    pub tsc: Option<TscFacts>,
}

impl Default for Environment<'_> {
    fn default() -> Self {
        Self {
            path: Facts::DEFAULT_PATH,
            system_bus: SYSTEM_BUS,
            user_config: None,
            page_bytes: 4096,
            tsc: None,
        }
    }
}

/// The answers of the running host.
#[derive(Debug)]
pub struct Live<'e> {
    environment: Environment<'e>,
    machine: Machine,
    uid: u32,
    physical_bytes: u64,
    numa: bool,
    kvm: bool,
    tsc: Option<TscFacts>,
    hwcap: Option<u64>,
    logind: Option<Answers>,
    last_uuid: Option<Uuid>,
    denied: Denied,
}

impl<'e> Live<'e> {
    /// Asks the kernel, KVM and logind, once each.
    ///
    /// # Errors
    /// The kernel's, of `uname`; what else fails is simply not known.
    pub fn ask(native: &Native, environment: Environment<'e>) -> Result<Self, Errno> {
        let (uid, numa) = (sys::effective_uid(), sys::has_mempolicy());
        let tsc = native.kvm.as_ref().and_then(|kvm| tsc(kvm, environment.tsc));
        let machine = Machine::ask()?;
        Ok(Self {
            hwcap: hwcap(machine.name()),
            machine,
            uid,
            // With NUMA the nodes tell.
            physical_bytes: if numa { 0 } else { sys::physical_bytes().unwrap_or(0) },
            numa,
            kvm: tsc.is_some() || native.kvm.as_ref().is_some_and(Kvm::is_usable),
            tsc,
            logind: ask_logind(environment.system_bus, uid),
            last_uuid: sys::random_bytes().ok().map(Uuid::from_random),
            denied: native.denied,
            environment,
        })
    }

    /// The answers as plain values.
    pub fn facts(&self) -> Facts<'_> {
        let user_config = self.environment.user_config.filter(|_| self.uid != 0);
        Facts {
            machine: self.machine.name(),
            page_bytes: self.environment.page_bytes,
            physical_bytes: self.physical_bytes,
            numa: self.numa,
            kvm: self.kvm,
            tsc: self.tsc,
            hwcap: self.hwcap,
            logind: self.logind,
            privileged: self.uid == 0,
            path: self.environment.path,
            random_uuid: None,
            last_uuid: self.last_uuid,
            denied: self.denied,
            config_dir: user_config.unwrap_or(Facts::SYSTEM_CONFIG),
        }
    }
}

/// As it was `before`, where the device is still what it is called, or as a VM has it now.
fn tsc(kvm: &Kvm, before: Option<TscFacts>) -> Option<TscFacts> {
    before.filter(|_| kvm.is_usable()).or_else(|| kvm.tsc().ok())
}

/// Only aarch64 tells features by them.
fn hwcap(machine: &str) -> Option<u64> {
    let aarch64 = Arch::from_machine(machine) == Some(Arch::AARCH64);
    let mut buffer = [0; 1024];
    let vector = aarch64.then(|| sys::auxiliary_vector(&mut buffer).ok())??;
    entry(vector, AT_HWCAP)
}

/// `None` without a bus, without logind, or where it fails to answer.
fn ask_logind(bus: &[u8], uid: u32) -> Option<Answers> {
    let bus = UnixStream::connect(bus, LOGIND_PATIENCE_MS).ok()?;
    let mut logind = Logind::new(uid);
    let mut buffer = [0; 2048];
    loop {
        match logind.step() {
            Step::Send(bytes) => bus.write_all(bytes).ok()?,
            Step::Receive => {
                let len = bus.read(&mut buffer).ok().filter(|&len| len > 0)?;
                logind.received(buffer.get(..len)?);
            }
            Step::Done(answers) => return Some(answers),
            Step::Absent | Step::Failed(_) => return None,
        }
    }
}
