//! Any bytes at all: no panic, an end, and time in proportion to the length.

use core::hint::black_box;
use core::time::Duration;
use std::time::Instant;

use caps_xml::read::{Event, MAX_BYTES, ReadError, Reader, Text};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::tree::document;

/// Everything that the reader offers, on every event; there are no more events than bytes.
fn exercise(input: &[u8]) -> Result<(), ReadError> {
    let mut reader = Reader::new(input)?;
    let mut count = 0;
    while let Some(event) = reader.next_event()? {
        match event {
            Event::Start(start) => {
                start.attributes.into_iter().for_each(|attribute| exercise_text(attribute.value));
                exercise_span(&reader, input);
            }
            Event::Text(text) => exercise_text(text),
            Event::End { name } => assert!(!name.is_empty()),
        }
        count += 1;
        assert!(count <= input.len(), "more events than bytes");
    }
    Ok(())
}

fn exercise_text(text: Text<'_>) {
    let mut buffer = vec![0; text.raw().len()];
    let copy = text.copy_to(&mut buffer).expect("decoding never makes a text longer").to_owned();
    assert!(text == copy.as_str());
    assert!(text.plain().is_none_or(|plain| plain == copy));
    if let Err(needed) = text.copy_to(&mut []) {
        assert_eq!(needed.bytes, copy.len());
    }
}

fn exercise_span(reader: &Reader<'_>, input: &[u8]) {
    if let Ok(span) = reader.clone().element_span() {
        let raw = reader.clone().raw_element().unwrap_or_default();
        assert_eq!(&input[span], raw.as_bytes());
        assert_eq!(Reader::new(raw.as_bytes()).and_then(|mut inner| inner.finish()), Ok(()));
    }
}

fn exercise_any(input: &[u8]) {
    if let Err(error) = exercise(input) {
        assert!(error.at <= input.len());
        let position = error.position(input);
        assert!(
            position.line >= 1
                && position.column >= 1
                && position.line + position.column <= input.len() + 2
        );
    }
}

/// Changes one byte after the other.
fn spoiled(mut bytes: Vec<u8>, changes: &[(Index, u8)]) -> Vec<u8> {
    for (place, byte) in changes {
        let place = place.index(bytes.len());
        bytes[place] = *byte;
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_bytes(input in vec(any::<u8>(), 0..200)) {
        exercise_any(&input);
    }

    #[test]
    fn bytes_of_markup(input in vec(prop::sample::select(&b"<>/&;#x1='\" !?-[]:aAb\n\r\xc3\xa9"[..]), 0..200)) {
        exercise_any(&input);
    }

    #[test]
    fn spoiled_documents((_, written) in document(), changes in vec((any::<Index>(), any::<u8>()), 0..4)) {
        exercise_any(&spoiled(written.into_bytes(), &changes));
    }

    #[test]
    fn cut_documents((_, written) in document(), at in any::<Index>()) {
        exercise_any(&written.as_bytes()[..at.index(written.len())]);
    }
}

/// Shapes that would make a careless reader go over the same bytes again and again, each repeated `count` times.
fn shapes(count: usize) -> Vec<(&'static str, String)> {
    let wrapped = |piece: &str| format!("<a>{}</a>", piece.repeat(count));
    let names = |i: usize| format!(" {}{i:03}='&lt;'", "n".repeat(count / 64));
    vec![
        ("references", wrapped("&#x41;&amp;")),
        ("zeros", wrapped("0").replace("<a>", "<a>&#").replace("</a>", "65;</a>")),
        ("brackets", wrapped("]]")),
        ("hyphens", format!("<!--{}--><a/>", "- ".repeat(count))),
        ("sections", wrapped("<![CDATA[]]]]>")),
        ("comments", wrapped("<!---->")),
        ("elements", wrapped("<b></b><c d='e'/>")),
        ("quotes", wrapped("<b c='\"' d=\"'\"/>")),
        ("long names", format!("<a{}/>", (0..64).map(names).collect::<String>())),
        ("open", "<".repeat(count)),
        ("unended", wrapped("<b c='").replace("<b c='", "&")),
    ]
}

fn least_time(input: &str) -> Duration {
    let time = || {
        let start = Instant::now();
        let _ = black_box(Reader::new(input.as_bytes()).and_then(|mut reader| reader.finish()));
        start.elapsed()
    };
    (0..7).map(|_| time()).min().unwrap_or_default()
}

/// Sixteen times the input must not take the 256 times of a quadratic reader; 64 leaves room for caches and neighbours.
#[test]
fn time_is_linear() {
    for ((shape, small), (_, large)) in shapes(2_000).into_iter().zip(shapes(32_000)) {
        let (small, large) = (least_time(&small), least_time(&large));
        let floor = Duration::from_micros(5);
        assert!(large < small.max(floor) * 64, "{shape}: {small:?}, then {large:?}");
    }
}

#[test]
fn a_reader_is_small() {
    assert!(size_of::<Reader<'_>>() <= 2048);
    assert!(size_of::<ReadError>() <= 32);
    const { assert!(MAX_BYTES >= 32 << 20) };
}
