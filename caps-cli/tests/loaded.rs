//! What the loader has to load: each shared library more costs the time of some fifty files of sysfs.

use std::process::Command;

#[test]
fn the_c_library_is_loaded_alone() {
    let traced = Command::new(env!("CARGO_BIN_EXE_caps"))
        .env("LD_TRACE_LOADED_OBJECTS", "1")
        .output()
        .unwrap();
    let loaded = String::from_utf8(traced.stdout).unwrap();
    if !loaded.contains("libc.so.6") {
        return eprintln!("skipped: no loader of the GNU C library");
    }
    let expected = ["linux-vdso", "libc.so.6", "/ld-linux"];
    let others: Vec<_> =
        loaded.lines().filter(|line| !expected.iter().any(|name| line.contains(name))).collect();
    assert!(others.is_empty(), "{others:?}");
}
