//! A `<cpu>` element of a client's, as a definition to compare or to make a baseline of.

use crate::fault::{Code, Domain, Fault, What};
use caps_core::Arch;
use caps_cpu::definition::{Definition, Match, Role};
use caps_cpu::x86::Policy;
use caps_xml::read::{Event, ReadError, Reader, Start, Text};

/// Reads a document that is one `<cpu>` element.
pub(crate) fn read(document: &[u8]) -> Result<Definition<'_>, Fault<'_>> {
    let syntax = |error: ReadError| {
        let what = What::Xml { line: error.position(document).line, kind: error.kind };
        Fault { code: Code::XML_DETAIL, domain: Domain::CPU, what }
    };
    let mut reader = Reader::new(document).map_err(syntax)?;
    let mut element = Element::default();
    while let Some(event) = reader.next_event().map_err(syntax)? {
        if let Event::Start(start) = event {
            match (reader.depth(), start.name) {
                (1, "cpu") => element.start = Some(start),
                (1, _) => return Err(refused("XML does not contain expected 'cpu' element")),
                (2, "feature") => element.note(&start),
                (2, name) => element.child(name, text(&mut reader).map_err(syntax)?),
                _ => {}
            }
        }
    }
    // Nothing is said of features before it is known whose they are.
    let mut definition = element.definition()?;
    features(document, &mut definition)?;
    Ok(definition)
}

/// What was read so far; of children that stand twice the first counts.
#[derive(Default)]
struct Element<'a> {
    start: Option<Start<'a>>,
    arch: Option<&'a str>,
    model: Option<&'a str>,
    vendor: Option<&'a str>,
    has_features: bool,
    odd_policy: bool,
}

impl<'a> Element<'a> {
    fn child(&mut self, name: &str, text: &'a str) {
        let slot = match name {
            "arch" => &mut self.arch,
            "model" => &mut self.model,
            "vendor" => &mut self.vendor,
            _ => return,
        };
        slot.get_or_insert(text);
    }

    fn note(&mut self, feature: &Start<'a>) {
        self.has_features = true;
        let odd = feature.attribute("policy").is_some_and(|word| policy(word).is_none());
        self.odd_policy |= odd;
    }

    fn definition(&self) -> Result<Definition<'a>, Fault<'a>> {
        let attribute = |name| self.start.and_then(|start| start.attribute(name));
        let model = self.model.filter(|model| !model.is_empty());
        let role = match self.arch {
            Some(name) => self.host(name, attribute("match").or(attribute("mode")).is_some())?,
            None => Role::Guest(self.guest(attribute("mode"), attribute("match"), model)?),
        };
        let mut definition = Definition::new(role);
        definition.model = model;
        definition.vendor = self.vendor.filter(|vendor| !vendor.is_empty());
        Ok(definition)
    }

    fn host(&self, name: &str, has_guest_words: bool) -> Result<Role, Fault<'a>> {
        match Arch::from_name(name) {
            None => Err(refused("unknown CPU architecture")),
            Some(_) if has_guest_words => Err(refused(
                "'arch' element cannot be used inside 'cpu' element with 'match' attribute",
            )),
            Some(arch) => Ok(Role::Host { x86: arch.is_x86() }),
        }
    }

    fn guest(
        &self,
        mode: Option<Text<'a>>,
        matching: Option<Text<'a>>,
        model: Option<&str>,
    ) -> Result<Match, Fault<'a>> {
        const MODES: [&str; 4] = ["custom", "host-model", "host-passthrough", "maximum"];
        let custom = mode.is_none_or(|mode| mode == "custom");
        if mode.is_some_and(|mode| !MODES.iter().any(|word| mode == *word)) {
            return Err(refused("Invalid mode attribute"));
        }
        if custom && model.is_none() && self.has_features {
            return Err(refused("Non-empty feature list specified without CPU model"));
        }
        if self.odd_policy {
            return Err(refused("Invalid CPU feature policy"));
        }
        let Some(word) = matching else { return Ok(Match::default()) };
        Match::by_name(word.raw()).ok_or(refused("Invalid match attribute for CPU specification"))
    }
}

/// The features of a document that was read before.
fn features<'a>(document: &'a [u8], definition: &mut Definition<'a>) -> Result<(), Fault<'a>> {
    let Ok(mut reader) = Reader::new(document) else { return Ok(()) };
    while let Ok(Some(event)) = reader.next_event() {
        let Event::Start(start) = event else { continue };
        if reader.depth() != 2 || start.name != "feature" {
            continue;
        }
        let name = start.attribute("name").map_or("", plain);
        if name.is_empty() {
            return Err(refused("Invalid CPU feature name"));
        }
        let policy = start.attribute("policy").and_then(policy);
        if definition.feature(name, policy).is_err() {
            let text = name.as_bytes();
            let behind = "' specified more than once";
            let what = What::Text { before: "CPU feature '", text, behind };
            return Err(Fault { code: Code::XML, domain: Domain::CPU, what });
        }
    }
    Ok(())
}

fn policy(word: Text<'_>) -> Option<Policy> {
    Policy::ALL.into_iter().find(|policy| word == policy.name())
}

/// The first text in the element that was just begun.
fn text<'a>(reader: &mut Reader<'a>) -> Result<&'a str, ReadError> {
    let (outer, mut first) = (reader.depth().saturating_sub(1), None);
    while reader.depth() > outer {
        if let Some(Event::Text(text)) = reader.next_event()? {
            first.get_or_insert(plain(text));
        }
    }
    Ok(first.unwrap_or(""))
}

/// A text as it is meant; one that needs decoding is no name of the map, however it reads.
fn plain(text: Text<'_>) -> &str {
    text.plain().unwrap_or(text.raw())
}

const fn refused<'a>(words: &'static str) -> Fault<'a> {
    Fault::new(Code::XML, Domain::CPU, words)
}
