//! `cargo xtask test`: what a change has to pass.

use crate::chore::{self, Done, root};
use crate::fuzz::Effort;
use crate::{dist, fuzz, instructions, manual, reproduce, setup};

/// Enough for what a seed leads to, and little enough for every change. The same inputs each time: a change is at fault for what
/// it makes fail.
const FUZZING: Effort = Effort { inputs: 100_000, seed: 1 };

pub(crate) fn run() -> Done {
    setup::run()?;
    manual::run(true)?;
    let root = root();
    if !root.join("../shared").exists() {
        println!("==> no ../shared beside the project: tests that compare with its cases skip");
    }
    let cargo = |line: &str| chore::run(&root, "cargo", &line.split(' ').collect::<Vec<_>>());
    cargo("fmt --all --check")?;
    let agent =
        |line: &str| chore::run(&root.join("capsd"), "cargo", &line.split(' ').collect::<Vec<_>>());
    agent("fmt --check")?;
    agent("clippy --locked --release --target-dir ../target/capsd -- -D warnings")?;
    cargo("clippy --locked --workspace --all-targets -- -D warnings")?;
    cargo(
        "clippy --locked -p caps-core -p caps-linux -p caps-firmware --features caps-core/defmt,caps-linux/defmt,caps-firmware/defmt -- -D warnings",
    )?;
    let image = root.join("caps-firmware/image");
    let target = root.join("target/image").to_string_lossy().into_owned();
    chore::run(&image, "cargo", &["fmt", "--check"])?;
    let lint = ["clippy", "--locked", "--release", "--target-dir", &target, "--", "-D", "warnings"];
    chore::run(&image, "cargo", &lint)?;
    cargo(
        "doc --locked --workspace --no-deps --quiet --config build.rustdocflags=[\"-D\",\"warnings\"]",
    )?;
    dist::run_all()?;
    reproduce::run()?;
    instructions::run(false)?;
    fuzz::run(FUZZING)?;
    cargo("test --locked --workspace --quiet")
}
