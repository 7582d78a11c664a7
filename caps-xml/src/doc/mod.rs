//! The document, element by element. One file a topic; the model has twins of the same name.

mod cache;
mod cpu;
mod guest;
mod host;
mod monitor;
mod numa;
mod security;

pub(crate) use cpu::cpu;
pub(crate) use guest::guests;
pub(crate) use host::host;
