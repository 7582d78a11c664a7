//! The events of a document as owned values, so that two readings can be compared.

use caps_xml::read::{Event, ReadError, Reader, Start};

/// One event; neighbouring texts are one, and an empty text is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Start(String, Vec<(String, String)>),
    Text(String),
    End(String),
}

/// All events of `input`.
pub(crate) fn events(input: &[u8]) -> Result<Vec<Seen>, ReadError> {
    let mut reader = Reader::new(input)?;
    let mut seen = Vec::new();
    while let Some(event) = reader.next_event()? {
        match event {
            Event::Start(start) => seen.push(opened(&start)),
            Event::Text(text) => add_text(&mut seen, &text.to_string()),
            Event::End { name } => seen.push(Seen::End(name.into())),
        }
    }
    Ok(seen)
}

fn opened(start: &Start<'_>) -> Seen {
    let attributes = start.attributes.into_iter();
    let pairs = attributes.map(|attribute| (attribute.name.into(), attribute.value.to_string()));
    Seen::Start(start.name.into(), pairs.collect())
}

/// Adds `text` to the text that stands last, or begins one.
pub(crate) fn add_text(seen: &mut Vec<Seen>, text: &str) {
    match seen.last_mut() {
        _ if text.is_empty() => {}
        Some(Seen::Text(last)) => last.push_str(text),
        _ => seen.push(Seen::Text(text.into())),
    }
}
