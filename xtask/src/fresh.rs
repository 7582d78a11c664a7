//! `cargo xtask fresh`: the commands of the README on a fresh Debian, where nothing is installed but a linker and Rust.
//!
//! On a machine of ours, programs that happen to be installed hide a package that `setup` forgets or a test takes for granted.

use crate::chore::{self, Done, copy_checkout, root};
use crate::dist::Checkout;
use crate::setup;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const RELEASE: &str = "bookworm";
const SCRIPT: &str = "xtask/src/fresh.sh";
/// Variables that the commands heed, or that the network of this machine may need.
const KEPT: [&str; 2] = ["CI", "RUSTUP_TOOLCHAIN"];
const PROXIES: [&str; 4] = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];
const FAMILIES: [&str; 4] = ["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTRIES_", "CARGO_SOURCE_"];

pub(crate) fn run() -> Done {
    if !setup::is_root() {
        return Err("only root can make a fresh machine".into());
    }
    setup::install_missing(&[("debootstrap", "debootstrap"), ("unshare", "util-linux")])?;
    let place = root().join("target/fresh");
    remove(&place)?;
    prepare(&place)?;
    let done = chore::run_command(&mut command(&place)?);
    done.and(remove(&place))
}

/// Nothing is mounted in it any more: mounts end with the namespace.
fn remove(place: &Path) -> Done {
    chore::run(&root(), "rm", &["-rf", "--one-file-system", &place.to_string_lossy()])
}

/// Copies what goes to the machine: the checkout, and a home of cargo that has Rust and the crates that are here already.
fn prepare(place: &Path) -> Done {
    let failed = |error| format!("{}: {error}", place.display());
    fs::create_dir_all(place).map_err(failed)?;
    copy_checkout(&root(), &place.join("root.checkout")).map_err(failed)?;
    let (from, to) = (Checkout::this()?.cargo_home, place.join("root.cargo"));
    fs::create_dir_all(to.join("bin")).map_err(failed)?;
    for part in ["registry", "config", "config.toml"] {
        if from.join(part).exists() {
            let (from, to) = (from.join(part), to.join(part));
            chore::run(place, "cp", &["-a", &from.to_string_lossy(), &to.to_string_lossy()])?;
        }
    }
    let rustup = from.join("bin/rustup");
    fs::copy(&rustup, to.join("bin/rustup"))
        .map_err(|error| format!("{}: {error}; a fresh machine needs rustup", rustup.display()))?;
    let tools =
        ["cargo", "cargo-clippy", "cargo-fmt", "clippy-driver", "rustc", "rustdoc", "rustfmt"];
    tools.iter().try_for_each(|tool| symlink("rustup", to.join("bin").join(tool))).map_err(failed)
}

fn command(place: &Path) -> Result<Command, String> {
    let toolchains = toolchains()?;
    let shared = fs::canonicalize(root().join("../shared")).unwrap_or_default();
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]);
    command.arg("sh").arg(root().join(SCRIPT)).arg(place.join("root"));
    command.arg(RELEASE).arg(mirror()?).arg(shared).arg(&toolchains).args(commands()?);
    command
        .stdin(Stdio::null())
        .env_clear()
        .envs(env::vars_os().filter(|(name, _)| is_kept(&name.to_string_lossy())));
    command.env("PATH", "/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    command.env("CARGO_HOME", "/cargo").env("RUSTUP_HOME", toolchains).env("HOME", "/root");
    Ok(command)
}

fn is_kept(variable: &str) -> bool {
    KEPT.contains(&variable)
        || PROXIES.iter().any(|proxy| variable.eq_ignore_ascii_case(proxy))
        || FAMILIES.iter().any(|family| variable.starts_with(family))
}

/// Returns the directory in which rustup keeps toolchains.
fn toolchains() -> Result<PathBuf, String> {
    let home = || env::home_dir().map(|home| home.join(".rustup"));
    let place = env::var_os("RUSTUP_HOME").map(PathBuf::from).or_else(home);
    place.filter(|place| place.is_dir()).ok_or_else(|| "a fresh machine needs rustup".into())
}

/// Returns the mirror from which this machine installs packages of the release.
fn mirror() -> Result<String, String> {
    let arguments = ["indextargets", "--format", "$(RELEASE) $(COMPONENT) $(SITE)"];
    let output = Command::new("apt-get").args(arguments).arg("Created-By: Packages").output();
    let output = output.map_err(|error| format!("apt-get: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let prefix = format!("{RELEASE} main ");
    let found = text.lines().find_map(|line| line.strip_prefix(&prefix)).map(String::from);
    found.ok_or_else(|| format!("apt has no source for {RELEASE} on this machine"))
}

/// The commands in the first block of the README.
fn commands() -> Result<Vec<String>, String> {
    let text = fs::read_to_string(root().join("README.md"));
    let text = text.map_err(|error| format!("README.md: {error}"))?;
    let block = text.lines().skip_while(|line| !line.starts_with("    "));
    let lines = block.map_while(|line| line.strip_prefix("    "));
    let commands: Vec<String> =
        lines.map(|line| line.split('#').next().unwrap_or(line).trim().to_owned()).collect();
    match commands.iter().all(|command| command.starts_with("cargo ")) {
        true if commands.len() == 2 => Ok(commands),
        _ => Err(format!("README.md begins with other commands: {commands:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_begins_with_two_commands() {
        assert_eq!(commands(), Ok(vec!["cargo run --release".into(), "cargo xtask test".into()]));
    }

    #[test]
    fn variables_of_the_network_are_kept() {
        assert!(["HTTPS_PROXY", "no_proxy", "CARGO_NET_OFFLINE", "CI"].into_iter().all(is_kept));
        assert!(!["HOME", "PATH", "CARGO_TARGET_DIR", "CIRCLE"].into_iter().any(is_kept));
    }
}
