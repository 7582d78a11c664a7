//! The commands of `caps`, apart from the program so that its manual and its completions can be made from them.
#![forbid(unsafe_code)]

mod arguments;
mod command;
mod definition;
mod document;
mod emulators;
mod failure;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod holes;
mod host;
mod input;
mod missing;
mod output;
mod progress;
mod recorder;
mod search_path;
mod status;
mod tsc;

pub use arguments::{
    Arguments, BaselineArguments, CacheAction, Command, CompareArguments, CpuArguments,
    GuestArguments, GuestSource,
};
pub use failure::Failure;
pub use status::Status;

use std::fmt::Display;
use std::io::{self, Write};

/// Prints what clap answers to a command line in place of a command: the help, the version, or what is malformed.
///
/// # Errors
/// Returns [`Failure::Output`] if the help or the version could not be printed.
pub fn print(answer: &clap::Error) -> Result<(), Failure> {
    if answer.use_stderr() {
        // Without standard error only the exit status is left.
        let _ = answer.print();
        return Ok(());
    }
    output::print_help(|| answer.print())
}

/// Prints a line to standard error. Without standard error only the exit status is left.
pub fn warn(sentence: impl Display) {
    let _ = writeln!(io::stderr(), "caps: {sentence}");
}

/// Runs the command that the arguments select.
///
/// # Errors
/// Returns [`Failure`] if the command printed nothing of use; it reads as a sentence for the user.
pub fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let done = match &arguments.command {
        None | Some(Command::Xml) => return command::xml::run(arguments),
        Some(Command::Explain) => return command::explain::run(arguments),
        Some(Command::Record { directory, scrub }) => {
            command::record::run(arguments, directory, *scrub)
        }
        Some(Command::Cpu(asked)) => return command::cpu::run(arguments, asked),
        Some(Command::Compare(asked)) => return command::compare::run(arguments, asked),
        Some(Command::Baseline(asked)) => command::baseline::run(arguments, asked),
        Some(Command::Guest(asked)) => return command::guest::run(arguments, asked),
        Some(Command::Cache { action }) => command::cache::run(arguments, *action),
    };
    done.map(|()| Status::Complete)
}
