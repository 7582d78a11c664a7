//! One `<cpu>` element.

use super::Cpu;
use caps_core::Arch;
use caps_cpu::definition::{Match, Role};
use caps_cpu::x86::Policy;
use caps_xml::read::{Event, Position, ReadError, Reader, Start, Text};
use std::collections::HashSet;
use std::fmt::Display;

/// How many features one CPU may name; there are a few hundred.
const MAX_FEATURES: usize = 4096;
/// How long a name may be, in bytes.
const MAX_NAME: usize = 128;

/// What is wrong, and at which byte.
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) what: String,
}

impl Fault {
    pub(super) fn new(at: usize, what: impl Display) -> Self {
        Self { at, what: what.to_string() }
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        Self::new(error.at, error.kind)
    }
}

/// Reads the element that `start`, found at byte `at`, has begun; past its end.
pub(super) fn read<'a>(
    reader: &mut Reader<'a>,
    start: &Start<'a>,
    at: usize,
    place: Position,
) -> Result<Cpu, Fault> {
    let mut element = Element::new(start, at);
    loop {
        let at = reader.offset();
        match reader.next_event()? {
            Some(Event::Start(child)) => element.child(reader, &child, at)?,
            Some(Event::Text(_)) => {}
            Some(Event::End { .. }) | None => return element.finish(place),
        }
    }
}

/// What was read so far; of children that stand twice the first counts.
struct Element<'a> {
    at: usize,
    mode: Option<Text<'a>>,
    matching: Option<Text<'a>>,
    arch: Option<String>,
    model: Option<String>,
    vendor: Option<String>,
    features: Vec<(String, Option<Policy>)>,
    names: HashSet<String>,
    /// Where the first feature with a policy that there is not begins: no fault of a host.
    odd_policy: Option<usize>,
}

impl<'a> Element<'a> {
    fn new(start: &Start<'a>, at: usize) -> Self {
        Self {
            at,
            mode: start.attribute("mode"),
            matching: start.attribute("match"),
            arch: None,
            model: None,
            vendor: None,
            features: Vec::new(),
            names: HashSet::new(),
            odd_policy: None,
        }
    }

    fn child(
        &mut self,
        reader: &mut Reader<'a>,
        start: &Start<'a>,
        at: usize,
    ) -> Result<(), Fault> {
        let slot = match start.name {
            "arch" => &mut self.arch,
            "model" => &mut self.model,
            "vendor" => &mut self.vendor,
            "feature" => {
                self.feature(start, at)?;
                return Ok(reader.skip_element()?);
            }
            _ => return Ok(reader.skip_element()?),
        };
        let text = printable(content(reader)?, at)?;
        slot.get_or_insert(text);
        Ok(())
    }

    fn feature(&mut self, start: &Start<'a>, at: usize) -> Result<(), Fault> {
        let name = start.attribute("name").map(|name| name.to_string()).unwrap_or_default();
        let name = self.fresh(printable(name, at)?, at)?;
        let given = start.attribute("policy");
        let policy =
            given.and_then(|word| Policy::ALL.into_iter().find(|policy| word == policy.name()));
        if given.is_some() && policy.is_none() {
            self.odd_policy.get_or_insert(at);
        }
        self.features.push((name, policy));
        Ok(())
    }

    /// `name`, if it is that of one more feature.
    fn fresh(&mut self, name: String, at: usize) -> Result<String, Fault> {
        if name.is_empty() {
            return Err(Fault::new(at, "a feature without a name"));
        }
        if self.names.len() == MAX_FEATURES {
            return Err(Fault::new(at, format!("more than {MAX_FEATURES} features of one CPU")));
        }
        if !self.names.insert(name.clone()) {
            return Err(Fault::new(at, format!("CPU feature {name} given more than once")));
        }
        Ok(name)
    }

    fn finish(mut self, place: Position) -> Result<Cpu, Fault> {
        // A name that is empty is none.
        self.model = self.model.filter(|model| !model.is_empty());
        let role = match &self.arch {
            Some(arch) => self.host(arch)?,
            None => self.guest()?,
        };
        let Self { arch, model, vendor, features, .. } = self;
        let vendor = vendor.filter(|vendor| !vendor.is_empty());
        Ok(Cpu { place, role, arch, vendor, model, features })
    }

    fn host(&self, arch: &str) -> Result<Role, Fault> {
        let Some(known) = Arch::from_name(arch) else {
            return Err(self.fault(format!("unknown architecture '{arch}'")));
        };
        if self.matching.is_some() || self.mode.is_some() {
            return Err(self.fault("<arch> is for hosts, and match='' and mode='' for guests"));
        }
        if self.model.is_none() {
            return Err(self.fault("a host CPU without a model"));
        }
        Ok(Role::Host { x86: known.is_x86() })
    }

    fn guest(&self) -> Result<Role, Fault> {
        let custom = self.has_custom_mode()?;
        if custom && self.model.is_none() && !self.features.is_empty() {
            return Err(self.fault("features without a model"));
        }
        if let Some(at) = self.odd_policy {
            return Err(Fault::new(at, "a feature with an unknown policy"));
        }
        self.matching().map(Role::Guest)
    }

    /// Whether it is the mode that is meant where none is given.
    fn has_custom_mode(&self) -> Result<bool, Fault> {
        const OTHERS: [&str; 3] = ["host-model", "host-passthrough", "maximum"];
        match self.mode {
            None => Ok(true),
            Some(mode) if mode == "custom" => Ok(true),
            Some(mode) if OTHERS.iter().any(|other| mode == *other) => Ok(false),
            Some(_) => Err(self.fault("unknown mode")),
        }
    }

    fn matching(&self) -> Result<Match, Fault> {
        let Some(word) = self.matching else { return Ok(Match::default()) };
        Match::by_name(word.raw()).ok_or_else(|| self.fault("unknown match"))
    }

    fn fault(&self, what: impl Display) -> Fault {
        Fault::new(self.at, what)
    }
}

/// All text in the element that was just begun; past its end.
fn content(reader: &mut Reader<'_>) -> Result<String, Fault> {
    let (outer, mut content) = (reader.depth() - 1, String::new());
    while reader.depth() > outer {
        if let Some(Event::Text(text)) = reader.next_event()? {
            content.extend(text.chars());
        }
    }
    Ok(content)
}

/// `text`, if it can be part of a sentence.
fn printable(text: String, at: usize) -> Result<String, Fault> {
    if text.len() > MAX_NAME || text.contains(char::is_control) {
        let what = format!("a name of more than {MAX_NAME} bytes or with control characters");
        return Err(Fault::new(at, what));
    }
    Ok(text)
}
