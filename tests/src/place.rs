//! Where things lie: the repository, and the shared cases beside it.

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The directory of this package.
const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// A directory or file of the shared cases. `None` where they are not beside the repository: then it says so, and the test
/// has nothing to do.
pub fn shared(path: &str) -> Option<PathBuf> {
    let place = Path::new(PACKAGE).join("../../shared").join(path);
    if place.exists() {
        return Some(place);
    }
    eprintln!("skipped: no ../shared/{path} beside the project");
    None
}

/// Where what is built and fetched lies.
pub fn target() -> PathBuf {
    Path::new(PACKAGE).join("../target")
}

/// The recorded hosts of this repository.
pub fn own_hosts() -> PathBuf {
    Path::new(PACKAGE).join("hosts")
}

/// The directories in `place`, by name.
///
/// # Panics
/// Where `place` cannot be listed.
pub fn directories(place: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(place).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

/// A directory that goes away with what is returned: in memory where that can be, for hosts of a million files.
///
/// # Panics
/// Where none can be made.
pub fn scratch() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

/// The last part of a path, for messages.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether expectations are to be rewritten instead of compared: `CAPS_BLESS=1`.
pub fn blesses() -> bool {
    std::env::var_os("CAPS_BLESS").is_some_and(|value| value == "1")
}

/// Whether `program` is one along `PATH`. Where it is not, says so.
pub fn has_program(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|directory| directory.join(program).is_file());
    if !found {
        eprintln!("skipped: no {program} on this machine");
    }
    found
}

/// Copies a directory with all that is in it; links stay links.
///
/// # Panics
/// Where something cannot be copied.
pub fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy_tree(&source, &target);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source).unwrap(), &target).unwrap();
        } else {
            // Not `fs::copy`: the cases may be read-only, and their copies are to be changed.
            fs::write(&target, fs::read(&source).unwrap()).unwrap();
        }
    }
}
