//! A second reader, `roxmltree`, as the judge: both accept the same documents and see the same in them, but for the differences
//! that stand here.

use caps_xml::read::{Kind, ReadError};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use roxmltree::{Document, Error, Node};

use crate::seen::{Seen, add_text, events};
use crate::tree::document;

/// The events of a tree; comments and instructions are passed over.
pub(crate) fn judged(document: &Document<'_>) -> Vec<Seen> {
    let mut seen = Vec::new();
    walk(document.root_element(), &mut seen);
    seen
}

fn walk(node: Node<'_, '_>, seen: &mut Vec<Seen>) {
    if node.is_text() {
        add_text(seen, node.text().unwrap_or_default());
    } else if node.is_element() {
        let name = node.tag_name().name();
        let attributes =
            node.attributes().map(|attribute| (attribute.name().into(), attribute.value().into()));
        seen.push(Seen::Start(name.into(), attributes.collect()));
        node.children().for_each(|child| walk(child, seen));
        seen.push(Seen::End(name.into()));
    }
}

/// As the judge has it: names without their prefixes, and no declarations of namespaces.
pub(crate) fn unprefixed(seen: Vec<Seen>) -> Vec<Seen> {
    let local = |name: String| name.rsplit(':').next().unwrap_or_default().to_owned();
    let declares = |name: &str| name == "xmlns" || name.starts_with("xmlns:");
    let event = |event| match event {
        Seen::Start(name, attributes) => {
            let kept = attributes.into_iter().filter(|(name, _)| !declares(name));
            Seen::Start(local(name), kept.map(|(name, value)| (local(name), value)).collect())
        }
        Seen::End(name) => Seen::End(local(name)),
        text @ Seen::Text(_) => text,
    };
    seen.into_iter().map(event).collect()
}

/// What this reader refuses and the judge need not: its bounds, other encodings, and where the judge is lax, which is in the
/// XML declaration, about the targets of instructions, names that begin with a colon and numbers of no character.
fn is_stricter_here(error: ReadError, written: &str) -> bool {
    let there = written.get(error.at..).unwrap_or_default();
    match error.kind {
        Kind::TooDeep | Kind::TooManyAttributes | Kind::Encoding | Kind::Declaration => true,
        Kind::Space | Kind::Name if is_in_instruction(error.at, written) => true,
        Kind::Name if there.starts_with(':') => true,
        Kind::CharacterReference if is_no_character(there) => true,
        _ => is_in_declaration(error.at, written),
    }
}

/// Whether offset `at` lies in the XML declaration.
fn is_in_declaration(at: usize, written: &str) -> bool {
    let document = written.strip_prefix('\u{feff}').unwrap_or(written);
    document.starts_with("<?xml") && written.find("?>").is_some_and(|end| at < end)
}

/// Whether the last `<` before offset `at` begins a processing instruction.
fn is_in_instruction(at: usize, written: &str) -> bool {
    let before = written.get(..at).unwrap_or_default();
    before
        .rfind('<')
        .and_then(|start| before.get(start..))
        .is_some_and(|last| last.starts_with("<?"))
}

/// Whether a character reference stands here that is well written, but of a surrogate or of a number beyond all characters; the
/// judge takes U+FFFD for it.
fn is_no_character(there: &str) -> bool {
    let number =
        there.strip_prefix("&#").and_then(|number| number.split(';').next()).unwrap_or_default();
    let code = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    code.is_ok_and(|code| char::from_u32(code).is_none())
}

/// What the judge refuses and this reader does not look at: namespaces.
fn is_stricter_there(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidXmlPrefixUri(_)
            | Error::UnexpectedXmlUri(_)
            | Error::UnexpectedXmlnsUri(_)
            | Error::InvalidElementNamePrefix(_)
            | Error::DuplicatedNamespace(..)
            | Error::UnknownNamespace(..)
    )
}

/// Whether both accept `written`; a panic where they disagree.
///
/// The judge is given line feeds only, which is what XML makes of a document before anything else: behind a reference it lets a
/// carriage return at the end of a text through.
fn both_accept(written: &str) -> bool {
    let judged_text = written.replace("\r\n", "\n").replace('\r', "\n");
    match (events(written.as_bytes()), Document::parse(&judged_text)) {
        (Ok(seen), Ok(tree)) => {
            assert_eq!(unprefixed(seen), judged(&tree), "{written:?}");
            true
        }
        (Ok(_), Err(error)) => {
            assert!(is_stricter_there(&error), "accepted here only: {written:?}: {error}");
            false
        }
        (Err(error), Ok(_)) => {
            assert!(is_stricter_here(error, written), "refused here only: {written:?}: {error}");
            false
        }
        (Err(_), Err(_)) => false,
    }
}

#[rustfmt::skip]
const PIECES: &[&str] = &[
    "<", ">", "/", "/>", "</", "<a>", "</a>", "<a/>", "<a", "&", ";", "&lt;", "&#60;", "&#x0;", "&x;", "&#", "'", "\"", "=", " ",
    "\n", "\r", "\t", "\0", "\u{1f}", "\u{fffe}", "\u{e9}", "\u{d7}", "\u{feff}", "-", "--", "-->", "<!--", "<!", "<![CDATA[",
    "]]>", "]", "<?", "?>", "<?p ", "<?xml ", "<!DOCTYPE a>", "<!DOCTYPE a [", ":", "p:", " xmlns:p='u'", " b='c'", " b='d'", "x",
    "1", ".", "#",
];

/// One change: where, how many characters go, and what comes.
type Change = (Index, usize, &'static str);

fn change() -> impl Strategy<Value = Change> {
    (any::<Index>(), 0_usize..4, prop_oneof![Just(""), select(PIECES)])
}

fn changed(written: &str, changes: &[Change]) -> String {
    let mut chars: Vec<char> = written.chars().collect();
    for (place, gone, come) in changes {
        let start = place.index(chars.len() + 1);
        let end = chars.len().min(start + gone);
        chars.splice(start..end, come.chars());
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn both_see_the_same_tree((_, written) in document()) {
        prop_assert!(both_accept(&written), "{}", written);
    }

    #[test]
    fn both_judge_changed_documents_alike((_, written) in document(), changes in vec(change(), 1..4)) {
        both_accept(&changed(&written, &changes));
    }

    #[test]
    fn both_judge_strung_pieces_alike(pieces in vec(select(PIECES), 0..12)) {
        both_accept(&format!("<a>{}</a>", pieces.concat()));
        both_accept(&pieces.concat());
    }
}

#[test]
fn the_differences_are_real() {
    let stricter = [
        "<?xml version='1.0' encoding='x'?><a/>",
        "<?xml version='2.0'?><a/>",
        "<a><?p/?></a>",
        "<a><?p:?></a>",
        "<:a/>",
    ];
    for written in stricter {
        assert!(is_stricter_here(events(written.as_bytes()).unwrap_err(), written));
        assert!(Document::parse(written).is_ok(), "{written}");
    }
    assert!(
        events(b"<p:a/>").is_ok()
            && Document::parse("<p:a/>").is_err_and(|error| is_stricter_there(&error))
    );
}
