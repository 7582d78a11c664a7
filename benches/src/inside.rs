//! The library inside a process: probing the host and writing its document.

use caps_benches::median;
use caps_core::sink::CountSink;
use caps_core::{Driver, Storage, storage};
use caps_cpu::x86::{CpuData, Read, walk};
use caps_linux::{Environment, Guests, Held, Host, Live, Native, Root};
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Mutex;
use std::time::Instant;

static STORAGE: Mutex<Storage<{ storage::MAX }>> = Mutex::new(Storage::new());
const ROUNDS: usize = 200;

/// Prints what a probe, a document and the decoding of a CPU cost.
pub(crate) fn report() {
    decoding();
    host();
    held();
}

/// CPUID of this host, read beforehand: what is left is table work.
fn decoding() {
    let native = Native::open();
    let mut leaves = HashMap::new();
    walk(&native, |read| {
        if let Read::Cpuid { leaf, subleaf, registers, .. } = read {
            leaves.insert((leaf, subleaf), registers);
        }
    });
    let held = |leaf, subleaf| leaves.get(&(leaf, subleaf)).copied().unwrap_or_default();
    let mut times: Vec<f64> = (0..ROUNDS * 10)
        .map(|_| {
            let start = Instant::now();
            let _ = black_box(CpuData::as_probed(black_box(&held)).decode_host());
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    println!("tables of caps-cpu        {:>9} bytes", caps_cpu::table_bytes());
    println!("decoding the host CPU     {:>9.2} us, registers read beforehand", median(&mut times));
}

fn host() {
    let (native, root) = (Native::open(), Root::live());
    let Ok(live) = Live::ask(&native, Environment::default()) else { return };
    let host = Host { tree: &root, facts: &live.facts(), cpuid: Some(&native) };
    let Ok(mut storage) = STORAGE.lock() else { return };
    let (mut probes, mut writes, mut document) = (Vec::new(), Vec::new(), CountSink::default());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let made = caps_linux::capabilities(
            &host,
            &Driver::QEMU,
            Guests::None,
            storage.bytes_mut(),
            None,
            &mut (),
        );
        let Ok(caps) = made else { return };
        probes.push(start.elapsed().as_secs_f64() * 1e6);
        let start = Instant::now();
        document = CountSink::default();
        let Ok(()) = caps_xml::write(&caps, &mut document);
        writes.push(start.elapsed().as_secs_f64() * 1e6);
    }
    println!("probe of the host part    {:>9.1} us (median of {ROUNDS})", median(&mut probes));
    println!("writing its {:>5} bytes   {:>9.1} us", document.bytes, median(&mut writes));
}

fn held() {
    let (native, root) = (Native::open(), Root::live());
    let Ok(live) = Live::ask(&native, Environment::default()) else { return };
    let host = Host { tree: &root, facts: &live.facts(), cpuid: Some(&native) };
    let Ok(mut storage) = STORAGE.lock() else { return };
    let mut files = [const { None }; 64];
    let mut held = Held::new(Driver::QEMU, storage.bytes_mut(), &mut files);
    let mut times: Vec<f64> = (0..ROUNDS * 10)
        .map(|_| {
            let start = Instant::now();
            let _ = black_box(held.refresh(&host, Guests::None, &mut ()));
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    println!("refresh of a held host    {:>9.1} us", median(&mut times));
}
