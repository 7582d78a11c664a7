//! `caps cpu` of hosts: the element of the document.

use crate::support::{Scratch, caps, shared};
use std::fs;
use std::path::PathBuf;

/// Recorded hosts; none where the folder is missing.
fn hosts() -> Vec<PathBuf> {
    let Some(folder) = shared("cases/host") else { return Vec::new() };
    let mut hosts: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    hosts.retain(|host| host.join("expect.xml").is_file());
    hosts.sort();
    hosts
}

/// The element of a document, from the left margin on.
fn element(document: &str) -> String {
    let begin = document.find("    <cpu>\n").unwrap();
    let end = document.find("    </cpu>\n").unwrap() + "    </cpu>\n".len();
    document[begin..end].lines().map(|line| format!("{}\n", &line[4..])).collect()
}

#[test]
fn it_stands_so_in_the_document() {
    for host in hosts() {
        let document = fs::read_to_string(host.join("expect.xml")).unwrap();
        if document.contains("<capabilities>") {
            let root = host.join("root");
            let printed = caps(["cpu".as_ref(), "--root".as_ref(), root.as_os_str()]).output();
            assert_eq!(printed, element(&document), "{}", host.display());
        }
    }
    assert_eq!(caps(["cpu"]).output(), element(&caps(["--no-guests"]).output()));
}

#[test]
fn expanded_it_has_more_features_and_is_the_same_else() {
    for host in hosts() {
        let root = host.join("root");
        let print = |option: &str| {
            caps(["cpu".as_ref(), option.as_ref(), "--root".as_ref(), root.as_os_str()])
        };
        let (plain, expanded) =
            (caps(["cpu".as_ref(), "--root".as_ref(), root.as_os_str()]), print("--expand"));
        assert_eq!(plain.status, expanded.status);
        let others = |xml: &str| -> Vec<String> {
            xml.lines().filter(|line| !line.contains("<feature")).map(String::from).collect()
        };
        assert_eq!(others(&plain.stdout), others(&expanded.stdout));
        let count = |xml: &str| xml.matches("<feature").count();
        let has_model = plain.stdout.contains("<model>");
        assert_eq!(count(&expanded.stdout) > count(&plain.stdout), has_model, "{}", host.display());
    }
}

#[test]
fn without_cpuid_there_is_nothing_to_explain() {
    let scratch = Scratch::new();
    let facts = scratch.file("facts", "machine x86_64\n");
    let root = facts.strip_suffix("/facts").unwrap();
    for option in ["--why", "--json", "--guest"] {
        assert_eq!(
            caps(["cpu", option, "--root", root]).failure(),
            "this recorded host has no CPUID"
        );
    }
    scratch.file("facts", "machine aarch64\n");
    let failure = caps(["cpu", "--why", "--root", root]).failure();
    assert_eq!(failure, "only x86 has CPUID; this host is 'aarch64'");
}

#[test]
fn output_goes_to_a_file() {
    let scratch = Scratch::new();
    let file = scratch.file("cpu.xml", "old");
    assert_eq!(caps(["cpu", "-o", &file]).output(), "");
    assert_eq!(fs::read_to_string(file).unwrap(), caps(["cpu"]).output());
}
