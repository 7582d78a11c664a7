//! `caps`: the capabilities document of this host, without a daemon.
#![forbid(unsafe_code)]

use caps_cli::{Arguments, Status};
use clap::Parser;
use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let status = match caps_cli::run(&arguments()) {
        Ok(status) => status,
        Err(failure) if failure.is_closed_pipe() => Status::Complete,
        Err(failure) => {
            eprintln!("caps: {failure}");
            Status::Failed
        }
    };
    status.into()
}

/// The plain call is the one that is made often: knowing all other calls would take it a tenth of its time.
fn arguments() -> Arguments {
    if env::args_os().len() <= 1 {
        return Arguments::default();
    }
    Arguments::parse().validated().unwrap_or_else(|error| error.exit())
}
