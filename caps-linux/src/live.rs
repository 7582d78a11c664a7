//! The running host: what it answers otherwise than by files.

use crate::dbus::{Answers, Logind, Step};
use crate::facts::{Denied, Facts, FailedFact};
use crate::parse::auxv::{AT_HWCAP, entry};
use crate::sys::{self, Errno, FeatureMsrs, Kvm, Machine, Msrs, OrAbsent, TscFacts, UnixStream};
use caps_core::{Arch, Uuid};
use caps_cpu::{CpuidSource, Registers, SourceFailure};
use core::cell::Cell;

/// Where the system bus listens unless the environment says otherwise.
pub const SYSTEM_BUS: &[u8] = b"/run/dbus/system_bus_socket";
/// How long logind is waited for, per message: it may have to be started first.
const LOGIND_PATIENCE_MS: u32 = 5000;

/// CPUID and MSRs of the CPU that this thread runs on.
#[derive(Debug)]
pub struct Native {
    msrs: Result<Option<Msrs>, Errno>,
    kvm: Result<Option<Kvm>, Errno>,
    /// What KVM can be asked for; `None` where it does not tell, and everything has to be tried.
    feature_msrs: Option<FeatureMsrs>,
    failure: Cell<Option<SourceFailure>>,
    denied: Denied,
}

const MSR: &str = "/dev/cpu/0/msr";
const KVM: &str = "/dev/kvm";
/// Errors of a device without a driver, and of a socket that nothing listens on.
const NOT_THERE: [Errno; 3] = [Errno::NODEV, Errno::NXIO, Errno::CONNREFUSED];

impl Native {
    /// Opens what MSRs are read from: `/dev/cpu/0/msr`, and `/dev/kvm` for those that it does not give. A failure counts once
    /// something is read from it.
    pub fn open() -> Self {
        let (kvm, msrs) = (Kvm::open(), Msrs::open());
        let denied = Denied { kvm: denied(&kvm), msrs: denied(&msrs), logind: None };
        let (kvm, msrs) = (kvm.or_absent(), msrs.or_absent());
        let opened = kvm.as_ref().ok().and_then(Option::as_ref);
        let feature_msrs = opened.and_then(|kvm| kvm.feature_msrs().ok());
        Self { msrs, kvm, feature_msrs, failure: Cell::new(None), denied }
    }

    /// The MSR as guests may see it. KVM is not asked for what it does not have.
    fn guest_msr(&self, index: u32) -> Result<Option<u64>, Errno> {
        let listed = self.feature_msrs.as_ref().is_none_or(|list| list.contains(index));
        match &self.kvm {
            Ok(Some(kvm)) if listed => kvm.msr(index),
            Err(errno) => Err(*errno),
            Ok(_) => Ok(None),
        }
    }

    /// The MSR of the processor, `Ok(None)` where there is none, or `None` without a device that can be asked.
    fn device_msr(&self, index: u32) -> Result<Option<Option<u64>>, Errno> {
        match self.msrs.as_ref().map_err(|&errno| errno)?.as_ref().map(|msrs| msrs.read(index)) {
            // The processor raised #GP: it has no such MSR.
            Some(Err(Errno::IO)) => Ok(Some(None)),
            Some(read) => Ok(read.or_absent()?.map(Some)),
            None => Ok(None),
        }
    }

    /// What was read of `source`, or nothing and the failure is kept.
    fn kept<T>(&self, source: &'static str, read: Result<Option<T>, Errno>) -> Option<T> {
        read.unwrap_or_else(|Errno(errno)| {
            let first = self.failure.get().unwrap_or(SourceFailure { source, errno });
            self.failure.set(Some(first));
            None
        })
    }
}

impl CpuidSource for Native {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Registers {
        cpuid(leaf, subleaf)
    }

    fn msr(&self, index: u32) -> Option<u64> {
        match self.kept(MSR, self.device_msr(index)) {
            Some(answer) => answer,
            None => self.kept(KVM, self.guest_msr(index)),
        }
    }

    fn take_failure(&self) -> Option<SourceFailure> {
        self.failure.take()
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
    /// The random UUID that was drawn before, which stays. One is drawn if this is `None`.
    pub last_uuid: Option<Uuid>,
}

impl Default for Environment<'_> {
    fn default() -> Self {
        Self {
            path: Facts::DEFAULT_PATH,
            system_bus: SYSTEM_BUS,
            user_config: None,
            page_bytes: 4096,
            tsc: None,
            last_uuid: None,
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
    failed: Failed,
}

/// Facts that failed; each can once.
type Failed = heapless::Vec<FailedFact, 8, u8>;

impl<'e> Live<'e> {
    /// Asks the kernel, KVM and logind, once each. What fails is a [failed fact](Facts::failed).
    ///
    /// # Errors
    /// The kernel's, of `uname` and `geteuid`.
    pub fn ask(native: &Native, environment: Environment<'e>) -> Result<Self, Errno> {
        let mut live = Self {
            uid: sys::effective_uid()?,
            numa: sys::has_mempolicy(),
            machine: Machine::ask()?,
            environment,
            physical_bytes: 0,
            kvm: false,
            tsc: None,
            hwcap: None,
            logind: None,
            last_uuid: environment.last_uuid,
            denied: native.denied,
            failed: Failed::new(),
        };
        match native.tsc(environment.tsc) {
            Ok((kvm, tsc)) => (live.kvm, live.tsc) = (kvm, tsc),
            Err(errno) => {
                live.failed("kvm", KVM, errno);
                live.failed("kvm_tsc_khz", KVM, errno);
            }
        }
        live.attempt("phys_pages", "sysinfo", Self::ask_memory);
        live.attempt("hwcap", "/proc/self/auxv", Self::ask_hwcap);
        live.attempt("logind", "logind", Self::ask_logind);
        live.attempt("random_uuid", "getrandom", Self::ask_random);
        Ok(live)
    }

    fn attempt(
        &mut self,
        name: &'static str,
        source: &'static str,
        ask: fn(&mut Self) -> Result<(), Errno>,
    ) {
        if let Err(errno) = ask(self) {
            self.failed(name, source, errno);
        }
    }

    fn failed(&mut self, name: &'static str, source: &'static str, errno: Errno) {
        // There is room for all facts.
        let _ = self.failed.push(FailedFact { name, source, errno });
    }

    /// Needed without NUMA only: nodes have files with their memory.
    fn ask_memory(&mut self) -> Result<(), Errno> {
        if !self.numa {
            self.physical_bytes = sys::physical_bytes()?;
        }
        Ok(())
    }

    /// Features of aarch64 are read from it.
    fn ask_hwcap(&mut self) -> Result<(), Errno> {
        let arm = cfg!(any(target_arch = "aarch64", target_arch = "arm"));
        if arm && Arch::from_machine(self.machine.name()) == Some(Arch::AARCH64) {
            let mut buffer = [0; 1024];
            let vector = sys::auxiliary_vector(&mut buffer).or_absent()?;
            self.hwcap = vector.and_then(|vector| entry(vector, AT_HWCAP));
        }
        Ok(())
    }

    fn ask_random(&mut self) -> Result<(), Errno> {
        if self.last_uuid.is_none() {
            self.last_uuid = Some(Uuid::from_random(sys::random_bytes()?));
        }
        Ok(())
    }

    /// Nothing without a bus, without logind, or where it answers with an error: libvirt takes that for nothing too.
    fn ask_logind(&mut self) -> Result<(), Errno> {
        let bus = UnixStream::connect(self.environment.system_bus, LOGIND_PATIENCE_MS);
        self.denied.logind = denied(&bus);
        let Some(bus) = bus.or_absent().map_err(in_time)? else { return Ok(()) };
        let mut logind = Logind::new(self.uid);
        let mut buffer = [0; 2048];
        loop {
            match logind.step() {
                Step::Send(bytes) => bus.write_all(bytes).map_err(in_time)?,
                Step::Receive => {
                    let len = bus.read(&mut buffer).map_err(in_time)?;
                    let received = buffer.get(..len).filter(|bytes| !bytes.is_empty());
                    logind.received(received.ok_or(Errno::CONNRESET)?);
                }
                Step::Done(answers) => {
                    self.logind = Some(answers);
                    return Ok(());
                }
                Step::Absent | Step::Failed(_) => return Ok(()),
            }
        }
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
            failed: &self.failed,
        }
    }
}

impl Native {
    /// Whether KVM is there, and the time stamp counter: as it was `before`, where the device is still what it is called, or
    /// as a VM has it now.
    fn tsc(&self, before: Option<TscFacts>) -> Result<(bool, Option<TscFacts>), Errno> {
        let Some(kvm) = self.kvm.as_ref().map_err(|&errno| errno)? else {
            return Ok((false, None));
        };
        let before = before.filter(|_| kvm.is_usable() == Ok(true));
        let tsc = if before.is_some() { before } else { kvm.tsc()? };
        Ok((tsc.is_some() || kvm.is_usable()?, tsc))
    }
}

/// The error of a source that is there and may not be opened.
fn denied<T>(opened: &Result<T, Errno>) -> Option<Errno> {
    let errno = opened.as_ref().err().copied();
    errno.filter(|&errno| !errno.is_trouble() && !errno.is_absence() && !NOT_THERE.contains(&errno))
}

/// A socket with a deadline would block once that has passed.
const fn in_time(errno: Errno) -> Errno {
    match errno {
        Errno::AGAIN => Errno::TIMEDOUT,
        errno => errno,
    }
}
