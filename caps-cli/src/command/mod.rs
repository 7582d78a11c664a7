//! One file a command.

pub(crate) mod baseline;
pub(crate) mod cache;
pub(crate) mod compare;
pub(crate) mod cpu;
pub(crate) mod explain;
pub(crate) mod guest;
pub(crate) mod record;
pub(crate) mod xml;
