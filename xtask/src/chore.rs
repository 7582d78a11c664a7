//! What chores have in common: the repository, and programs that are run in it.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
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
    run_command(Command::new(program).args(arguments).current_dir(directory))
}

/// Runs a command and says so.
pub(crate) fn run_command(command: &mut Command) -> Done {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let line = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    println!("==> {line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{line}: {status}")),
        Err(error) => Err(format!("{}: {error}", command.get_program().display())),
    }
}

/// Whether a program can be run.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// Directories of a checkout that are made, not kept.
const MADE: [&str; 4] = ["target", ".git", "corpus", "artifacts"];

/// Copies what belongs to a checkout.
pub(crate) fn copy_checkout(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            symlink(fs::read_link(&source)?, &target)?;
        } else if kind.is_file() {
            fs::copy(&source, &target)?;
        } else if !MADE.iter().any(|made| entry.file_name() == *made) {
            copy_checkout(&source, &target)?;
        }
    }
    Ok(())
}

/// Writes the text that `generate` returns to a file of the repository.
pub(crate) fn write(file: &str, generate: impl FnOnce() -> Result<String, String>) -> Done {
    let path = root().join(file);
    fs::write(&path, generate()?).map_err(|error| format!("{}: {error}", path.display()))
}
