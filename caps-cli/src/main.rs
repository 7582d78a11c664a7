//! `caps`: the capabilities document of this host, without a daemon.
#![forbid(unsafe_code)]

use caps_cli::{Arguments, Failure};
use clap::Parser;
use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    match caps_cli::run(&arguments()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(Failure::AnsweredNo) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("caps: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// The plain call is the one that is made often: knowing all other calls would take it a tenth of its time.
fn arguments() -> Arguments {
    if env::args_os().len() > 1 { Arguments::parse() } else { Arguments::default() }
}
