//! Links that lead out of the root, in circles, or nowhere.

use crate::support::{assert_civil, assert_sketch_civil, files, good};
use caps_tests::sketch::{Entry, Sketch};
use std::fs;

/// What must never be seen: a UUID, a number and a list, for whatever is read.
const SECRET: &str = "deadbeef-dead-beef-dead-beefdeadbeef";
const SECRET_NUMBER: &str = "31337";

/// Where a link may lead to get at `outside`, from a root of unknown depth.
fn ways_out(outside: &str) -> [String; 4] {
    let up = "../".repeat(24);
    [
        outside.to_owned(),
        format!("{up}{}", outside.trim_start_matches('/')),
        format!("/proc/self/root{outside}"),
        format!("/proc/1/root{outside}"),
    ]
}

/// Each file as a link to a file outside: its text must not come through, neither in a document nor in a refusal.
#[test]
fn no_link_leads_out() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret");
    for path in files() {
        let is_number = !path.contains("uuid") && path != "facts";
        let text = if is_number { SECRET_NUMBER } else { SECRET };
        fs::write(&secret, format!("{text}\n")).unwrap();
        for target in ways_out(secret.to_str().unwrap()) {
            let mut host = good();
            host.put(&path, Entry::Link(target.clone()));
            let ended = assert_sketch_civil(&format!("{path} -> {target}"), &host);
            let said = String::from_utf8_lossy(&ended.stdout) + ended.stderr.as_str();
            assert!(!said.contains(text), "{path} -> {target}: {said}");
        }
    }
}

/// The facts are not the host's files, but lie in the root as well.
#[test]
fn facts_and_cpuid_do_not_lead_out() {
    let outside = tempfile::tempdir().unwrap();
    let (facts, cpuid) = (outside.path().join("facts"), outside.path().join("cpuid.tsv"));
    fs::write(&facts, format!("machine x86_64\nrandom_uuid {SECRET}\n")).unwrap();
    fs::write(&cpuid, "cpuid\t0x80000007\t0x0\t0x0\t0x0\t0x0\t0x100\n").unwrap();
    for target in ways_out(facts.to_str().unwrap()) {
        let mut host = Sketch::default();
        host.put("facts", Entry::Link(target.clone()));
        let ended = assert_sketch_civil(&format!("facts -> {target}"), &host);
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(!said.contains(SECRET) && !said.contains("x86_64"), "facts -> {target}: {said}");
    }
    for target in ways_out(cpuid.to_str().unwrap()) {
        let mut host = good();
        host.put("cpuid.tsv", Entry::Link(target.clone()));
        let ended = assert_sketch_civil(&format!("cpuid.tsv -> {target}"), &host);
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(!said.contains("<counter"), "cpuid.tsv -> {target}: {said}");
    }
}

/// Directories as links to a whole host outside.
#[test]
fn no_directory_leads_out() {
    let mut other = good();
    other.line("sys/devices/system/node/node0/distance", SECRET_NUMBER);
    other.line("sys/devices/virtual/dmi/id/product_uuid", SECRET);
    let outside = other.directory();
    for directory in ["sys", "sys/devices", "sys/devices/system/node", "sys/devices/virtual", "etc"]
    {
        for root in ways_out(outside.path().to_str().unwrap()) {
            let mut host = Sketch::default();
            host.facts("numa yes\n").put(directory, Entry::Link(format!("{root}/{directory}")));
            let ended = assert_sketch_civil(&format!("{directory} -> {root}"), &host);
            let said = String::from_utf8_lossy(&ended.stdout);
            let leaks = said.contains(SECRET) || said.contains(SECRET_NUMBER);
            assert!(!leaks && !said.contains("+64055"), "{directory} -> {root}: {said}");
        }
    }
}

/// A link that is absolute, or goes up too far, ends inside: there the root is `/`.
#[test]
fn links_end_inside() {
    for target in ["/real/uuid", "../../../../../../../../real/uuid", "../../../../../real/uuid"] {
        let mut host = Sketch::default();
        host.facts("numa yes\n").line("real/uuid", SECRET);
        host.put("sys/devices/virtual/dmi/id/product_uuid", Entry::Link(target.to_owned()));
        let ended = assert_sketch_civil(target, &host);
        assert!(String::from_utf8_lossy(&ended.stdout).contains(SECRET), "{target}: {ended:?}");
    }
}

/// Where a link called `own` leads, and how to call that.
fn dead_ends(own: &str) -> [(&'static str, String); 5] {
    [
        ("itself", own.to_owned()),
        ("nothing", "nowhere".to_owned()),
        ("its directory", ".".to_owned()),
        ("the root", "/".to_owned()),
        ("a long name", "x/".repeat(2000)),
    ]
}

#[test]
fn circles_and_dead_ends() {
    let mut all: [Sketch; 5] = std::array::from_fn(|_| good());
    for path in files() {
        let own = path.rsplit('/').next().unwrap_or(&path);
        for (all, (what, target)) in all.iter_mut().zip(dead_ends(own)) {
            let mut host = good();
            host.put(&path, Entry::Link(target.clone()));
            assert_sketch_civil(&format!("{path} is a link to {what}"), &host);
            all.put(&path, Entry::Link(target));
        }
    }
    for (all, (what, _)) in all.iter().zip(dead_ends("")) {
        assert_sketch_civil(&format!("only links to {what}"), all);
    }
}

/// A directory that holds itself, under every name that is looked for.
#[test]
fn a_tree_without_a_bottom() {
    let mut host = good();
    for name in ["node1", "node2", "node0/hugepages"] {
        let nodes = Entry::Link("/sys/devices/system/node".to_owned());
        host.put(&format!("sys/devices/system/node/{name}"), nodes);
    }
    host.put("sys/devices/system/cpu/cpu1/cache/index4", Entry::Link("..".into()));
    host.put("sys/fs/resctrl/info/L4", Entry::Link("..".into()));
    assert_sketch_civil("a tree without a bottom", &host);
}

#[test]
fn a_deep_hierarchy() {
    let root = tempfile::tempdir().unwrap();
    let deep = root.path().join("a/".repeat(1000));
    fs::create_dir_all(&deep).unwrap();
    good().write_to(root.path());
    let mut host = Sketch::default();
    host.put("sys/fs/selinux", Entry::Link("/".to_owned() + &"a/".repeat(1000)));
    host.write_to(root.path());
    assert_civil("a deep hierarchy", root.path());
}
