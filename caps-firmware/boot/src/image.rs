//! The image: a package outside of the workspace, built for a machine without an operating system.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A built image: an ELF program with the symbols that its log is decoded by.
#[derive(Clone, Debug)]
pub struct Image(pub PathBuf);

/// Builds the image with these features of its own, separated by commas.
///
/// # Errors
/// What cargo said.
pub fn build(features: &str) -> Result<Image, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = here.join("../../target/image");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(here.join("../image"));
    cargo.args(["build", "--quiet", "--locked", "--release", "--features", features]);
    cargo.env("CARGO_TARGET_DIR", &target).env_remove("RUSTFLAGS");
    let output = cargo.output().map_err(|error| format!("cargo: {error}"))?;
    succeeded(&output)?;
    Ok(Image(target.join("x86_64-unknown-linux-gnu/release/caps-image")))
}

fn succeeded(output: &Output) -> Result<(), String> {
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
