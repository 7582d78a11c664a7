//! The fence: what std and libc would bring. The entry, the exit, the arguments, the panic handler, and the one mutable
//! static. The memory functions have a file of their own.
#![allow(unsafe_code, reason = "nothing else starts a program without std")]

use crate::State;
use core::arch::{asm, naked_asm};
use core::ffi::{CStr, c_char};

/// In `.bss`: what is not touched costs nothing, neither in the file nor in memory.
static mut STATE: State = State::new();

/// The entry of the program: hands the stack to [`enter`] and aligns it.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "xor ebp, ebp",
        "mov rdi, rsp",
        "and rsp, -16",
        "call {enter}",
        "ud2",
        enter = sym enter
    )
}

extern "C" fn enter(stack: *const usize) -> ! {
    // SAFETY: the kernel puts the number of arguments here, the arguments, a null, the environment, a null.
    let (arguments, environment) = unsafe {
        let first = stack.add(1);
        (Strings(first), Strings(first.add(stack.read()).add(1)))
    };
    // SAFETY: the program has one thread, and this is entered once.
    let state = unsafe { (&raw mut STATE).as_mut() };
    exit(state.map_or(101, |state| crate::main(arguments, environment, state)))
}

/// The strings of a list of the kernel's, which live as long as the program.
#[derive(Clone, Copy)]
pub(crate) struct Strings(*const usize);

impl Iterator for Strings {
    type Item = &'static CStr;

    fn next(&mut self) -> Option<&'static CStr> {
        // SAFETY: the list is that of `enter`, ends with a null, and is not passed over it.
        let at = unsafe { self.0.read() };
        if at == 0 {
            return None;
        }
        // SAFETY: the place behind a string of the list is in the list.
        self.0 = unsafe { self.0.add(1) };
        // SAFETY: the kernel ends each string with a zero; nobody changes them.
        Some(unsafe { CStr::from_ptr(core::ptr::with_exposed_provenance::<c_char>(at)) })
    }
}

fn exit(status: i32) -> ! {
    // SAFETY: exit_group takes a number and does not return.
    unsafe {
        asm!("syscall", in("rax") 231, in("rdi") status, options(noreturn));
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    caps_linux::serve::complain(b"capsd: a bug: it panicked\n");
    exit(101)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(text: *const c_char) -> usize {
    let mut len = 0;
    // SAFETY: the caller's contract is that of C: a zero ends the text. Volatile, so that this does not become a call of itself.
    while unsafe { text.add(len).read_volatile() } != 0 {
        len += 1;
    }
    len
}
