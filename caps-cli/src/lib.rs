//! The commands of `caps`, apart from the program so that its manual and its completions can be made from them.
#![forbid(unsafe_code)]

mod arguments;
mod command;
mod failure;
mod host;
mod output;
mod recorder;

pub use arguments::{Arguments, Command, GuestSource};
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
    }
}
