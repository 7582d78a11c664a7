//! Measures what a client of capsd notices of its neighbours: `cargo run --release -p caps-benches --bin fairness`.
//!
//! An agent that is idle, and one at which one client pipelines calls as fast as it can while 64 others read their replies
//! slowly. The same client calls each in turn, so that a machine that drifts does not matter; both agents run at once, so that
//! the flood takes its share of the CPUs from both: what differs is how the agent divides its own time. The idle agent on an
//! idle machine is measured first, for comparison: with fewer free CPUs than the flood, its agent and the client need, part of
//! the difference to it is the scheduler's.
#![forbid(unsafe_code)]

use caps_tests::agent::Agent;
use caps_tests::neighbours::{Times, baseline, capabilities, crowd, free_pages, model_names};
use std::process::ExitCode;

const CALLS: usize = 4000;
/// Most times the median of an idle agent.
const MOST_TIMES: f64 = 3.0;
/// Most microseconds of 99 of 100 calls.
const MOST_P99_US: f64 = 20_000.0;

fn main() -> ExitCode {
    let idle = Agent::start();
    let [alone, _] = Times::of_pairs(CALLS, [&idle, &idle]);
    report("idle agent, idle machine", &alone);
    let floods = [
        ("capabilities", capabilities()),
        ("free pages of 1,024 sizes", free_pages()),
        ("names of CPU models", model_names()),
        ("baseline of 250 CPUs", baseline()),
    ];
    let mut fair = true;
    for (name, call) in floods {
        let busy = Agent::start();
        let (flood, _slow) = crowd(&busy, &call);
        let [beside, loaded] = Times::of_pairs(CALLS, [&idle, &busy]);
        println!("\na flood of calls for {name}, which got {} MB", flood.received() / 1_000_000);
        report("idle agent meanwhile", &beside);
        report("agent with the flood and 64 slow readers", &loaded);
        let [times, of_alone] =
            [&beside, &alone].map(|times| loaded.quantile(0.5) / times.quantile(0.5));
        println!("median {times:.1} times as long, {of_alone:.1} times that of an idle machine");
        fair &= times <= MOST_TIMES && loaded.quantile(0.99) <= MOST_P99_US;
    }
    if fair { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn report(what: &str, times: &Times) {
    let [median, p99, last] = [0.5, 0.99, 1.0].map(|part| times.quantile(part));
    println!("{what:<42} median {median:>5.0} us, 99 % {p99:>6.0} us, longest {last:>6.0} us");
}
