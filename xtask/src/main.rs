//! Chores of the repository: `cargo xtask CHORE`.
#![forbid(unsafe_code)]

mod boot;
mod chore;
mod dist;
mod fuzz;
mod gate;
mod guest;
mod instructions;
mod manual;
mod package;
mod peers;
mod prose;
mod setup;
mod tables;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Chores of the repository.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Install the Debian packages that the tests compare with
    Setup,
    /// Everything that a change has to pass: installs, formatting, lints, documentation, proofs, tests
    Test,
    /// Run every fuzz target for a bounded time, from the seeds of the repository
    Fuzz {
        /// Seconds for each target
        #[arg(long, default_value_t = 10)]
        seconds: u32,
    },
    /// Count instructions under valgrind, and compare them with those kept in `benches/instructions.tsv`
    Instructions {
        /// Keep the counts instead
        #[arg(long)]
        bless: bool,
    },
    /// Build the image of caps-firmware, boot it in QEMU, and print the document of that machine
    Boot {
        /// QEMU's own arguments, as they are: --machine q35 --cpu EPYC --smp 8,sockets=2,cores=2,threads=2
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        qemu: Vec<String>,
    },
    /// Build the programs that are handed out, and a Debian package of them, into `target/dist`
    Dist,
    /// Check the wording of comments, Markdown, help texts and messages
    Prose {
        /// Print each line that a rule matches
        #[arg(short, long)]
        verbose: bool,
    },
    /// Measure caps beside libvirt and other peers in one run (as root), and write `docs/performance.md`
    Peers,
    /// Write the manual page and the shell completions
    Manual {
        /// Only check that they are what would be written
        #[arg(long)]
        check: bool,
    },
    /// Generate the CPU tables from the rows in `caps-cpu/data`
    Tables,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Setup => setup::run(),
        Chore::Test => gate::run(),
        Chore::Fuzz { seconds } => fuzz::run(seconds),
        Chore::Instructions { bless } => instructions::run(bless),
        Chore::Boot { qemu } => boot::run(&qemu),
        Chore::Dist => dist::run_all(),
        Chore::Prose { verbose } => prose::run(verbose),
        Chore::Peers => peers::run(),
        Chore::Manual { check } => manual::run(check),
        Chore::Tables => chore::write("caps-cpu/src/tables.rs", || {
            tables::generate(&chore::root().join("caps-cpu/data"))
        }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("xtask: {sentence}");
            ExitCode::FAILURE
        }
    }
}
