//! `cargo xtask dist`: the programs as they are handed out, in `target/dist`, and a Debian package of them.

use crate::chore::{Done, root, run};
use crate::package;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the programs land.
pub(crate) fn directory() -> PathBuf {
    root().join("target/dist")
}

pub(crate) fn run_all() -> Done {
    command()?;
    agent()?;
    package::make()
}

/// The command, with the C library in it: it runs wherever there is a kernel, and starts in two thirds of the time.
pub(crate) fn command() -> Done {
    let root = root();
    let build = ["rustc", "--locked", "--release", "-p", "caps-cli", "--bin", "caps"];
    let place = ["--target-dir", "target/static", "--", "-C", "target-feature=+crt-static"];
    run(&root, "cargo", &[&build[..], &place].concat())?;
    copy(&root.join("target/static/release/caps"))
}

/// The agent, which is not of the workspace: it has no std, and flags of its own.
fn agent() -> Done {
    let package = root().join("capsd");
    run(&package, "cargo", &["build", "--locked", "--release", "--target-dir", "../target/capsd"])?;
    copy(&root().join("target/capsd/x86_64-unknown-linux-gnu/release/capsd"))
}

fn copy(program: &Path) -> Done {
    let failed = |error| format!("{}: {error}", program.display());
    let directory = directory();
    fs::create_dir_all(&directory).map_err(failed)?;
    let target = directory.join(program.file_name().unwrap_or_default());
    // A program that runs cannot be overwritten.
    let _ = fs::remove_file(&target);
    let bytes = fs::copy(program, &target).map_err(failed)?;
    println!("==> {}: {bytes} bytes", target.display());
    Ok(())
}
