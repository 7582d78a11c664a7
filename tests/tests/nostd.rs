//! Nothing allocates, and the host is read with few system calls: shown by a program without std, libc and allocator.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{LazyLock, Mutex, PoisonError};

/// One build of the program at a time: they share a target directory.
static BUILD: Mutex<()> = Mutex::new(());

/// The program that leaves the search for emulators out.
static HOST_ONLY: LazyLock<PathBuf> = LazyLock::new(|| {
    let (output, program) = build("host-only");
    assert!(output.status.success(), "{}", stderr(&output));
    program
});

fn package() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("nostd")
}

/// Builds the program with these features, and keeps a copy under a name of its own.
fn build(features: &str) -> (Output, PathBuf) {
    let _alone = BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/nostd");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(package()).args(["build", "--locked", "--release", "--features", features]);
    let output = cargo.env("CARGO_TARGET_DIR", &target).env_remove("RUSTFLAGS").output().unwrap();
    let program = target.join("x86_64-unknown-linux-gnu/release/caps-nostd");
    let copy = target.join(format!("caps-nostd-{features}"));
    if output.status.success() {
        std::fs::copy(program, &copy).unwrap();
    }
    (output, copy)
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn it_links_without_an_allocator_and_says_what_caps_says() {
    let (output, program) = build("");
    assert!(output.status.success(), "{}", stderr(&output));
    let document = Command::new(program).output().unwrap();
    assert!(document.status.success());
    let text = String::from_utf8(document.stdout).unwrap();
    assert!(text.starts_with("<capabilities>\n\n  <host>\n"), "{text}");
    assert!(text.ends_with("</capabilities>\n"), "{text}");
}

#[test]
fn the_control_that_allocates_does_not_link() {
    let (output, _) = build("heap");
    assert!(!output.status.success());
    assert!(stderr(&output).contains("no global memory allocator"), "{}", stderr(&output));
}

#[test]
fn a_host_of_two_cpus_takes_at_most_160_system_calls() {
    let Ok(traced) = Command::new("strace").arg(&*HOST_ONLY).output() else {
        return eprintln!("skipped: no strace");
    };
    let calls: Vec<String> = stderr(&traced).lines().map(String::from).collect();
    // Starting, writing and ending are not probing.
    let others = ["execve(", "write(1,", "exit_group(", "+++ "];
    let probing = calls.iter().filter(|call| !others.iter().any(|other| call.starts_with(other)));
    let (cpus, nodes) =
        (count("/sys/devices/system/cpu", "cpu"), count("/sys/devices/system/node", "node"));
    let bound = 50 + 20 * nodes + 45 * cpus + extras();
    let probing = probing.count();
    println!("{probing} system calls for {cpus} CPUs and {nodes} nodes, bound {bound}");
    assert!(probing <= bound, "{probing} > {bound}:\n{}", calls.join("\n"));
}

#[test]
fn no_file_is_read_twice() {
    let Ok(traced) = Command::new("strace").args(["-e", "openat"]).arg(&*HOST_ONLY).output() else {
        return eprintln!("skipped: no strace");
    };
    let text = stderr(&traced);
    let mut opened: Vec<&str> = text.lines().filter_map(|line| line.split('"').nth(1)).collect();
    opened.sort_unstable();
    let twice: Vec<&[&str]> = opened.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(opened.len() > 10 && twice.is_empty(), "{twice:?}");
}

/// System calls for what not every machine has.
fn extras() -> usize {
    const EXTRAS: [(&str, usize); 5] = [
        ("/dev/cpu/0/msr", 12),
        ("/run/dbus/system_bus_socket", 80),
        ("/sys/class/dmi/id/product_uuid", 2),
        ("/sys/fs/resctrl/info", 80),
        ("/sys/kernel/security/apparmor/profiles", 8),
    ];
    EXTRAS.iter().filter(|(path, _)| Path::new(path).exists()).map(|(_, calls)| calls).sum()
}

/// Entries of `directory` that are `name` and a number.
fn count(directory: &str, name: &str) -> usize {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let numbers = names.filter_map(|entry| entry.strip_prefix(name).map(String::from));
    numbers
        .filter(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        .count()
}
