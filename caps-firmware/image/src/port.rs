//! Ports: two serial ones, and the one that ends the emulator.

use caps_core::Sink;
use core::convert::Infallible;
use x86::io::{inb, outb};

/// A serial port of the 16550 kind.
pub(crate) struct Serial {
    base: u16,
    is_there: bool,
}

/// Offsets of its registers.
const DATA: u16 = 0;
const INTERRUPTS: u16 = 1;
const FIFO: u16 = 2;
const LINE: u16 = 3;
const STATUS: u16 = 5;
const SCRATCH: u16 = 7;
/// The status of an empty queue, and what fits in it then.
const EMPTY: u8 = 0x20;
const FIFO_BYTES: usize = 16;
/// Looks at the status before the port is given up.
const PATIENCE: u32 = 1 << 20;

impl Serial {
    /// The first port: the document.
    pub(crate) const COM1: u16 = 0x3f8;
    /// The second port: the log.
    pub(crate) const COM2: u16 = 0x2f8;

    /// Sets the port up: 115200 baud, 8 bits, no parity, no interrupts. One that is not there swallows everything.
    pub(crate) fn open(base: u16) -> Self {
        let mut port = Self { base, is_there: true };
        port.write_register(SCRATCH, 0x5a);
        port.is_there = port.read_register(SCRATCH) == 0x5a;
        for (register, value) in
            [(INTERRUPTS, 0), (LINE, 0x80), (DATA, 1), (INTERRUPTS, 0), (LINE, 3), (FIFO, 1)]
        {
            port.write_register(register, value);
        }
        port
    }

    fn wait(&mut self) {
        let waits = (0..PATIENCE).take_while(|_| self.read_register(STATUS) & EMPTY == 0).count();
        self.is_there = waits < PATIENCE as usize;
    }

    fn read_register(&self, register: u16) -> u8 {
        // SAFETY: the registers of a serial port can be read; what is not there reads as 0xff.
        unsafe { inb(self.base + register) }
    }

    fn write_register(&self, register: u16, value: u8) {
        // SAFETY: the registers of a serial port touch no memory; what is not there takes no byte.
        unsafe { outb(self.base + register, value) }
    }
}

impl Sink for Serial {
    type Error = Infallible;

    fn write(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        for part in bytes.chunks(FIFO_BYTES) {
            if self.is_there {
                self.wait();
                part.iter().for_each(|&byte| self.write_register(DATA, byte));
            }
        }
        Ok(())
    }
}

/// Ends the emulator with a status of `2 * code + 1`, or stops the CPU where there is no emulator.
pub(crate) fn exit(code: u8) -> ! {
    // SAFETY: the port is the emulator's, and nobody else's on the machines that this is for.
    unsafe { outb(0xf4, code) }
    loop {
        // SAFETY: interrupts are off: the CPU stops.
        unsafe { x86::halt() }
    }
}
