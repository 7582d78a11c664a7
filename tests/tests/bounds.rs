//! What a probe costs, as formulas in what a host has: checked on hosts of four sizes.

use caps_linux::{Error, Guests};
use caps_tests::recording::{Recording, document, document_in};
use caps_tests::synthetic;
use caps_tests::tree::{Call, Traced};

/// What a host has.
#[derive(Clone, Copy)]
struct Shape {
    cpus: usize,
    cells: usize,
    /// Caches of the second and of the third level.
    caches: [usize; 2],
}

/// Hosts of the generator: two threads a core, a cache of the third level for each eight cores.
const SHAPES: [(&str, Shape); 4] = [
    ("--cpus 2 --smt 1", Shape { cpus: 2, cells: 1, caches: [2, 1] }),
    ("--cpus 64 --nodes 2 --sockets 2", Shape { cpus: 64, cells: 2, caches: [32, 4] }),
    ("--cpus 512 --nodes 8 --sockets 2", Shape { cpus: 512, cells: 8, caches: [256, 32] }),
    ("--cpus 2048 --nodes 32 --sockets 8", Shape { cpus: 2048, cells: 32, caches: [1024, 128] }),
];

impl Shape {
    /// System calls: three for a file or a directory, one more for each one that was looked for in vain.
    ///
    /// They grow with the CPUs, not with the cores and their caches: threads may differ in their ids, and CPUs that share a
    /// cache in all but the sharing, as guests of AMD do.
    const fn system_calls(&self) -> usize {
        // The place of a CPU is five files. Its caches are a directory, five files of each that counts, and one of the others.
        let files = (5 + 1 + 2 * 5 + 2) * self.cpus;
        // Of a cell: itself, its memory, map, distances and pools.
        3 * (19 + files + 9 * self.cells)
    }

    /// Bytes of storage, working space included.
    const fn storage_bytes(&self) -> usize {
        let [second, third] = self.caches;
        // A row of distances has two or three bytes for each cell, and working space eight for each CPU of a cell.
        2048 + 24 * self.cpus + 24 * (second + third) + self.cells * (128 + 3 * self.cells)
    }
}

/// The calls of the kernel behind a call of the tree.
const fn system_calls(call: Call) -> usize {
    match call {
        Call::Read | Call::Stream | Call::List => 3,
        Call::Stat | Call::Executable | Call::Hold => 1,
    }
}

#[test]
fn system_calls_are_bounded() {
    for (options, shape) in SHAPES {
        let Some(host) = synthetic::host(options) else { return };
        let recording = Recording::open_as_sysfs(host.path());
        let tree = Traced::new(recording.root());
        recording.visit_through(&tree, document).unwrap();
        let calls: usize = tree.asked().into_iter().map(|(call, _)| system_calls(call)).sum();
        let bound = shape.system_calls();
        println!("{options}: {calls} system calls, bound {bound}");
        assert!(calls <= bound, "{options}: {calls} > {bound}");
        // The control: a bound that anything meets would tell nothing.
        assert!(bound < calls * 3 / 2 + 60, "{options}: {calls} calls are far from {bound}");
    }
}

#[test]
fn storage_is_bounded() {
    for (options, shape) in SHAPES {
        let Some(host) = synthetic::host(options) else { return };
        let recording = Recording::open_as_sysfs(host.path());
        let needed = recording.visit(|host| document_in(host, Guests::None, &mut []));
        let Err(Error::Full(full)) = needed else { panic!("{options} in no storage") };
        let bound = shape.storage_bytes();
        println!("{options}: {} bytes, bound {bound}", full.needed);
        assert!(full.needed <= bound, "{options}: {} > {bound}", full.needed);
        assert!(bound < full.needed * 2 + 2048, "{options}: {} is far from {bound}", full.needed);
        let fits = recording.visit(|host| document_in(host, Guests::None, &mut vec![0; bound]));
        assert!(fits.is_ok(), "{options}");
    }
}
