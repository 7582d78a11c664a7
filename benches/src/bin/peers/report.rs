//! The results as a page.

use crate::plot::{ratio, svg, time};
use crate::scale::Size;
use crate::{Fallible, Pair, Run};
use std::fmt::Write as _;
use std::fs;

/// Writes `performance.md` and `performance.svg`.
pub(crate) fn write(run: &Run, pairs: &[Pair], sizes: &[Size]) -> Fallible<()> {
    let mut page = format!(
        "# What caps costs, beside its peers\n\n\
         Written by `cargo xtask peers` on {}: one run, in which caps and its peers take turns and their documents are compared. \
         Medians; ratios are what counts, single times depend on the machine.\n\n\
         ![Bars of the times below](performance.svg)\n\n",
        machine()
    );
    table(&mut page, pairs);
    page += "\nIn process it is CPU time of the thread, of processes and of the held connection it is wall time. \
             `caps` is the program that `cargo xtask dist` hands out; loading its libraries would take 0.3 ms more. \
             libvirt's functions are those of its own library, called in a process of their own \
             ([`libvirt.c`](../benches/peers/libvirt.c)).\n\n";
    allocated(&mut page, pairs);
    grown(&mut page, sizes);
    page += LIMITS;
    let place = |name: &str| run.directory.join(name);
    let written = fs::write(place("performance.md"), page);
    written
        .and_then(|()| fs::write(place("performance.svg"), svg(pairs)))
        .map_err(|error| error.to_string())
}

/// What does not depend on the run.
const LIMITS: &str = "
## What is left, and why

- **Cold, most of the time is KVM's**: the frequency of the TSC is what KVM says of a VM, as libvirt asks it, and making and
  dropping one takes 0.28 ms of CPU. `caps` therefore remembers it until the next boot. libvirt makes a virtual CPU as well, which
  takes 0.64 ms. Without it the rest is opening some forty files of sysfs, 5 µs each, and 14 times CPUID, 4 µs each where a
  hypervisor answers.
- **A large host** is its files: 48,527 of them for 8192 CPUs, 4 µs each to open, read and close. libvirt opens 116,000 and makes
  four times the system calls. Five files say where each core is, and five what each of its caches is.
- **A process of std** starts in 0.4 ms where its libraries are in it and in 0.2 ms more where the C library has to be loaded;
  the agent without std starts in 0.2 ms. A hypervisor answers each CPUID in 5 µs, and the C library makes thirty before `main`:
  `caps` makes ten, none of them to look for vector units. A plain call, without arguments, does not build the tree of all others.
- **A first answer** is loading emulators, 20 ms of CPU each, nine tenths of it in the kernel and the dynamic linker. Their modules
  would take more than half as much again: libvirt has QEMU load them all before it asks for machines. caps counts an emulator's
  types, which takes 2 to 7 ms, and has it load modules only where the order of machines may depend on them, or where it is begun
  by a script: of Debian's 25 one and one.
- **A refresh** is reading `meminfo` of each node, which the kernel writes anew for each reader (6 µs), and a system call for
  each other file.

## What is proved, and where

| claim | proof | control that fails |
|---|---|---|
| no allocation, no panic in any entry | `tests/tests/nostd.rs`: links without an allocator, and without the function that a panic would call | a `Vec`, an index |
| 96 KiB of stack | the same program runs in it | a quarter of it |
| system calls, storage: formulas in CPUs, cores, cells and caches | `tests/tests/bounds.rs`, hosts of four sizes | bounds that are far from what is counted |
| instructions to write a document | `cargo xtask instructions` against `benches/instructions.tsv`, 5 % | writing it twice |
| size of the code by crate | `tests/nostd/text.tsv`, 10 % | a table that names other crates |
| machines stand in libvirt's order, modules or not | `caps-qemu/tests/order.rs`: each emulator here, with all types asked for before and without | modules that are loaded are seen |
| a held host says what a fresh probe says | `tests/tests/held.rs`: each file changed, each call failing | slots for no file |
";

fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let model = info.lines().find(|line| line.starts_with("model name"));
    let model =
        model.and_then(|line| line.split_once(": ")).map_or("an unknown CPU", |(_, model)| model);
    let virtual_machine = if info.contains(" hypervisor") { "a virtual machine with " } else { "" };
    let cpus = info.lines().filter(|line| line.starts_with("processor")).count();
    let kernel = read("/proc/sys/kernel/osrelease");
    let kernel = kernel.split('.').take(2).collect::<Vec<_>>().join(".");
    format!(
        "{virtual_machine}{cpus} CPUs ({model}), Linux {kernel}, libvirt 9.0.0 of Debian 12, {} emulators installed",
        emulators()
    )
}

/// Emulators where Debian installs them.
fn emulators() -> usize {
    let entries = fs::read_dir("/usr/bin").into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("qemu-system-")).count()
}

fn table(page: &mut String, pairs: &[Pair]) {
    *page += "| work | peer | | caps | | ratio |\n|---|---|---:|---|---:|---:|\n";
    for pair in pairs {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | **{}×** |",
            pair.work,
            pair.peer,
            time(pair.peer_us),
            pair.ours,
            time(pair.ours_us),
            ratio(pair.ratio())
        );
    }
}

fn allocated(page: &mut String, pairs: &[Pair]) {
    *page += "| work | allocations of libvirt | of caps |\n|---|---:|---:|\n";
    for pair in pairs {
        if let Some(made) = pair.allocations {
            let _ = writeln!(page, "| {} | {made} | 0 |", pair.work);
        }
    }
}

fn grown(page: &mut String, sizes: &[Size]) {
    if sizes.is_empty() {
        return;
    }
    *page += "\n## How it grows\n\n\
              Synthetic hosts in memory, two threads a core, taken for sysfs: CPU time of probing and writing. The exponent is \
              that of time against CPUs, from the line before.\n\n\
              | CPUs | cells | time | exponent | files asked | stored | document |\n|---:|---:|---:|---:|---:|---:|---:|\n";
    let mut before: Option<&Size> = None;
    for size in sizes {
        let exponent = before.filter(|before| before.cpus < size.cpus).map(|before| {
            (size.cpu_us / before.cpu_us).ln() / (size.cpus as f64 / before.cpus as f64).ln()
        });
        let exponent = exponent.map_or_else(String::new, |exponent| format!("{exponent:.2}"));
        let Size { cpus, cells, cpu_us, asked, stored_bytes, document_bytes } = size;
        let _ = writeln!(
            page,
            "| {cpus} | {cells} | {} | {exponent} | {asked} | {} | {} |",
            time(*cpu_us),
            bytes(*stored_bytes),
            bytes(*document_bytes)
        );
        before = Some(size);
    }
}

fn bytes(bytes: usize) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} KB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
