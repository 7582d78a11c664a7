//! Links without libc and its start files.

fn main() {
    for argument in
        ["-nostartfiles", "-nostdlib", "-static", "-Wl,--gc-sections", "-Wl,--build-id=none"]
    {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
