//! The document of machines without an operating system: the image of caps-firmware, booted in QEMU.

#[path = "firmware/amd.rs"]
mod amd;
#[path = "firmware/dump.rs"]
mod dump;
#[path = "firmware/guest.rs"]
mod guest;
#[path = "firmware/linux.rs"]
mod linux;
#[path = "firmware/log.rs"]
mod log;
#[path = "firmware/machine.rs"]
mod machine;
#[path = "firmware/proof.rs"]
mod proof;
#[path = "firmware/tables.rs"]
mod tables;
