//! caps beside its peers in one run: `peers CAPS AGENT LIBVIRT DIRECTORY`, as `cargo xtask peers` calls it, beside a libvirtd of
//! its own. Makes sure that the documents agree, and writes `performance.md` and `performance.svg` to the directory.
#![forbid(unsafe_code)]

mod inside;
mod plot;
mod processes;
mod report;
mod scale;

use std::path::PathBuf;
use std::process::ExitCode;

/// What went wrong, in one sentence.
type Fallible<T> = Result<T, String>;

/// The programs of the run, and where its results go.
struct Run {
    caps: PathBuf,
    agent: PathBuf,
    libvirt: PathBuf,
    directory: PathBuf,
}

/// A peer and caps at the same work: the middle of many rounds each, in microseconds.
struct Pair {
    work: &'static str,
    peer: &'static str,
    peer_us: f64,
    ours: &'static str,
    ours_us: f64,
    /// Allocations of the peer in a round, where they are counted; caps makes none.
    allocations: Option<u64>,
}

impl Pair {
    fn ratio(&self) -> f64 {
        self.peer_us / self.ours_us
    }
}

fn main() -> ExitCode {
    let [caps, agent, libvirt, directory] =
        match std::env::args_os().skip(1).collect::<Vec<_>>().try_into() {
            Ok(paths) => <[_; 4]>::map(paths, PathBuf::from),
            Err(_) => {
                eprintln!("peers: CAPS AGENT LIBVIRT DIRECTORY");
                return ExitCode::FAILURE;
            }
        };
    let run = Run { caps, agent, libvirt, directory };
    match measure(&run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("peers: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn measure(run: &Run) -> Fallible<()> {
    let cold = processes::first_answer(run)?;
    processes::agree(run)?;
    let mut pairs = inside::pairs(run)?;
    let sizes = scale::sizes();
    pairs.extend(scale::pair(run, &sizes)?);
    pairs.extend(processes::pairs(run)?);
    pairs.push(processes::next_answers(run)?);
    pairs.extend(cold);
    report::write(run, &pairs, &sizes)
}
