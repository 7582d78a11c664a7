//! `/dev/kvm`

use super::{Errno, Fd, OrAbsent};

const KVM_GET_API_VERSION: u64 = 0xae00;
const KVM_CREATE_VM: u64 = 0xae01;
const KVM_GET_MSR_FEATURE_INDEX_LIST: u64 = 0xc004_ae0a;
const KVM_CHECK_EXTENSION: u64 = 0xae03;
const KVM_CREATE_VCPU: u64 = 0xae41;
const KVM_GET_TSC_KHZ: u64 = 0xaea3;
const KVM_GET_MSRS: u64 = 0xc008_ae88;
const KVM_CAP_TSC_CONTROL: usize = 60;
/// The only version there has been since 2007.
const API_VERSION: usize = 12;

/// The open device.
#[derive(Debug)]
pub(crate) struct Kvm(Fd);

/// The time stamp counter of a fresh virtual CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TscFacts {
    /// `KVM_GET_TSC_KHZ`, in kHz.
    pub khz: u64,
    /// `KVM_CHECK_EXTENSION(KVM_CAP_TSC_CONTROL)`; not 0 where guests may have another frequency.
    pub control: u64,
}

/// `struct kvm_msrs` with room for one entry.
#[repr(C)]
struct OneMsr {
    count: u32,
    pad: u32,
    index: u32,
    reserved: u32,
    data: u64,
}

/// Most MSRs that tell features; kernels have a few dozen.
const MAX_FEATURE_MSRS: usize = 255;

/// `struct kvm_msr_list` with room for all of them.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct FeatureMsrs {
    count: u32,
    indices: [u32; MAX_FEATURE_MSRS],
}

impl FeatureMsrs {
    pub(crate) fn contains(&self, index: u32) -> bool {
        self.indices.iter().take(self.count as usize).any(|&known| known == index)
    }
}

impl Kvm {
    pub(crate) fn open() -> Result<Self, Errno> {
        Fd::open_cwd(c"/dev/kvm", 0).map(Self)
    }

    /// Whether the device is what it is called.
    pub(crate) fn is_usable(&self) -> Result<bool, Errno> {
        let version = self.0.control(KVM_GET_API_VERSION, 0).or_absent()?;
        Ok(version == Some(API_VERSION))
    }

    /// What a virtual CPU would have. Kernels since 5.16 tell of the VM alone, which takes half the time. `None` where one of
    /// the calls is refused.
    pub(crate) fn tsc(&self) -> Result<Option<TscFacts>, Errno> {
        let Some(vm) = self.0.control(KVM_CREATE_VM, 0).or_absent()? else { return Ok(None) };
        let vm = Fd::from_raw(vm);
        let khz = vm.control(KVM_GET_TSC_KHZ, 0).map(Some).or_else(|_| khz_of_cpu(&vm))?;
        let control = self.0.control(KVM_CHECK_EXTENSION, KVM_CAP_TSC_CONTROL).or_absent()?;
        let both = khz.zip(control);
        Ok(both.map(|(khz, control)| TscFacts { khz: khz as u64, control: control as u64 }))
    }

    /// The MSRs that KVM tells anything about.
    pub(crate) fn feature_msrs(&self) -> Result<FeatureMsrs, Errno> {
        let mut list =
            FeatureMsrs { count: MAX_FEATURE_MSRS as u32, indices: [0; MAX_FEATURE_MSRS] };
        // SAFETY: `count` says how many indices there is room for, so the kernel touches no more than the record.
        unsafe { self.0.control_with(KVM_GET_MSR_FEATURE_INDEX_LIST, &mut list) }?;
        Ok(list)
    }

    /// The MSR as guests may see it; `None` if they have none.
    pub(crate) fn msr(&self, index: u32) -> Result<Option<u64>, Errno> {
        let mut msr = OneMsr { count: 1, pad: 0, index, reserved: 0, data: 0 };
        // SAFETY: `count` says one entry, so the kernel touches no more than the record.
        let read = unsafe { self.0.control_with(KVM_GET_MSRS, &mut msr) }.or_absent()?;
        Ok((read == Some(1)).then_some(msr.data))
    }
}

/// In kHz, of the first CPU of a fresh VM.
fn khz_of_cpu(vm: &Fd) -> Result<Option<usize>, Errno> {
    let Some(vcpu) = vm.control(KVM_CREATE_VCPU, 0).or_absent()? else { return Ok(None) };
    match Fd::from_raw(vcpu).control(KVM_GET_TSC_KHZ, 0) {
        // As KVM's documentation has it for a counter that is not stable.
        Err(Errno::IO) => Ok(None),
        khz => khz.or_absent(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vm_and_its_cpu_have_the_same_frequency() {
        let Ok(kvm) = Kvm::open() else { return std::eprintln!("skipped: no usable /dev/kvm") };
        let vm = Fd::from_raw(kvm.0.control(KVM_CREATE_VM, 0).unwrap());
        match vm.control(KVM_GET_TSC_KHZ, 0) {
            Ok(khz) => assert_eq!(khz_of_cpu(&vm), Ok(Some(khz))),
            Err(errno) => std::eprintln!("skipped: the VM does not tell: {errno}"),
        }
    }
}
