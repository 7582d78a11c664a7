//! `caps record`: keeps a host.
use crate::{Arguments, Failure};
use std::path::Path;

pub(crate) fn run(_: &Arguments, _: &Path, _: bool) -> Result<(), Failure> {
    Ok(())
}
