//! What chores have in common: the repository, and programs that are run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What went wrong, in one sentence.
pub(crate) type Done = Result<(), String>;

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Runs a program in `directory` and says so.
pub(crate) fn run(directory: &Path, program: &str, arguments: &[&str]) -> Done {
    println!("==> {program} {}", arguments.join(" "));
    let status = Command::new(program).args(arguments).current_dir(directory).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} {}: {status}", arguments.join(" "))),
        Err(error) => Err(format!("{program}: {error}")),
    }
}

/// Whether a program can be run.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// Writes the text that `generate` returns to a file of the repository.
pub(crate) fn write(file: &str, generate: impl FnOnce() -> Result<String, String>) -> Done {
    let path = root().join(file);
    fs::write(&path, generate()?).map_err(|error| format!("{}: {error}", path.display()))
}
