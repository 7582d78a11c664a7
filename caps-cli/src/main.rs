//! `caps`: the capabilities document of this host, without a daemon.
#![forbid(unsafe_code)]

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match caps_cli::run(&caps_cli::Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(caps_cli::Failure::AnsweredNo) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("caps: {failure}");
            ExitCode::FAILURE
        }
    }
}
