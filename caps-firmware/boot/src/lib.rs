//! Builds the image of caps-firmware, boots it in QEMU, and decodes its log.
//!
//! For `cargo xtask boot` and for tests. Everything of the machine is QEMU's own words: its arguments go to it as they are.
#![forbid(unsafe_code)]

mod emulator;
mod image;
mod log;

pub use emulator::{Booted, EMULATOR, LIMIT, boot, run, version};
pub use image::{Image, build};
pub use log::PRINTER;
