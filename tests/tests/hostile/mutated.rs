//! A good host with a few files changed at random: whatever comes out is whole, and the same each time.

use crate::support::{files, good};
use caps_linux::Error;
use caps_tests::recording::{Recording, document};
use caps_tests::sketch::{Entry, Sketch};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::fs;

/// What happens to a file.
#[derive(Clone, Debug)]
enum Mutation {
    Truncate(Index),
    Replace(Vec<u8>),
    Directory,
    Delete,
    /// Takes the content of another file.
    Swap(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        any::<Index>().prop_map(Mutation::Truncate),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Mutation::Replace),
        "[-+]?[0-9]{1,22}\n?".prop_map(|text| Mutation::Replace(text.into_bytes())),
        "[-0-9,^ ]{1,20}\n?".prop_map(|text| Mutation::Replace(text.into_bytes())),
        "[0-9a-f,]{1,30}\n".prop_map(|text| Mutation::Replace(text.into_bytes())),
        Just(Mutation::Directory),
        Just(Mutation::Delete),
        any::<Index>().prop_map(Mutation::Swap),
    ]
}

fn content(path: &str) -> Vec<u8> {
    let host = good();
    match host.entries().find(|(other, _)| *other == path) {
        Some((_, Entry::File(content))) => content.clone(),
        _ => Vec::new(),
    }
}

/// `None` for a file that is to go.
fn mutated(path: &str, mutation: &Mutation) -> Option<Entry> {
    let mut old = content(path);
    match mutation {
        Mutation::Truncate(index) => {
            old.truncate(index.index(old.len() + 1));
            Some(Entry::File(old))
        }
        Mutation::Replace(bytes) => Some(Entry::File(bytes.clone())),
        Mutation::Directory => Some(Entry::Directory),
        Mutation::Delete => None,
        Mutation::Swap(index) => Some(Entry::File(content(index.get::<String>(&files())))),
    }
}

fn host(mutations: &[(String, Mutation)]) -> Sketch {
    let mut host = Sketch::default();
    let changed = |path: &str| mutations.iter().any(|(other, _)| other == path);
    for (path, entry) in good().entries().filter(|(path, _)| !changed(path)) {
        host.put(path, entry.clone());
    }
    for (path, mutation) in mutations {
        if let Some(entry) = mutated(path, mutation) {
            host.put(path, entry);
        }
    }
    host
}

/// Names of features are copied as they are, and so may be no markup and no text.
fn is_clean(host: &Sketch) -> bool {
    let features = "sys/fs/resctrl/info/L3_MON/mon_features";
    let found = host.entries().find(|(path, _)| *path == features);
    let Some((_, Entry::File(content))) = found else { return true };
    content.iter().all(|byte| byte.is_ascii_graphic() && !b"<>&'".contains(byte) || *byte == b'\n')
}

fn outcome(recording: &Recording) -> Result<Vec<u8>, Error> {
    recording.visit(document)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_hosts_are_documents_too(
        mutations in prop::collection::vec((select(changeable()), mutation()), 1..6)
    ) {
        let sketch = host(&mutations);
        let root = sketch.directory();
        let recording = Recording::open(root.path());
        let first = outcome(&recording);
        prop_assert_eq!(&first, &outcome(&recording));
        match first {
            Ok(text) => {
                prop_assert!(text.ends_with(b"</capabilities>\n"));
                if is_clean(&sketch) {
                    let text = String::from_utf8(text).unwrap();
                    prop_assert!(roxmltree::Document::parse(&text).is_ok(), "{}", text);
                }
            }
            Err(Error::Refused(_)) => {}
            Err(error) => prop_assert!(false, "{}", error),
        }
        fs::remove_dir_all(root.path()).unwrap();
    }
}

/// The facts aside, which are not the tree's.
fn changeable() -> Vec<String> {
    files().into_iter().filter(|path| path != "facts").collect()
}
