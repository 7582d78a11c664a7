//! What a client of capsd notices of a flood and of slow readers, beside an agent that has neither in the same run.
//!
//! Both agents run at once, so that the flood takes its share of the CPUs from both. The benchmark `fairness` has the exact
//! times; this holds the ratio, loosely, on machines that are busy with other tests.

use caps_tests::agent::Agent;
use caps_tests::neighbours::{Times, baseline, capabilities, crowd, free_pages, model_names};

/// Most times that a call takes with neighbours, at the median: 1 to 2 were seen. Without turns it is thousands, and a hundred
/// if all turns are alike.
const MOST_TIMES: f64 = 10.0;

#[test]
fn a_flood_and_slow_readers_hardly_delay_others() {
    let idle = Agent::start();
    for call in [capabilities(), free_pages(), model_names(), baseline()] {
        let busy = Agent::start();
        let (flood, _slow) = crowd(&busy, &call);
        let [idle, busy] = Times::of_pairs(1000, [&idle, &busy]);
        let times = busy.quantile(0.5) / idle.quantile(0.5);
        println!("procedure {}: {times:.1} times", call.0);
        assert!(times <= MOST_TIMES, "procedure {}: {times:.1} times", call.0);
        assert!(flood.received() > 0, "the flood is served too");
    }
}
