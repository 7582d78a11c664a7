//! Any document, written and read by another parser: what went in comes out.

#[path = "writer/build.rs"]
mod build;
#[path = "writer/facts.rs"]
mod facts;
#[path = "writer/parse.rs"]
mod parse;

use build::build;
use caps_tests::recording::text;
use facts::{Document, document};
use proptest::prelude::*;

fn written(facts: &Document) -> String {
    let mut storage = vec![0; 1 << 20];
    let caps = build(facts, &mut storage);
    String::from_utf8(text(&caps)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_went_in_comes_out(facts in document()) {
        let written = written(&facts);
        let parsed = roxmltree::Document::parse(&written);
        let parsed = parsed.unwrap_or_else(|error| panic!("{error}: {written}"));
        prop_assert_eq!(parse::document(parsed.root_element()), facts, "{}", written);
    }

    /// Two spaces a level, no blank at the end of a line, one empty line behind each block.
    #[test]
    fn lines_are_indented_by_depth(facts in document()) {
        let written = written(&facts);
        let mut depth = 0_usize;
        for line in written.lines().filter(|line| !line.is_empty()) {
            let element = line.trim_start_matches(' ');
            depth -= usize::from(element.starts_with("</"));
            prop_assert_eq!(line.len() - element.len(), 2 * depth, "{}", line);
            prop_assert!(!line.ends_with(' '));
            let opens = !element.contains("</") && !element.ends_with("/>");
            depth += usize::from(opens);
        }
        prop_assert_eq!(depth, 0);
        prop_assert_eq!(written.matches("\n\n").count(), 2 + facts.guests.len());
    }
}
