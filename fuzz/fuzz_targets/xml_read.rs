//! XML of anybody: well-formed or an error, in the same words whether it is read or skipped.
#![no_main]

use caps_xml::read::{Event, Reader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let Ok(mut reader) = Reader::new(text) else { return };
    let mut room = [0; 64];
    let read = loop {
        match reader.next_event() {
            Ok(Some(Event::Start(start))) => start.attributes.iter().for_each(drop),
            Ok(Some(Event::Text(text))) => drop(text.copy_to(&mut room).is_ok()),
            Ok(Some(Event::End { .. })) => {}
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    let skipped = Reader::new(text).and_then(|mut reader| reader.finish());
    assert_eq!(read, skipped);
});
