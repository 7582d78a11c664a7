//! Random trees, written with every freedom that XML leaves, read back to the same tree.

use core::fmt::Write;
use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::seen::{Seen, add_text, events};

/// A document without its spelling.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Element(String, BTreeMap<String, String>, Vec<Node>),
    Text(String),
}

/// The choices of a spelling, taken one by one and over again.
pub(crate) struct Dice {
    choices: Vec<u8>,
    next: usize,
}

impl Dice {
    fn roll(&mut self, sides: u8) -> u8 {
        let choice = self.choices[self.next % self.choices.len()];
        self.next += 1;
        choice % sides
    }
}

impl Node {
    fn events(&self, seen: &mut Vec<Seen>) {
        match self {
            Self::Text(text) => add_text(seen, text),
            Self::Element(name, attributes, children) => {
                seen.push(Seen::Start(name.clone(), attributes.clone().into_iter().collect()));
                children.iter().for_each(|child| child.events(seen));
                seen.push(Seen::End(name.clone()));
            }
        }
    }

    fn write(&self, out: &mut String, dice: &mut Dice) {
        match self {
            Self::Text(text) => write_text(text, out, dice),
            Self::Element(name, attributes, children) => {
                let _ = write!(out, "<{name}");
                attributes.iter().for_each(|(name, value)| write_attribute(name, value, out, dice));
                out.push_str(blank(dice));
                write_rest(name, children, out, dice);
            }
        }
    }
}

fn write_rest(name: &str, children: &[Node], out: &mut String, dice: &mut Dice) {
    if children.is_empty() && dice.roll(2) == 0 {
        return out.push_str("/>");
    }
    out.push('>');
    for child in children {
        write_noise(out, dice);
        child.write(out, dice);
    }
    write_noise(out, dice);
    let _ = write!(out, "</{name}{}>", blank(dice));
}

fn write_attribute(name: &str, value: &str, out: &mut String, dice: &mut Dice) {
    let quote = ['\'', '"'][usize::from(dice.roll(2))];
    let _ = write!(out, " {}{name}{}={}{quote}", blank(dice), blank(dice), blank(dice));
    for c in value.chars() {
        let must = matches!(c, '<' | '&' | '\t' | '\n' | '\r') || c == quote;
        write_char(c, must, out, dice);
    }
    out.push(quote);
}

fn write_text(text: &str, out: &mut String, dice: &mut Dice) {
    if dice.roll(4) == 0 && !text.contains("]]>") && !text.contains('\r') {
        let _ = write!(out, "<![CDATA[{text}]]>");
        return;
    }
    text.chars().for_each(|c| write_char(c, matches!(c, '<' | '&' | '>' | '\r'), out, dice));
}

/// A character as itself, by number or, where there is one, by name; as itself only if it need not be written otherwise.
fn write_char(c: char, must: bool, out: &mut String, dice: &mut Dice) {
    let name = match c {
        '<' => "&lt;",
        '>' => "&gt;",
        '&' => "&amp;",
        '"' => "&quot;",
        '\'' => "&apos;",
        _ => "",
    };
    let _ = match dice.roll(8) {
        0 => write!(out, "&#{};", u32::from(c)),
        1 => write!(out, "&#x{:x};", u32::from(c)),
        2 => write!(out, "&#x000{:X};", u32::from(c)),
        _ if must && name.is_empty() => write!(out, "&#{};", u32::from(c)),
        roll if must || (roll == 3 && !name.is_empty()) => write!(out, "{name}"),
        _ => write!(out, "{c}"),
    };
}

fn write_noise(out: &mut String, dice: &mut Dice) {
    out.push_str(match dice.roll(8) {
        0 => "<!-- <a> & -->",
        1 => "<?p <a> & ?>",
        2 => "<![CDATA[]]>",
        _ => "",
    });
}

fn blank(dice: &mut Dice) -> &'static str {
    ["", "", " ", "\n\t", "\r\n"][usize::from(dice.roll(5))]
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z_\u{e9}][a-z0-9._-]{0,6}"
}

fn text() -> impl Strategy<Value = String> {
    let char = prop_oneof![
        4 => prop::char::range('a', 'z'),
        3 => prop::sample::select(vec!['<', '>', '&', '"', '\'', ']', '\t', '\n', '\r', ' ', ';', '#']),
        1 => any::<char>().prop_map(|c| if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{20ac}' } else { c }),
    ];
    vec(char, 0..12).prop_map(String::from_iter)
}

fn element(children: impl Strategy<Value = Vec<Node>>) -> impl Strategy<Value = Node> {
    (name(), btree_map(name(), text(), 0..4), children)
        .prop_map(|(name, attributes, children)| Node::Element(name, attributes, children))
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![text().prop_map(Node::Text), element(Just(vec![]))];
    leaf.prop_recursive(5, 40, 5, |inner| element(vec(inner, 0..5)))
}

/// A random tree and one of its spellings.
pub(crate) fn document() -> impl Strategy<Value = (Node, String)> {
    (element(vec(node(), 0..5)), vec(any::<u8>(), 1..64)).prop_map(|(root, choices)| {
        let mut dice = Dice { choices, next: 0 };
        let mut out =
            String::from(["", "<?xml version='1.0'?>\n", "\u{feff}"][usize::from(dice.roll(3))]);
        root.write(&mut out, &mut dice);
        (root, out)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_tree_is_read_back((root, written) in document()) {
        let mut expected = Vec::new();
        root.events(&mut expected);
        prop_assert_eq!(events(written.as_bytes()).unwrap(), expected, "{}", written);
    }
}
