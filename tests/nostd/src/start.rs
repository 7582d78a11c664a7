//! What std and libc would bring: the entry, the exit and the panic handler.

use core::arch::{asm, naked_asm};

/// The entry of the program: aligns the stack and calls [`enter`].
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!("xor ebp, ebp", "and rsp, -16", "call {enter}", "ud2", enter = sym enter)
}

extern "C" fn enter() -> ! {
    exit(crate::main())
}

fn exit(status: i32) -> ! {
    // SAFETY: exit_group takes a number and does not return.
    unsafe {
        asm!("syscall", in("rax") 231, in("rdi") status, options(noreturn));
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    #[cfg(feature = "entries")]
    // SAFETY: there is no such function, so that the program does not link where anything can panic.
    unsafe {
        a_panic_is_left()
    }
    #[cfg(not(feature = "entries"))]
    exit(101)
}

#[cfg(feature = "entries")]
unsafe extern "C" {
    fn a_panic_is_left() -> !;
}
