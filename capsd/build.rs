//! Links without libc and its start files, and without tables for unwinding: nothing here unwinds.

const ARGUMENTS: [&str; 6] = [
    "-nostartfiles",
    "-nostdlib",
    "-static",
    "-Wl,--gc-sections",
    "-Wl,--build-id=none",
    "-Wl,--no-eh-frame-hdr",
];

fn main() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/link.x");
    println!("cargo::rerun-if-changed={script}");
    println!("cargo::rustc-link-arg-bins=-Wl,-T{script}");
    for argument in ARGUMENTS {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
