//! The commands of `caps`, apart from the program so that its manual and its completions can be made from them.
#![forbid(unsafe_code)]

mod arguments;
mod command;
mod definition;
mod document;
mod emulators;
mod failure;
mod host;
mod input;
mod output;
mod progress;
mod recorder;
mod tsc;

pub use arguments::{
    Arguments, BaselineArguments, CacheAction, Command, CompareArguments, CpuArguments,
    GuestArguments, GuestSource,
};
pub use failure::Failure;

/// Does what the arguments ask for.
///
/// # Errors
/// One sentence for the person who asked.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        None | Some(Command::Xml) => command::xml::run(arguments),
        Some(Command::Explain) => command::explain::run(arguments),
        Some(Command::Record { directory, scrub }) => {
            command::record::run(arguments, directory, *scrub)
        }
        Some(Command::Cpu(asked)) => command::cpu::run(arguments, asked),
        Some(Command::Compare(asked)) => command::compare::run(arguments, asked),
        Some(Command::Baseline(asked)) => command::baseline::run(arguments, asked),
        Some(Command::Guest(asked)) => command::guest::run(arguments, asked),
        Some(Command::Cache { action }) => command::cache::run(arguments, *action),
    }
}
