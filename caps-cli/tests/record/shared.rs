//! The shared cases and the shared generator of large hosts.

use crate::support::{caps, caps_record, document, place, printed, run, text};
use std::fs;
use std::path::Path;
use std::process::Command;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared");

/// The command compares the documents itself; here nobody trusts it.
fn is_made_again(root: &Path, options: &[&str]) {
    let (_keep, record) = place();
    let output = run(caps_record(&record).args(options).arg("--root").arg(root));
    assert!(output.status.success(), "{}: {}", root.display(), text(&output.stderr));
    let [made, again] = [root, &record].map(|root| run(caps().arg("--root").arg(root)));
    let without_uuid = |document: &[u8]| -> Vec<String> {
        text(document).lines().filter(|line| !line.contains("<uuid>")).map(String::from).collect()
    };
    assert_eq!(made.status, again.status, "{}", root.display());
    assert_eq!(without_uuid(&made.stdout), without_uuid(&again.stdout), "{}", root.display());
    assert!(!options.is_empty() || made.stdout == again.stdout, "{}", root.display());
}

#[test]
fn shared_hosts_are_made_again() {
    let Ok(cases) = fs::read_dir(Path::new(SHARED).join("cases/host")) else {
        eprintln!("skipped: no ../shared/cases/host beside the project");
        return;
    };
    for case in cases.flatten().map(|case| case.path().join("root")) {
        is_made_again(&case, &[]);
        is_made_again(&case, &["--scrub"]);
    }
}

#[test]
fn a_large_host_is_made_again() {
    let tool = Path::new(SHARED).join("tools/mktree.py");
    let (_keep, tree) = place();
    let options = ["--cpus", "512", "--nodes", "8", "--hmat", "--hp2m", "7"];
    let made = Command::new("python3").arg(&tool).arg(&tree).args(options).status();
    if !tool.exists() || !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no ../shared/tools/mktree.py beside the project, or no Python");
        return;
    }
    fs::write(tree.join("facts"), "machine x86_64\npage_size 4096\nnuma yes\n").unwrap();
    let (_keep_record, record) = place();
    printed(caps_record(&record).arg("--root").arg(&tree));
    assert_eq!(document(&record), document(&tree));
}
