//! Links without libc and its start files, where a loader of the PVH kind puts it.

fn main() {
    let script = format!("{}/image.x", std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed={script}");
    let fixed = ["-nostartfiles", "-nostdlib", "-static", "-no-pie", "-Wl,--gc-sections"];
    let layout = ["-Wl,--build-id=none", "-Wl,-z,noexecstack", "-Wl,-z,max-page-size=4096"];
    for argument in fixed.into_iter().chain(layout) {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    println!("cargo::rustc-link-arg-bins=-Wl,-T{script}");
    println!("cargo::rustc-link-arg-bins=-Wl,-Tdefmt.x");
}
