//! The commands of `caps`, apart from the program so that its manual and its completions can be made from them.
#![forbid(unsafe_code)]

mod arguments;
mod command;
mod definition;
mod document;
mod emulators;
mod failure;
mod holes;
mod host;
mod input;
mod missing;
mod output;
mod progress;
mod recorder;
mod status;
mod tsc;

pub use arguments::{
    Arguments, BaselineArguments, CacheAction, Command, CompareArguments, CpuArguments,
    GuestArguments, GuestSource,
};
pub use failure::Failure;
pub use status::Status;

/// Runs the command that the arguments select.
///
/// # Errors
/// Returns [`Failure`] if the command printed nothing of use; it reads as a sentence for the user.
pub fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let done = match &arguments.command {
        None | Some(Command::Xml) => return command::xml::run(arguments),
        Some(Command::Explain) => command::explain::run(arguments),
        Some(Command::Record { directory, scrub }) => {
            command::record::run(arguments, directory, *scrub)
        }
        Some(Command::Cpu(asked)) => command::cpu::run(arguments, asked),
        Some(Command::Compare(asked)) => return command::compare::run(arguments, asked),
        Some(Command::Baseline(asked)) => command::baseline::run(arguments, asked),
        Some(Command::Guest(asked)) => command::guest::run(arguments, asked),
        Some(Command::Cache { action }) => command::cache::run(arguments, *action),
    };
    done.map(|()| Status::Complete)
}
