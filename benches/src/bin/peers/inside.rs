//! In process: libvirt's functions in a program of their own, those of caps here. CPU time of the thread.

use crate::{Fallible, Pair, Run};
use caps_benches::{fleet, median, thread_cpu_us};
use caps_core::sink::SliceSink;
use caps_core::{Caps, Driver, GuestFeature, Storage, storage};
use caps_linux::{Environment, Guests, Held, Host, Live, Native, Root};
use caps_tests::difference::difference;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

static STORAGE: Mutex<Storage<{ storage::MAX }>> = Mutex::new(Storage::new());
const ROUNDS: usize = 100;
const URI: &str = "qemu:///system";

/// What libvirt's program said of one piece of work.
pub(crate) struct Theirs {
    pub(crate) median_us: f64,
    pub(crate) allocations: u64,
}

/// All works.
pub(crate) fn pairs(run: &Run) -> Fallible<Vec<Pair>> {
    let theirs = theirs(run)?;
    let ours = ours()?;
    let works = [
        ("Host part, cold: CPU, KVM and all files", "cold", "probe"),
        ("Host part again, of a host that is held", "build", "refresh"),
        ("Writing 20 guests with 609 machines", "format", "write"),
        ("Answering one client more", "call", "refresh and write"),
    ];
    let pair = |((work, peer, our), ours_us)| {
        let theirs: &Theirs =
            theirs.get(peer).ok_or_else(|| format!("libvirt did not say `{peer}`"))?;
        let (peer_us, allocations) = (theirs.median_us, Some(theirs.allocations));
        Ok(Pair { work, peer: "libvirt", peer_us, ours: our, ours_us, allocations })
    };
    works.into_iter().zip(ours).map(pair).collect()
}

/// Runs libvirt's program, and makes sure that it wrote the same guests.
fn theirs(run: &Run) -> Fallible<BTreeMap<String, Theirs>> {
    let (list, document) = (run.directory.join("guests.txt"), run.directory.join("guests.xml"));
    let mut storage = vec![0; fleet::STORAGE_BYTES];
    let caps = fleet::document(&mut storage).map_err(|full| full.to_string())?;
    fs::write(&list, listed(&caps)).map_err(|error| error.to_string())?;
    let output = Command::new(&run.libvirt).args([&list, &document]).arg(URI).output();
    let output = output.map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().into());
    }
    let written = fs::read_to_string(&document).map_err(|error| error.to_string())?;
    let their_guests = written.split_once("  </host>\n\n").map_or("", |(_, rest)| rest);
    let mut text = vec![0; 64 << 10];
    let mut sink = SliceSink::new(&mut text);
    caps_xml::write_guests(&caps, &mut sink).map_err(|_| "the guests do not fit")?;
    let our_guests = String::from_utf8_lossy(sink.written()) + "</capabilities>\n";
    if let Some(difference) =
        difference("the guests", their_guests.as_bytes(), our_guests.as_bytes())
    {
        return Err(difference);
    }
    let _ = (fs::remove_file(&list), fs::remove_file(&document));
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(parse).collect())
}

pub(crate) fn parse(line: &str) -> Option<(String, Theirs)> {
    let mut fields = line.split('\t');
    let (work, _least, median) = (fields.next()?, fields.next()?, fields.next()?);
    let median_us = median.parse::<f64>().ok()? / 1e3;
    Some((work.into(), Theirs { median_us, allocations: fields.next()?.parse().ok()? }))
}

/// The guests as libvirt's program reads them.
fn listed(caps: &Caps<'_>) -> String {
    const NUMBERS: [GuestFeature; 8] = [
        GuestFeature::Pae,
        GuestFeature::NonPae,
        GuestFeature::Ia64Be,
        GuestFeature::Acpi,
        GuestFeature::Apic,
        GuestFeature::CpuSelection,
        GuestFeature::DeviceBoot,
        GuestFeature::DiskSnapshot,
    ];
    let mut list = String::new();
    for entry in caps.guests() {
        let text = |bytes| String::from_utf8_lossy(bytes);
        let guest = &entry.guest;
        let _ = writeln!(list, "G {} {}", guest.arch.name(), text(guest.emulator));
        for machine in entry.machines {
            let canonical = text(machine.canonical.unwrap_or(b"-"));
            let deprecated = u8::from(machine.deprecated);
            let name = text(machine.name);
            let _ = writeln!(list, "M {name} {canonical} {} {deprecated}", machine.max_cpus);
        }
        for feature in &guest.features {
            let number = NUMBERS.iter().position(|known| known == feature).unwrap_or_default();
            let _ = match feature.toggle() {
                Some(toggle) => writeln!(list, "T {number} {}", u8::from(toggle)),
                None => writeln!(list, "F {number}"),
            };
        }
        for domain in entry.domains {
            let _ = writeln!(list, "D {}", domain.domain.virt.name());
        }
    }
    list
}

/// In the order of the works.
fn ours() -> Fallible<[f64; 4]> {
    let mut storage = STORAGE.lock().map_err(|error| error.to_string())?;
    let probe = middle(thread_cpu_us, || {
        let (native, root) = (Native::open(), Root::live());
        let Ok(live) = Live::ask(&native, Environment::default()) else { return };
        let host = Host { tree: &root, facts: &live.facts(), cpuid: Some(&native) };
        let bytes = storage.bytes_mut();
        let made =
            caps_linux::capabilities(&host, &Driver::QEMU, Guests::None, bytes, None, &mut ());
        black_box(made.is_ok());
    });
    let mut text = vec![0; 64 << 10];
    let mut fleet_storage = vec![0; fleet::STORAGE_BYTES];
    let caps = fleet::document(&mut fleet_storage).map_err(|full| full.to_string())?;
    let write = middle(thread_cpu_us, || write(&caps, &mut text));
    let (native, root) = (Native::open(), Root::live());
    let live = Live::ask(&native, Environment::default()).map_err(|errno| errno.to_string())?;
    let host = Host { tree: &root, facts: &live.facts(), cpuid: Some(&native) };
    let mut files = [const { None }; 64];
    let mut held = Held::new(Driver::QEMU, storage.bytes_mut(), &mut files);
    let refresh =
        middle(thread_cpu_us, || drop(black_box(held.refresh(&host, Guests::None, &mut ()))));
    let begin = Instant::now();
    let answer = middle(
        || begin.elapsed().as_secs_f64() * 1e6,
        || {
            let _ = black_box(held.refresh(&host, Guests::Added(&fleet::add), &mut ()));
            held.caps().iter().for_each(|caps| write_to(caps, &mut text));
        },
    );
    Ok([probe, refresh, write, answer])
}

fn write(caps: &Caps<'_>, text: &mut [u8]) {
    write_to(black_box(caps), text);
}

fn write_to(caps: &Caps<'_>, text: &mut [u8]) {
    let mut sink = SliceSink::new(text);
    black_box(caps_xml::write(caps, &mut sink).is_ok());
}

/// The middle of the time that `work` takes by `clock`.
fn middle(clock: impl Fn() -> f64, mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = clock();
            work();
            clock() - start
        })
        .collect();
    median(&mut times)
}
