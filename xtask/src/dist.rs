//! `cargo xtask dist`: the programs as they are handed out, in `target/dist`, and a Debian package of them.
//!
//! They are the same bytes wherever they are built: see [`crate::stable`].

use crate::chore::{self, Done, root};
use crate::{package, stable};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A directory with the sources of the project, in which it is built.
pub(crate) struct Checkout {
    pub(crate) root: PathBuf,
    /// The home of cargo, with the sources of other crates.
    pub(crate) cargo_home: PathBuf,
}

pub(crate) fn run_all() -> Done {
    Checkout::this()?.build()
}

impl Checkout {
    /// The one that this program was built from.
    pub(crate) fn this() -> Result<Self, String> {
        let home = || std::env::home_dir().map(|home| home.join(".cargo"));
        let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home);
        Ok(Self { root: root(), cargo_home: cargo_home.ok_or("no home of cargo")? })
    }

    /// Returns the directory of the programs and the package.
    pub(crate) fn directory(&self) -> PathBuf {
        self.root.join("target/dist")
    }

    /// Builds all that is handed out.
    pub(crate) fn build(&self) -> Done {
        self.command()?;
        self.agent()?;
        package::make(self)
    }

    /// The command, with the C library in it: it runs wherever there is a kernel, and starts in two thirds of the time.
    pub(crate) fn command(&self) -> Done {
        let build = ["rustc", "--locked", "--release", "-p", "caps-cli", "--bin", "caps"];
        let place = ["--target-dir", "target/static"];
        let mut cargo = self.cargo(&self.root)?;
        cargo.args(build).args(place).args(["--", "-C", "target-feature=+crt-static"]);
        chore::run_command(&mut cargo)?;
        self.copy("target/static/release/caps")
    }

    /// The agent, which is not of the workspace: it has no std, and flags of its own.
    fn agent(&self) -> Done {
        let mut cargo = self.cargo(&self.root.join("capsd"))?;
        cargo.args(["build", "--locked", "--release", "--target-dir", "../target/capsd"]);
        stable::name_crates_by_place(&mut cargo, &self.root)?;
        chore::run_command(&mut cargo)?;
        self.copy("target/capsd/x86_64-unknown-linux-gnu/release/capsd")
    }

    /// Cargo in a directory, such that no path of this machine gets into what it builds.
    fn cargo(&self, directory: &Path) -> Result<Command, String> {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(directory).env("CARGO_HOME", &self.cargo_home);
        // They would come in the place of the project's own.
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        cargo.args(["--config", &stable::flags(self)?]);
        Ok(cargo)
    }

    fn copy(&self, program: &str) -> Done {
        let program = self.root.join(program);
        let failed = |error| format!("{}: {error}", program.display());
        let directory = self.directory();
        fs::create_dir_all(&directory).map_err(failed)?;
        let target = directory.join(program.file_name().unwrap_or_default());
        // A program that runs cannot be overwritten.
        let _ = fs::remove_file(&target);
        let bytes = fs::copy(&program, &target).map_err(failed)?;
        println!("==> {}: {bytes} bytes", target.display());
        Ok(())
    }
}
