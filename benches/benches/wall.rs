//! Wall time in process: `cargo bench -p caps-benches`. Instructions are counted elsewhere, this is for looking at.

use caps_benches::fleet;
use caps_core::sink::SliceSink;
use caps_core::{Driver, storage};
use caps_cpu::x86::{CpuData, Read, walk};
use caps_linux::{Environment, Guests, Held, Host, Live, Native, Root};
use criterion::{Criterion, Throughput};
use std::collections::HashMap;
use std::hint::black_box;

fn write(criterion: &mut Criterion) {
    let (mut storage, mut text) = (vec![0; fleet::STORAGE_BYTES], vec![0; 64 << 10]);
    let caps = fleet::document(&mut storage).unwrap();
    let mut write = || {
        let mut sink = SliceSink::new(&mut text);
        caps_xml::write(black_box(&caps), &mut sink).unwrap();
        sink.written().len()
    };
    let mut group = criterion.benchmark_group("write");
    group.throughput(Throughput::Bytes(write() as u64));
    group.bench_function("20 guests, 609 machines", |bencher| bencher.iter(&mut write));
    group.finish();
}

fn host(criterion: &mut Criterion) {
    let (native, root) = (Native::open(), Root::live());
    let live = Live::ask(&native, Environment::default()).unwrap();
    let host = Host { tree: &root, facts: &live.facts(), cpuid: Some(&native) };
    let mut storage = vec![0; storage::NODE];
    let mut group = criterion.benchmark_group("this host");
    group.bench_function("probe", |bencher| {
        bencher.iter(|| {
            let bytes = &mut storage;
            caps_linux::capabilities(&host, &Driver::QEMU, Guests::None, bytes, None, &mut ())
                .is_ok()
        });
    });
    let mut files = [const { None }; 64];
    let mut held = Held::new(Driver::QEMU, &mut storage, &mut files);
    group.bench_function("refresh", |bencher| {
        bencher.iter(|| held.refresh(&host, Guests::None, &mut ()));
    });
    group.finish();
}

/// CPUID of this host, read beforehand: what is left is table work.
fn decode(criterion: &mut Criterion) {
    let mut leaves = HashMap::new();
    walk(&Native::open(), |read| {
        if let Read::Cpuid { leaf, subleaf, registers, .. } = read {
            leaves.insert((leaf, subleaf), registers);
        }
    });
    let held = |leaf, subleaf| leaves.get(&(leaf, subleaf)).copied().unwrap_or_default();
    criterion.bench_function("decode the host CPU", |bencher| {
        bencher.iter(|| CpuData::as_probed(black_box(&held)).decode_host().is_ok());
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    write(&mut criterion);
    host(&mut criterion);
    decode(&mut criterion);
    criterion.final_summary();
}
