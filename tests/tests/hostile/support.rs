//! A good host, and what is asserted of any.

use caps_tests::caps;
use caps_tests::hosts;
use caps_tests::program::{Ended, of_root, run};
use caps_tests::sketch::Sketch;
use std::path::Path;
use std::time::Duration;

/// Long enough for anything that ends: only what hangs takes longer.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// A host that fills most elements.
pub(crate) fn good() -> Sketch {
    let mut host = hosts::named("two-cpus").sketch();
    for (path, entry) in hosts::named("resctrl").sketch().entries() {
        if path.contains("resctrl") {
            host.put(path, entry.clone());
        }
    }
    for (path, entry) in hosts::named("hmat").sketch().entries() {
        if path.contains("memory_side_cache") || path.contains("node0/access1") {
            host.put(path, entry.clone());
        }
    }
    host
}

/// Files of [`good`] that are read in the one way or the other: numbers, lists, texts, lines of a stream.
pub(crate) fn files() -> Vec<String> {
    let host = good();
    host.entries().map(|(path, _)| path.to_owned()).filter(|path| path != "cpuid.tsv").collect()
}

/// Runs the program over `root` and asserts that it is civil.
#[track_caller]
pub(crate) fn assert_civil(name: &str, root: &Path) -> Ended {
    let ended = run(&mut of_root(caps!(), root), LIMIT);
    ended.assert_civil(name);
    ended
}

/// As [`assert_civil`], of a sketch.
#[track_caller]
pub(crate) fn assert_sketch_civil(name: &str, sketch: &Sketch) -> Ended {
    assert_civil(name, sketch.directory().path())
}
