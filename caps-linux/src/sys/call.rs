//! One system call: the instruction of each architecture, libc's function elsewhere.

use super::Errno;
use libc::c_long;

/// Calls the kernel. Signals that interrupt are waited out.
///
/// # Safety
/// The arguments are those of the call: pointers are valid for what it reads and writes.
pub(super) unsafe fn call(number: c_long, arguments: [usize; 6]) -> Result<usize, Errno> {
    loop {
        // SAFETY: passed on to the caller.
        let result = unsafe { raw(number, arguments) };
        match decode(result) {
            Err(Errno::INTR) => {}
            decoded => return decoded,
        }
    }
}

/// Calls the kernel once: for calls that have done their work when a signal interrupts them.
///
/// # Safety
/// As [`call`].
pub(super) unsafe fn call_once(number: c_long, arguments: [usize; 6]) -> Result<usize, Errno> {
    // SAFETY: passed on to the caller.
    decode(unsafe { raw(number, arguments) })
}

const fn decode(result: isize) -> Result<usize, Errno> {
    match result {
        -4095..=-1 => Err(Errno(-result as u16)),
        _ => Ok(result as usize),
    }
}

#[cfg(target_arch = "x86_64")]
unsafe fn raw(number: c_long, [a, b, c, d, e, f]: [usize; 6]) -> isize {
    let result;
    // SAFETY: the registers of the x86_64 convention; the instruction clobbers rcx and r11, memory as the call does.
    unsafe {
        core::arch::asm!(
            "syscall",
            inlateout("rax") number as isize => result,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e, in("r9") f,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    result
}

#[cfg(target_arch = "aarch64")]
unsafe fn raw(number: c_long, [a, b, c, d, e, f]: [usize; 6]) -> isize {
    let result;
    // SAFETY: the registers of the aarch64 convention; nothing but x0 changes, memory as the call does.
    unsafe {
        core::arch::asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") a => result,
            in("x1") b, in("x2") c, in("x3") d, in("x4") e, in("x5") f,
            options(nostack),
        );
    }
    result
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
unsafe fn raw(number: c_long, [a, b, c, d, e, f]: [usize; 6]) -> isize {
    // SAFETY: passed on to the caller; errno is this thread's.
    unsafe {
        match libc::syscall(number, a, b, c, d, e, f) as isize {
            -1 => -(*libc::__errno_location() as isize),
            result => result,
        }
    }
}
