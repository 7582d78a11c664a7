//! `cargo xtask fuzz`: every fuzz target for a bounded time, from the seeds of the repository.

use crate::chore::{self, Done, is_installed, root};
use std::fs;
use std::process::Command;

/// Runs each target for `seconds`. Takes cargo-fuzz and a nightly compiler.
pub(crate) fn run(seconds: u32) -> Done {
    let nightly = Command::new("cargo").args(["+nightly", "--version"]).output();
    if !is_installed("cargo-fuzz") || !nightly.is_ok_and(|output| output.status.success()) {
        println!("==> no cargo-fuzz or no nightly compiler: nothing is fuzzed");
        return Ok(());
    }
    let root = root();
    let seeds = fs::read_dir(root.join("fuzz/seeds")).map_err(|error| error.to_string())?;
    let mut targets: Vec<String> =
        seeds.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    targets.sort();
    let time = format!("-max_total_time={seconds}");
    for target in &targets {
        // What is found goes to a corpus that is not kept; the seeds are only read.
        let corpus = root.join("fuzz/corpus").join(target);
        fs::create_dir_all(&corpus).map_err(|error| error.to_string())?;
        let places = [format!("fuzz/corpus/{target}"), format!("fuzz/seeds/{target}")];
        // Without a sanitizer: the crates are safe but for a fence, and it builds in half the time.
        let fuzz = ["+nightly", "fuzz", "run", "-s", "none", target, &places[0], &places[1], "--"];
        chore::run(
            &root,
            "cargo",
            &[&fuzz[..], &[&time, "-timeout=10", "-print_final_stats=0"]].concat(),
        )?;
    }
    Ok(())
}
