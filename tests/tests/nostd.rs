//! Nothing allocates, nothing panics, little stack suffices and the host is read with few system calls: shown by a program
//! without std, libc and allocator. Each proof has a control that fails.

use std::collections::BTreeMap;
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
        // Not the file that was run before, which may be busy.
        let _ = std::fs::remove_file(&copy);
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

/// Every public entry is called, with input that the compiler knows nothing of. The panic handler of this build calls a
/// function that does not exist, so that it links only where no panic is left; nor is there an allocator.
#[test]
fn no_entry_can_panic_or_allocate() {
    let (output, program) = build("entries");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(Command::new(program).output().unwrap().status.success());
}

#[test]
fn the_control_that_can_panic_does_not_link() {
    let (output, _) = build("entries,panic");
    assert!(!output.status.success());
    assert!(stderr(&output).contains("a_panic_is_left"), "{}", stderr(&output));
}

/// KiB of stack that suffice for everything, the arguments and the environment of the process included.
const STACK_KIB: usize = 96;

#[test]
fn little_stack_suffices() {
    let ended_well = |kib: usize| {
        let script = format!("ulimit -s {kib}; exec \"$0\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).arg(&*HOST_ONLY).env_clear().output().unwrap().status.success()
    };
    assert!(ended_well(STACK_KIB), "{STACK_KIB} KiB of stack are too few");
    // The control: the limit is one.
    assert!(!ended_well(STACK_KIB / 4));
}

/// Bytes of code by crate, and how much more or less than those kept is allowed, in percent.
const TEXT: &str = include_str!("../nostd/text.tsv");
const TEXT_TOLERANCE_PERCENT: u64 = 10;

#[test]
fn code_is_as_large_as_it_was() {
    let (output, program) = build("entries");
    assert!(output.status.success(), "{}", stderr(&output));
    let Ok(names) = Command::new("nm").args(["-S", "--defined-only"]).arg(&program).output() else {
        return eprintln!("skipped: no nm");
    };
    let counted = text_by_crate(&String::from_utf8_lossy(&names.stdout));
    if caps_tests::place::blesses() {
        let table: String =
            counted.iter().map(|(name, bytes)| format!("{name}\t{bytes}\n")).collect();
        return std::fs::write(package().join("text.tsv"), table).unwrap();
    }
    let kept = TEXT.lines().filter_map(|line| line.split_once('\t'));
    let kept: BTreeMap<&str, u64> =
        kept.map(|(name, bytes)| (name, bytes.parse().unwrap())).collect();
    assert_eq!(kept.len(), counted.len(), "{counted:?}");
    for (name, bytes) in counted {
        let allowed = kept[name] * TEXT_TOLERANCE_PERCENT / 100 + 512;
        println!("{name}: {bytes} bytes of code, {} kept", kept[name]);
        let change = bytes.abs_diff(kept[name]);
        assert!(
            change <= allowed,
            "{name}: {bytes} bytes, {} kept; CAPS_BLESS=1 keeps these",
            kept[name]
        );
    }
}

/// The bytes of functions by the crate that their names begin with, of an output of `nm -S`.
fn text_by_crate(names: &str) -> BTreeMap<&'static str, u64> {
    const CRATES: [&str; 6] =
        ["caps_core", "caps_cpu", "caps_linux", "caps_roster", "caps_rpc", "caps_xml"];
    let mut sizes: BTreeMap<&str, u64> = CRATES.map(|name| (name, 0)).into();
    for line in names.lines() {
        let [_, size, "t" | "T", symbol] = line.split(' ').collect::<Vec<_>>()[..] else {
            continue;
        };
        let named = CRATES.iter().filter_map(|name| symbol.find(name).map(|at| (at, name)));
        if let Some((_, name)) = named.min()
            && let Some(sum) = sizes.get_mut(name)
        {
            *sum += u64::from_str_radix(size, 16).unwrap();
        }
    }
    sizes
}

/// They were 160 while a CPU that shares a cache with another was not asked for it, and pools of huge pages were taken for
/// well-formed. Both gave wrong documents: CPUs of AMD guests share a cache under ids of their own. The machine id adds four.
#[test]
fn a_host_of_two_cpus_takes_at_most_206_system_calls() {
    let Ok(traced) = Command::new("strace").arg(&*HOST_ONLY).output() else {
        return eprintln!("skipped: no strace");
    };
    let calls: Vec<String> = stderr(&traced).lines().map(String::from).collect();
    // Starting, writing and ending are not probing.
    let others = ["execve(", "write(1,", "exit_group(", "+++ "];
    let probing = calls.iter().filter(|call| !others.iter().any(|other| call.starts_with(other)));
    let (cpus, nodes) =
        (count("/sys/devices/system/cpu", "cpu"), count("/sys/devices/system/node", "node"));
    let bound = 70 + 28 * nodes + 54 * cpus + extras();
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

/// System calls that fail one at a time in the running program: an interrupted one changes nothing, trouble leads to the same
/// document or to a status that says why there is none, and any other error to a document or to such a status.
#[test]
fn any_system_call_may_fail() {
    const CALLS: [&str; 6] = ["openat", "read", "getdents64", "statx", "ioctl", "close"];
    let traced = |more: &[&str]| {
        let mut strace = Command::new("strace");
        strace.args(["-o", "/dev/null"]).args(more).arg(&*HOST_ONLY).output()
    };
    let Ok(plain) = traced(&[]) else { return eprintln!("skipped: no strace") };
    if !plain.status.success() {
        return eprintln!("skipped: strace does not work here: {}", stderr(&plain));
    }
    for name in CALLS {
        for nth in 1..=calls_of(name) {
            for errno in ["EINTR", "EIO", "ENOENT", "EACCES"] {
                let inject = format!("inject={name}:error={errno}:when={nth}");
                let ended = traced(&["-e", &inject]).unwrap();
                let whole = ended.stdout.ends_with(b"</capabilities>\n");
                match ended.status.code() {
                    Some(0) => assert!(whole, "{inject}: half a document"),
                    Some(1..=4) => assert!(ended.stdout.is_empty(), "{inject}: half a document"),
                    status => panic!("{inject}: {status:?}"),
                }
                let complete = ended.status.success() && errno == "EIO";
                if complete || errno == "EINTR" {
                    assert_eq!(without_uuid(&ended), without_uuid(&plain), "{inject}");
                }
            }
        }
    }
}

/// How often the program calls `name`.
fn calls_of(name: &str) -> usize {
    let trace = format!("trace={name}");
    let traced = Command::new("strace").args(["-e", &trace]).arg(&*HOST_ONLY).output().unwrap();
    stderr(&traced).lines().filter(|line| line.starts_with(name)).count()
}

/// The document without the UUID, which is random on a host that has none.
fn without_uuid(ended: &Output) -> String {
    let text = String::from_utf8_lossy(&ended.stdout);
    text.lines().filter(|line| !line.contains("<uuid>")).map(|line| format!("{line}\n")).collect()
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
