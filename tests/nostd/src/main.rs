//! Prints this host's document without std, libc and allocator.
//!
//! That it links is the proof that nothing behind it can allocate. That it runs is the smallest `caps` there is.
#![no_std]
#![no_main]

#[cfg(feature = "entries")]
mod entries;
#[path = "../../../capsd/src/memory.rs"]
mod memory;
#[cfg(feature = "entries")]
mod rpc;
mod start;

use caps_core::{Driver, Storage, storage};
use caps_linux::{Environment, Error, FdSink, Guests, Host, Live, Native, Report, Root};
use core::mem::ManuallyDrop;

/// In `.bss`: it costs nothing in the file.
static mut STORAGE: Storage<{ storage::MAX }> = Storage::new();

/// What was wrong, as the program's exit status.
const REFUSED: i32 = 1;
const FULL: i32 = 2;
const SILENT: i32 = 3;
const UNAVAILABLE: i32 = 4;

fn main() -> i32 {
    #[cfg(feature = "entries")]
    if core::hint::black_box(false) {
        #[cfg(feature = "panic")]
        index(3);
        entries::call(core::hint::black_box(&[]), core::hint::black_box(&mut []));
    }
    // Nothing is closed: the process ends with it.
    let (native, root) = (ManuallyDrop::new(Native::open()), ManuallyDrop::new(Root::live()));
    let Ok(live) = Live::ask(&native, Environment::default()) else { return SILENT };
    let host = Host { tree: &*root, facts: &live.facts(), cpuid: Some(&*native) };
    // SAFETY: this is the only use of the storage, and the program has one thread.
    let storage = unsafe { (*(&raw mut STORAGE)).bytes_mut() };
    let guests = if cfg!(feature = "host-only") { Guests::None } else { Guests::Files };
    let mut report = Report::default();
    match caps_linux::capabilities(&host, &Driver::QEMU, guests, storage, None, &mut report) {
        Ok(caps) => caps_xml::write(&caps, &mut FdSink::stdout()).map_or(SILENT, |()| 0),
        Err(Error::Full(_)) => FULL,
        Err(Error::Refused(_)) => REFUSED,
        Err(Error::Unavailable(_)) => UNAVAILABLE,
    }
}

/// Pulls in what needs an allocator.
#[cfg(feature = "heap")]
mod heap {
    extern crate alloc;

    #[used]
    static VEC: fn() -> alloc::vec::Vec<u8> = || alloc::vec![1; 2];
}

/// Indexes with what is not known.
#[cfg(feature = "panic")]
#[unsafe(no_mangle)]
extern "C" fn index(at: usize) -> u8 {
    core::hint::black_box([1, 2, 3])[core::hint::black_box(at)]
}
