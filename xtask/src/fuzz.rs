//! `cargo xtask fuzz`: every fuzz target for a fixed number of inputs, from the seeds of the repository where it has some.

use crate::chore::{self, Done, is_installed, root};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Amount of fuzzing.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// Inputs of each target.
    pub(crate) inputs: u32,
    /// Seed of the choice of inputs; 0 is a new one each time.
    pub(crate) seed: u32,
}

/// Runs every target. Takes cargo-fuzz and a nightly compiler.
pub(crate) fn run(effort: Effort) -> Done {
    let nightly = Command::new("cargo").args(["+nightly", "--version"]).output();
    if !is_installed("cargo-fuzz") || !nightly.is_ok_and(|output| output.status.success()) {
        println!("==> no cargo-fuzz or no nightly compiler: nothing is fuzzed");
        return Ok(());
    }
    let root = root();
    targets(&root)?.iter().try_for_each(|target| run_target(&root, target, effort))
}

fn targets(root: &Path) -> Result<Vec<String>, String> {
    let files = fs::read_dir(root.join("fuzz/fuzz_targets")).map_err(|error| error.to_string())?;
    let names = files.flatten().map(|file| file.file_name().to_string_lossy().into_owned());
    let mut targets: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".rs").map(String::from)).collect();
    targets.sort();
    Ok(targets)
}

fn run_target(root: &Path, target: &str, effort: Effort) -> Done {
    // What is found goes to a corpus that is not kept; the seeds are only read.
    let (corpus, seeds) = (format!("fuzz/corpus/{target}"), format!("fuzz/seeds/{target}"));
    fs::create_dir_all(root.join(&corpus)).map_err(|error| error.to_string())?;
    let (inputs, seed) = (format!("-runs={}", effort.inputs), format!("-seed={}", effort.seed));
    // Without a sanitizer: the crates are safe but for a fence, and it builds in half the time.
    let mut fuzz = vec!["+nightly", "fuzz", "run", "-s", "none", target, &corpus];
    fuzz.extend(root.join(&seeds).is_dir().then_some(seeds.as_str()));
    fuzz.extend(["--", &inputs, &seed, "-timeout=10", "-print_final_stats=0"]);
    chore::run(root, "cargo", &fuzz)
}
