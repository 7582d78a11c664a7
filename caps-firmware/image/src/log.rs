//! Structured logs on the second serial port.

use crate::port::{Serial, exit};
use caps_core::Sink;
use caps_firmware::{Observer, Outcome, Source};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};
use defmt::Encoder;

/// What encodes a frame and where it goes, once the log is open.
struct Log {
    encoder: Encoder,
    port: Option<Serial>,
}

struct Shared(UnsafeCell<Log>);

// SAFETY: one CPU without interrupts runs this, and `TAKEN` ends a second user.
unsafe impl Sync for Shared {}

static LOG: Shared = Shared(UnsafeCell::new(Log { encoder: Encoder::new(), port: None }));
static TAKEN: AtomicBool = AtomicBool::new(false);

/// From here on what is logged goes out.
pub(crate) fn open() {
    // SAFETY: nothing is logged yet.
    unsafe { (*LOG.0.get()).port = Some(Serial::open(Serial::COM2)) };
}

/// The code that the emulator is ended with where a frame is begun inside of another.
const LOGGED_TWICE: u8 = 4;

#[defmt::global_logger]
struct Logger;

impl Log {
    fn with(&mut self, step: impl FnOnce(&mut Encoder, &mut dyn FnMut(&[u8]))) {
        let Self { encoder, port: Some(port) } = self else { return };
        step(encoder, &mut |bytes| {
            let Ok(()) = port.write(bytes);
        });
    }
}

// SAFETY: `acquire` gives the log to one frame at a time, and frames are written as the encoder makes them.
unsafe impl defmt::Logger for Logger {
    fn acquire() {
        if TAKEN.swap(true, Ordering::Acquire) {
            // Logging of what is being logged: the frame can neither go on nor be left.
            exit(LOGGED_TWICE);
        }
        // SAFETY: the log is ours until `release`.
        unsafe { (*LOG.0.get()).with(|encoder, write| encoder.start_frame(write)) }
    }

    unsafe fn flush() {}

    unsafe fn release() {
        // SAFETY: called between `acquire` and the end of the frame.
        unsafe { (*LOG.0.get()).with(|encoder, write| encoder.end_frame(write)) }
        TAKEN.store(false, Ordering::Release);
    }

    unsafe fn write(bytes: &[u8]) {
        // SAFETY: called between `acquire` and `release`.
        unsafe { (*LOG.0.get()).with(|encoder, write| encoder.write(bytes, write)) }
    }
}

defmt::timestamp!("{=u64}", crate::ticks());

/// Logs what the probe is told.
pub(crate) struct Logged;

impl Observer for Logged {
    fn note(&mut self, source: Source, outcome: Outcome) {
        match outcome {
            Outcome::Odd(fault) => defmt::warn!("{}: {}", source, fault),
            outcome => defmt::info!("{}: {}", source, outcome),
        }
    }
}
