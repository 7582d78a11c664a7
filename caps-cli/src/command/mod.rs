//! One file a command.

pub(crate) mod explain;
pub(crate) mod record;
pub(crate) mod xml;
