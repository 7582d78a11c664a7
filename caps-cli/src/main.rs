//! `caps`: the capabilities document of this host, without a daemon.
#![forbid(unsafe_code)]

use caps_cli::{Arguments, Status};
use clap::Parser;
use std::env;
use std::fmt::Display;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(answer) => return print(&answer),
    };
    let status = caps_cli::run(&arguments).unwrap_or_else(failed);
    status.into()
}

/// The plain call is the one that is made often: knowing all other calls would take it a tenth of its time.
fn arguments() -> Result<Arguments, clap::Error> {
    if env::args_os().len() <= 1 {
        return Ok(Arguments::default());
    }
    Arguments::try_parse()?.validated()
}

/// Prints the help, the version, or why the command line is malformed.
fn print(answer: &clap::Error) -> ExitCode {
    match caps_cli::print(answer) {
        Err(failure) => failed(failure).into(),
        Ok(()) => u8::try_from(answer.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}

fn failed(cause: impl Display) -> Status {
    caps_cli::warn(cause);
    Status::Failed
}
