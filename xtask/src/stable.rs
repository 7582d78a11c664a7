//! Builds that do not depend on the directory they are made in.

use crate::chore::Done;
use crate::dist::Checkout;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the checkout to this program where cargo runs it in the place of rustc.
const WRAPPED: &str = "CAPS_STABLE_ROOT";

/// The option of cargo's with the flags of rustc that replace directories of this machine in messages of panics.
pub(crate) fn flags(checkout: &Checkout) -> Result<String, String> {
    let mut places = vec![(checkout.root.clone(), "/caps")];
    places.extend(registries(&checkout.cargo_home)?.into_iter().map(|place| (place, "/crates")));
    let flag = |(from, to): (PathBuf, &str)| {
        format!("{:?}", format!("--remap-path-prefix={}={to}", from.display()))
    };
    let flags: Vec<String> = places.into_iter().map(flag).collect();
    Ok(format!("build.rustflags=[{}]", flags.join(",")))
}

/// The directories of the sources of other crates, one for each registry. The crates that this program needs are there.
fn registries(cargo_home: &Path) -> Result<Vec<PathBuf>, String> {
    let place = cargo_home.join("registry/src");
    let entries = fs::read_dir(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.sort();
    Ok(found)
}

/// Makes cargo run this program in the place of rustc, so that crates have the same symbols in every directory.
///
/// Cargo derives the identity of a crate outside of the workspace from its absolute path. The identity is part of the symbols, and
/// those decide the order of functions in the program.
pub(crate) fn name_crates_by_place(cargo: &mut Command, root: &Path) -> Done {
    let this = env::current_exe().map_err(|error| format!("this program: {error}"))?;
    cargo.env("RUSTC_WRAPPER", this).env(WRAPPED, root);
    Ok(())
}

/// Becomes rustc if cargo runs this program in its place.
pub(crate) fn become_rustc() -> Option<Done> {
    let root = env::var_os(WRAPPED)?;
    let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let place = Path::new(&package).strip_prefix(&root).ok();
    let name = env::var("CARGO_CRATE_NAME").unwrap_or_default();
    let mut words = env::args_os().skip(1).map(|word| match place {
        Some(place) if is_identity(&word) => format!("metadata={}-{name}", place.display()).into(),
        _ => word,
    });
    let rustc = words.next().unwrap_or_default();
    let error = Command::new(&rustc).args(words).exec();
    Some(Err(format!("{}: {error}", rustc.display())))
}

/// Returns whether it is the argument of `-C` that distinguishes crates of the same name.
fn is_identity(word: &OsString) -> bool {
    word.to_str().is_some_and(|word| word.starts_with("metadata="))
}
