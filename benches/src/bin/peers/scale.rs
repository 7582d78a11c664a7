//! How the cost grows with the host: probing and writing hosts of the generator, taken for sysfs.

use crate::inside::parse;
use crate::{Fallible, Pair, Run};
use caps_benches::{median, thread_cpu_us};
use caps_core::Driver;
use caps_core::sink::CountSink;
use caps_linux::Guests;
use caps_tests::recording::Recording;
use caps_tests::synthetic;
use caps_tests::tree::Traced;
use std::process::Command;

/// What a host of this size costs.
pub(crate) struct Size {
    pub(crate) cpus: usize,
    pub(crate) cells: usize,
    pub(crate) cpu_us: f64,
    /// Files and directories that are asked.
    pub(crate) asked: usize,
    pub(crate) stored_bytes: usize,
    pub(crate) document_bytes: usize,
}

const ROUNDS: usize = 5;
const STORAGE_BYTES: usize = 4 << 20;
const SHAPES: [(usize, usize, &str); 6] = [
    (2, 1, "--smt 1"),
    (64, 2, "--sockets 2"),
    (512, 8, "--sockets 2"),
    (2048, 32, "--sockets 8"),
    (8192, 128, "--sockets 32"),
    (8192, 1024, "--sockets 32"),
];

/// Hosts of all sizes; none without the generator.
pub(crate) fn sizes() -> Vec<Size> {
    SHAPES.iter().filter_map(|&(cpus, cells, more)| size(cpus, cells, more)).collect()
}

/// The largest host that libvirt can be shown too: in place of `/sys`, in a namespace of its own.
pub(crate) fn pair(run: &Run, sizes: &[Size]) -> Fallible<Option<Pair>> {
    const PLACE: &str = "mount --bind \"$1/sys\" /sys && exec \"$0\" --cpus \"$2\"";
    let (cpus, cells, more) = SHAPES[4];
    let Some(ours) = sizes.iter().find(|size| (size.cpus, size.cells) == (cpus, cells)) else {
        return Ok(None);
    };
    let Some(host) = synthetic::host(&format!("--cpus {cpus} --nodes {cells} {more}")) else {
        return Ok(None);
    };
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--propagation", "private", "sh", "-c", PLACE]);
    let output = unshare.arg(&run.libvirt).arg(host.path()).arg(cpus.to_string()).output();
    let output = output.map_err(|error| format!("unshare: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (_, theirs) = text.lines().find_map(parse).ok_or("libvirt said nothing of a large host")?;
    Ok(Some(Pair {
        work: "8192 CPUs in 128 cells, probed and written",
        peer: "libvirt",
        peer_us: theirs.median_us,
        ours: "probe and write",
        ours_us: ours.cpu_us,
        allocations: Some(theirs.allocations),
    }))
}

fn size(cpus: usize, cells: usize, more: &str) -> Option<Size> {
    let host = synthetic::host(&format!("--cpus {cpus} --nodes {cells} {more}"))?;
    let recording = Recording::open_as_sysfs(host.path());
    let mut storage = vec![0; STORAGE_BYTES];
    let (mut times, mut stored_bytes, mut document) = (Vec::new(), 0, CountSink::default());
    for _ in 0..ROUNDS {
        let start = thread_cpu_us();
        recording.visit(|host| {
            let caps = caps_linux::capabilities(
                host,
                &Driver::QEMU,
                Guests::None,
                &mut storage,
                None,
                &mut (),
            );
            let caps = caps.ok()?;
            document = CountSink::default();
            stored_bytes = caps.stored_bytes();
            caps_xml::write(&caps, &mut document).ok()
        })?;
        times.push(thread_cpu_us() - start);
    }
    let tree = Traced::new(recording.root());
    let made = recording.visit_through(&tree, |host| {
        caps_linux::capabilities(host, &Driver::QEMU, Guests::None, &mut storage, None, &mut ())
            .is_ok()
    });
    made.then(|| Size {
        cpus,
        cells,
        cpu_us: median(&mut times),
        asked: tree.asked().len(),
        stored_bytes,
        document_bytes: document.bytes,
    })
}
