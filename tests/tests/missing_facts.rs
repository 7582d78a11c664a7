//! Records that lack facts, and what `caps explain` prints of hosts that lack more.

use caps_tests::caps;
use caps_tests::program::{Ended, of_root, run};
use caps_tests::sketch::{Entry, Sketch};
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);
const FACTS: [&str; 5] =
    ["machine x86_64", "page_size 4096", "numa yes", "phys_pages 2097152", "privileged yes"];

/// A host of one CPU and one node.
fn host(facts: &[&str]) -> Sketch {
    let mut host = Sketch::default();
    host.cpus("0", "0").cpu(0, 0, 0, "0").node(0, "1", 4096).pool("sys/kernel/mm", 2048, 0);
    host.file("proc/cpuinfo", "address sizes\t: 46 bits physical, 48 bits virtual\n");
    host.file("facts", facts.iter().map(|fact| format!("{fact}\n")).collect::<String>());
    host
}

fn ask(host: &Sketch) -> Ended {
    let root = host.directory();
    run(&mut of_root(caps!(), root.path()), LIMIT)
}

/// Facts without the one called `name`.
fn without(name: &str) -> Vec<&'static str> {
    FACTS.into_iter().filter(|fact| !fact.starts_with(name)).collect()
}

#[test]
fn a_record_with_all_facts_gives_no_notice() {
    let ended = ask(&host(&FACTS));
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    // With NUMA, the nodes have the memory.
    assert_eq!(ask(&host(&without("phys_pages"))).stderr, "");
}

#[test]
fn a_fact_that_is_derived_is_named() {
    let whole = ask(&host(&FACTS)).stdout;
    for (name, source) in [
        ("machine", "assuming `machine x86_64` from proc/cpuinfo"),
        ("page_size", "assuming `page_size 4096` from the machine"),
        ("numa", "assuming `numa yes` from sys/devices/system/node"),
    ] {
        let ended = ask(&host(&without(name)));
        assert!(
            ended.stderr.ends_with(&format!("facts: no {name}; {source}\n")),
            "{}",
            ended.stderr
        );
        assert_eq!((ended.code, ended.stderr.lines().count()), (Some(0), 1));
        assert!(ended.stdout == whole, "{name}: {}", String::from_utf8_lossy(&ended.stdout));
    }
    let ended = ask(&host(&without("privileged")));
    assert!(
        ended.stderr.contains("no privileged; assuming `privileged no` by default\n"),
        "{}",
        ended.stderr
    );
}

#[test]
fn the_machine_is_derived_from_its_files() {
    let machine = |cpuinfo: &str, path: &str, text: &str| {
        let mut host = host(&without("machine"));
        let ended = ask(host.file("proc/cpuinfo", cpuinfo).file(path, text));
        let document = String::from_utf8(ended.stdout).unwrap();
        let arch = document.split("<arch>").nth(1).and_then(|rest| rest.split('<').next());
        arch.unwrap_or(&ended.stderr).to_owned()
    };
    let midr = "sys/devices/system/cpu/cpu0/regs/identification/midr_el1";
    assert_eq!(machine("", "proc/sys/kernel/arch", "ppc64le\n"), "ppc64le");
    assert_eq!(machine("", midr, "0x00000000413fd0c1\n"), "aarch64");
    assert_eq!(machine("vendor_id : IBM/S390\n", "etc/none", ""), "s390x");
    assert_eq!(machine("isa : rv64imafdc\n", "etc/none", ""), "riscv64");
    assert_eq!(machine("address sizes : 1\nflags : fpu lm\n", "etc/none", ""), "x86_64");
    assert_eq!(machine("address sizes : 1\nflags : fpu pae\n", "etc/none", ""), "i686");
    assert_eq!(machine("", "cpuid.tsv", "cpuid\t0x0\t0x0\t0x1\t0x0\t0x0\t0x0\n"), "x86_64");
}

#[test]
fn a_fact_that_cannot_be_derived_is_refused() {
    let refused = |host: &Sketch, sentence: &str| {
        let ended = ask(host);
        assert_eq!((ended.code, ended.stdout.len()), (Some(1), 0), "{}", ended.stderr);
        assert!(ended.stderr.contains(sentence), "{}", ended.stderr);
    };
    let machine = "facts: no machine; add a line such as `machine x86_64` with what `uname -m`";
    refused(host(&without("machine")).file("proc/cpuinfo", "processor : 0\n"), machine);
    let page_size = "facts: no page_size; add a line such as `page_size 4096`";
    refused(&host(&["machine aarch64"]), page_size);
    let phys_pages = "facts: no phys_pages; add a line such as `phys_pages 2097152`";
    refused(&host(&["machine x86_64", "page_size 4096", "numa no"]), phys_pages);
}

#[test]
fn memory_is_derived_where_no_node_has_it() {
    let memory = |host: &Sketch| {
        let document = String::from_utf8(ask(host).stdout).unwrap();
        document.lines().find(|line| line.contains("<memory ")).unwrap_or("").trim().to_owned()
    };
    let mut host = host(&["machine x86_64", "page_size 4096", "numa no", "privileged no"]);
    host.file("proc/meminfo", "MemTotal:         8192 kB\n");
    assert_eq!(memory(&host), "<memory unit='KiB'>8192</memory>");
}

#[test]
fn a_directory_that_is_no_record_is_refused() {
    let mut nothing = Sketch::default();
    nothing.file("README", "nothing of a host\n");
    for command in [None, Some("explain"), Some("cpu")] {
        let root = nothing.directory();
        let mut caps = of_root(caps!(), root.path());
        let ended = run(caps.args(command), LIMIT);
        assert_eq!((ended.code, ended.stdout.len()), (Some(1), 0), "{command:?}");
        let reason = "not a recorded host: it has neither sys nor proc nor facts";
        assert!(ended.stderr.contains(reason), "{}", ended.stderr);
    }
    nothing.put("sys", Entry::Directory);
    assert!(ask(&nothing).stderr.contains("no machine"));
}

/// The topics of `caps explain` with their words.
fn topics(host: &Sketch) -> Vec<String> {
    let root = host.directory();
    let ended = run(of_root(caps!(), root.path()).arg("explain"), LIMIT);
    let lines = String::from_utf8(ended.stdout).unwrap();
    lines.lines().filter(|line| !line.starts_with(' ')).map(String::from).collect()
}

#[test]
fn only_what_is_in_the_document_is_filled() {
    let whole = topics(&host(&FACTS));
    let word = |topics: &[String], topic: &str| {
        let line = topics.iter().find(|line| line.starts_with(topic)).unwrap();
        line[18..].to_owned()
    };
    // The memory of a node that cannot be counted takes the host's CPU and its cells with it.
    let mut broken = host(&FACTS);
    broken.put("sys/devices/system/node/node0/meminfo", Entry::Directory);
    let broken = topics(&broken);
    for topic in ["cpu topology", "page sizes"] {
        assert_eq!(word(&whole, topic), "filled", "{topic}");
        assert_ne!(word(&broken, topic), "filled", "{topic}: {broken:?}");
    }
    assert_eq!(word(&whole, "numa"), "filled");
}

/// Lines of `caps explain` for a user without privileges; `None` where there cannot be one.
fn explained_to_nobody(bus: &str) -> Option<String> {
    let root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if !root || !caps_tests::place::has_program("setpriv") {
        eprintln!("skipped: needs root and setpriv");
        return None;
    }
    let place = tempfile::tempdir().unwrap();
    let program = place.path().join("caps");
    fs::copy(caps!().get_program(), &program).unwrap();
    for path in [place.path(), &program] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut setpriv = Command::new("setpriv");
    setpriv.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
    setpriv.env("DBUS_SYSTEM_BUS_ADDRESS", format!("unix:path={bus}"));
    let ended = run(setpriv.args(["explain", "--no-guests", "--no-cache"]), LIMIT);
    Some(String::from_utf8(ended.stdout).unwrap())
}

#[test]
fn a_kvm_that_may_not_be_opened_is_named() {
    let device = fs::metadata("/dev/kvm");
    let closed = device
        .is_ok_and(|device| device.file_type().is_char_device() && device.mode() & 0o006 == 0);
    if !closed {
        return eprintln!("skipped: needs a /dev/kvm that is not everybody's");
    }
    let Some(explained) = explained_to_nobody("/nowhere") else { return };
    assert!(explained.contains(" /dev/kvm (denied (permission denied))\n"), "{explained}");
}

#[test]
fn a_system_bus_that_may_not_be_used_is_named() {
    // Only its owner may search it.
    let closed = tempfile::tempdir().unwrap();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let bus = closed.path().join("bus");
    let Some(explained) = explained_to_nobody(bus.to_str().unwrap()) else { return };
    assert!(explained.contains(" logind (denied (permission denied))\n"), "{explained}");
    let absent = explained_to_nobody("/nowhere").unwrap();
    assert!(!absent.contains(" logind (denied"), "{absent}");
}
