//! What the kernel says to any process.

use super::call::call;
use super::{Errno, Fd};
use core::ffi::CStr;
use core::mem::MaybeUninit;

/// `uname(2)`: the machine and the release of the kernel.
#[derive(Debug)]
pub struct Machine(libc::utsname);

impl Machine {
    /// Asks the kernel.
    ///
    /// # Errors
    /// What the kernel says; none is documented.
    pub fn ask() -> Result<Self, Errno> {
        let mut names = MaybeUninit::<libc::utsname>::zeroed();
        // SAFETY: the kernel fills at most one `utsname`, which outlives the call.
        unsafe { call(libc::SYS_uname, [names.as_mut_ptr().expose_provenance(), 0, 0, 0, 0, 0]) }?;
        // SAFETY: it is made of bytes, which were zeroed before the kernel filled them.
        Ok(Self(unsafe { names.assume_init() }))
    }

    /// The machine: `x86_64`.
    pub fn name(&self) -> &str {
        text(&self.0.machine)
    }

    /// The name of the host, without a domain as a rule.
    pub fn host(&self) -> &str {
        text(&self.0.nodename)
    }

    /// The release of the kernel: `6.1.0-18-amd64`.
    pub fn release(&self) -> &str {
        text(&self.0.release)
    }
}

fn text(field: &[core::ffi::c_char]) -> &str {
    // SAFETY: c_char and u8 have the same size and alignment, and any byte is valid for both.
    let bytes = unsafe { core::slice::from_raw_parts(field.as_ptr().cast::<u8>(), field.len()) };
    CStr::from_bytes_until_nul(bytes).ok().and_then(|text| text.to_str().ok()).unwrap_or("")
}

/// `sysinfo(2)`: total RAM in bytes.
pub(crate) fn physical_bytes() -> Result<u64, Errno> {
    let mut info = MaybeUninit::<libc::sysinfo>::zeroed();
    // SAFETY: the kernel fills at most one `sysinfo`, which outlives the call.
    unsafe { call(libc::SYS_sysinfo, [info.as_mut_ptr().expose_provenance(), 0, 0, 0, 0, 0]) }?;
    // SAFETY: all of its fields are numbers; it was zeroed before the kernel filled it.
    let info = unsafe { info.assume_init() };
    Ok(info.totalram.saturating_mul(info.mem_unit.into()))
}

/// Whether `get_mempolicy(2)` answers: libnuma's test for NUMA.
pub(crate) fn has_mempolicy() -> bool {
    // SAFETY: null pointers ask for nothing.
    let answer = unsafe { call(libc::SYS_get_mempolicy, [0; 6]) };
    !matches!(answer, Err(Errno::NOSYS | Errno::PERM))
}

/// Number of the effective user of this process: `geteuid(2)`.
///
/// # Errors
/// The kernel's; none is documented.
pub fn effective_uid() -> Result<u32, Errno> {
    // SAFETY: the call has no argument.
    unsafe { call(libc::SYS_geteuid, [0; 6]) }.map(|uid| uid as u32)
}

/// From now on programs that this process starts inherit none of its descriptors but the first three: `close_range(2)`.
///
/// # Errors
/// The kernel's, if it cannot do that (before Linux 5.11).
pub fn keep_descriptors() -> Result<(), Errno> {
    const FIRST: usize = 3;
    let arguments = [FIRST, u32::MAX as usize, libc::CLOSE_RANGE_CLOEXEC as usize, 0, 0, 0];
    // SAFETY: no pointers; with this flag no descriptor is closed here.
    unsafe { call(libc::SYS_close_range, arguments) }.map(|_| ())
}

/// The auxiliary vector of this process, as much as `buffer` takes.
pub(crate) fn auxiliary_vector(buffer: &mut [u8]) -> Result<&[u8], Errno> {
    let len = Fd::open_cwd(c"/proc/self/auxv", 0)?.read(buffer)?;
    Ok(buffer.get(..len).unwrap_or(&[]))
}

/// `getrandom(2)`: 16 random bytes.
pub(crate) fn random_bytes() -> Result<[u8; 16], Errno> {
    let mut bytes = [0_u8; 16];
    let arguments = [bytes.as_mut_ptr().expose_provenance(), bytes.len(), 0, 0, 0, 0];
    // SAFETY: the kernel writes at most 16 bytes, which outlive the call. It does not return fewer for up to 256.
    unsafe { call(libc::SYS_getrandom, arguments) }?;
    Ok(bytes)
}
