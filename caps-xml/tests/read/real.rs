//! Documents of real hosts, event by event and span by span as the second reader sees them.

use std::fs;
use std::path::{Path, PathBuf};

use caps_xml::read::{Event, Reader};
use roxmltree::{Document, Node};

use crate::oracle::{judged, unprefixed};
use crate::seen::events;

const HOSTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/host");

/// The documents there are; none, and a word about it, where the folder is missing.
fn documents() -> Vec<PathBuf> {
    let Ok(hosts) = fs::read_dir(Path::new(HOSTS)) else {
        eprintln!("skipped: no ../shared/cases/host beside the project");
        return Vec::new();
    };
    let documents = hosts.map(|host| host.expect("a host").path().join("expect.xml"));
    let found: Vec<_> = documents.filter(|document| document.is_file()).collect();
    assert!(!found.is_empty(), "a folder of hosts without a document");
    found
}

#[test]
fn events_are_those_of_the_second_reader() {
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let tree = Document::parse(&text).unwrap();
        assert_eq!(
            unprefixed(events(text.as_bytes()).unwrap()),
            judged(&tree),
            "{}",
            path.display()
        );
    }
}

#[test]
fn spans_are_those_of_the_second_reader() {
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let tree = Document::parse(&text).unwrap();
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        let mut spans = Vec::new();
        while let Some(event) = reader.next_event().unwrap() {
            if let Event::Start(_) = event {
                spans.push(reader.clone().element_span().unwrap());
            }
        }
        let expected: Vec<_> =
            tree.descendants().filter(Node::is_element).map(|node| node.range()).collect();
        assert_eq!(spans, expected, "{}", path.display());
    }
}

#[test]
fn the_cpu_is_found() {
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        let found = reader.find_first("cpu").unwrap().is_some();
        assert_eq!(found, text.contains("<cpu>"), "{}", path.display());
        reader.finish().unwrap();
    }
}
