//! Measures caps beside libvirt in one run, in pairs, so that a machine that drifts does not matter.
//!
//! `cargo run --release -p caps-benches`. A libvirtd has to answer at `qemu:///system` for the peer; without one only caps is
//! measured. Medians of pairs are what counts; single times depend on the machine.
#![forbid(unsafe_code)]

mod inside;
mod process;

use std::process::ExitCode;

fn main() -> ExitCode {
    inside::report();
    match process::report() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("caps-benches: {error}");
            ExitCode::FAILURE
        }
    }
}
