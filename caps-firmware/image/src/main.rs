//! Prints the capabilities document of a machine without an operating system: to the first serial port, with a log on the
//! second.
#![no_std]
#![no_main]

mod entry;
mod log;
#[path = "../../../capsd/src/memory.rs"]
mod memory;
mod panic;
mod port;

use caps_core::{Storage, storage};
use caps_firmware::pvh::StartInfo;
use caps_firmware::{Error, Identity, Machine, Processor};
use core::convert::Infallible;
use log::Logged;
use port::{Serial, exit};

/// In `.bss`: it costs nothing in the file.
static mut STORAGE: Storage<{ storage::NODE }> = Storage::new();

/// Ticks of the time stamp counter.
fn ticks() -> u64 {
    // SAFETY: every CPU of 64 bits has the counter.
    unsafe { x86::time::rdtsc() }
}

/// The code that the emulator is ended with.
fn main(start_info: u64) -> u8 {
    let begin = ticks();
    log::open();
    #[cfg(feature = "panic")]
    defmt::info!("{}", index(start_info));
    match print(start_info) {
        Ok(()) => {
            defmt::info!("done after {=u64} ticks", ticks().wrapping_sub(begin));
            0
        }
        Err(error) => {
            defmt::error!("{}", error);
            code(&error)
        }
    }
}

fn print(start_info: u64) -> Result<(), Error<Infallible>> {
    // SAFETY: the entry mapped all of it, and one CPU without interrupts writes nowhere but to its own.
    let memory = unsafe { Identity::new(entry::MAPPED_END, entry::own_region()) };
    // SAFETY: nothing here ever leaves ring 0.
    let cpuid = unsafe { Processor::new() };
    let start = StartInfo::at(&memory, start_info)?;
    let ram = start.ram(&memory, &mut Logged)?;
    let machine = Machine { memory: &memory, rsdp: start.rsdp, ram: &ram, cpuid: &cpuid };
    let storage = &raw mut STORAGE;
    // SAFETY: this is the only use of the storage.
    let storage = unsafe { (*storage).bytes_mut() };
    caps_firmware::write(&machine, storage, &mut Logged, &mut Serial::open(Serial::COM1))
}

const fn code(error: &Error<Infallible>) -> u8 {
    match error {
        Error::Start(_) => 1,
        Error::Probe(_) => 2,
        _ => 3,
    }
}

/// A way to panic.
#[cfg(feature = "panic")]
fn index(start_info: u64) -> u8 {
    core::hint::black_box([1, 2])[start_info as usize]
}

/// Pulls in what needs an allocator.
#[cfg(feature = "heap")]
mod heap {
    extern crate alloc;

    #[used]
    static VEC: fn() -> alloc::vec::Vec<u8> = || alloc::vec![1; 2];
}
