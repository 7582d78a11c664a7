//! `caps cpu`: recorded processors in every form, the explanation, the element of a host.

mod support;

#[path = "cpu/dumps.rs"]
mod dumps;
#[path = "cpu/explained.rs"]
mod explained;
#[path = "cpu/host.rs"]
mod host;
#[path = "cpu/pasted.rs"]
mod pasted;
