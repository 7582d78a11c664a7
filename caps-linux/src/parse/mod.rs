//! Readers of the kernel's texts: bytes in, values out. They open nothing and never panic.

pub mod account;
pub mod auxv;
pub mod conf;
pub mod cpuinfo;
pub mod cpulist;
pub mod facts;
pub mod int;
pub mod line;
pub mod mask;
pub mod meminfo;
pub mod stat;
pub mod uuid;
