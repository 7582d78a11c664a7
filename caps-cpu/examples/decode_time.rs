//! Nanoseconds to decode registers that were read already: `cargo run --release --example decode_time FILE...`
//!
//! For each dump the median of many runs: features out of registers, and the model out of features.
use core::hint::black_box;
use std::collections::BTreeMap;
use std::time::Instant;

use caps_cpu::dump::{Dump, Record};
use caps_cpu::x86::{CpuData, ModelSet};
use caps_cpu::{CpuidSource, Registers};

const RUNS: usize = 2001;

/// Registers as a live host has them after the last read.
#[derive(Default)]
struct Held {
    leaves: BTreeMap<(u32, u32), Registers>,
    msrs: BTreeMap<u32, u64>,
}

impl CpuidSource for Held {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Registers {
        self.leaves.get(&(leaf, subleaf)).copied().unwrap_or_default()
    }

    fn msr(&self, index: u32) -> Option<u64> {
        self.msrs.get(&index).copied()
    }
}

fn main() {
    let mut medians = Vec::new();
    for path in std::env::args().skip(1) {
        let text = std::fs::read(&path).expect("a readable file");
        let dump = Dump::parse(&text).expect("a dump");
        let held = held(&dump);
        let data = CpuData::as_probed(&held);
        let gather = median(|| CpuData::as_probed(black_box(&held)));
        let host = median(|| black_box(&data).decode_host());
        let guest = median(|| black_box(&data).decode_guest(&ModelSet::default()));
        let given = median(|| CpuData::as_given(black_box(&dump)));
        medians.push((gather + host, path, gather, host, guest, given));
    }
    medians.sort();
    let (fastest, middle, slowest) =
        (medians.first(), medians.get(medians.len() / 2), medians.last());
    for (what, row) in [("fastest", fastest), ("median", middle), ("slowest", slowest)] {
        let Some((sum, path, gather, host, guest, given)) = row else { continue };
        println!(
            "{what}: {sum} ns = features {gather} + host model {host}; guest {guest}, dump text {given}  {path}"
        );
    }
}

fn held(dump: &Dump<'_>) -> Held {
    let mut held = Held::default();
    for record in dump.records() {
        match record {
            Record::Cpuid { leaf, subleaf, registers } => {
                held.leaves.insert((leaf, subleaf), registers);
            }
            Record::Msr { index, value } => {
                held.msrs.insert(index, value);
            }
        }
    }
    held
}

fn median<T>(run: impl Fn() -> T) -> u128 {
    let mut times: Vec<u128> = (0..RUNS).map(|_| time(&run)).collect();
    times.sort_unstable();
    times[RUNS / 2]
}

fn time<T>(run: impl Fn() -> T) -> u128 {
    let start = Instant::now();
    black_box(run());
    start.elapsed().as_nanos()
}
