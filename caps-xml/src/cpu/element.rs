//! One `<cpu>` element, and libvirt's refusals in libvirt's order.

use caps_core::Arch;
use caps_cpu::definition::{Match, Role};

use super::attribute::{Values, decimal, has_minus};
use super::features::{Features, too_long};
use super::name::{Name, TooLong};
use super::refusal::{Class, CpuError, Refusal};
use super::{Cpu, Expected};
use crate::read::{Attributes, Event, ReadError, Reader, Start};

const SWITCH: &[&str] = &["on", "off"];

/// Children and attributes that count. Of a child that occurs twice the first one counts.
#[derive(Debug)]
pub(super) struct Element<'a> {
    at: usize,
    cpu: Values<'a>,
    arch: Option<Content>,
    model: Option<Content>,
    vendor: Option<Content>,
    model_attributes: Attributes<'a>,
    topology: Option<Child<'a>>,
    cache: Option<Child<'a>>,
    second_cache: Option<usize>,
    maxphysaddr: Option<Child<'a>>,
    microcode: Option<Child<'a>>,
    signature: Option<Child<'a>>,
    counter: Option<Child<'a>>,
    features: Features<'a>,
}

/// A child of which the attributes count.
#[derive(Clone, Copy, Debug)]
struct Child<'a> {
    at: usize,
    values: Values<'a>,
}

/// A child of which the text counts.
#[derive(Clone, Copy, Debug)]
struct Content {
    at: usize,
    text: Result<Name, TooLong>,
}

impl<'a> Element<'a> {
    pub(super) const fn new(attributes: Attributes<'a>, at: usize) -> Self {
        Self {
            at,
            cpu: Values { element: "cpu", attributes },
            arch: None,
            model: None,
            vendor: None,
            model_attributes: Attributes::EMPTY,
            topology: None,
            cache: None,
            second_cache: None,
            maxphysaddr: None,
            microcode: None,
            signature: None,
            counter: None,
            features: Features::new(),
        }
    }

    /// Reads a child that has just begun, past its end.
    pub(super) fn child(
        &mut self,
        reader: &mut Reader<'a>,
        start: &Start<'a>,
        at: usize,
    ) -> Result<(), ReadError> {
        match start.name {
            "arch" => return content(reader, &mut self.arch, at),
            "vendor" => return content(reader, &mut self.vendor, at),
            "model" => {
                if self.model.is_none() {
                    self.model_attributes = start.attributes;
                }
                return content(reader, &mut self.model, at);
            }
            "feature" => self.features.add(start, at),
            _ => self.keep(start, at),
        }
        reader.skip_element()
    }

    fn keep(&mut self, start: &Start<'a>, at: usize) {
        let (element, slot) = match start.name {
            "topology" => ("topology", &mut self.topology),
            "maxphysaddr" => ("maxphysaddr", &mut self.maxphysaddr),
            "microcode" => ("microcode", &mut self.microcode),
            "signature" => ("signature", &mut self.signature),
            "counter" if start.attribute("name").is_some_and(|name| name == "tsc") => {
                ("counter", &mut self.counter)
            }
            "cache" => {
                if self.cache.is_some() {
                    self.second_cache.get_or_insert(at);
                }
                ("cache", &mut self.cache)
            }
            _ => return,
        };
        let values = Values { element, attributes: start.attributes };
        slot.get_or_insert(Child { at, values });
    }

    /// Refuses what libvirt refuses, in its order, so that the first of several faults is the same.
    pub(super) fn finish(self, expected: Expected) -> Result<Cpu, CpuError<'a>> {
        let is_host = match expected {
            Expected::Host => true,
            Expected::Any => self.has_arch()?,
        };
        let mode = self.mode(is_host)?;
        self.migratable(mode)?;
        let matching = if is_host { Match::default() } else { self.guest_attributes()? };
        let arch = if is_host { Some(self.host()?) } else { None };
        let [model, vendor] = [self.name(self.model)?, self.name(self.vendor)?];
        if is_host && model.is_none() {
            return Err(self.refuse(Refusal::xml("Missing CPU model name")));
        }
        if !is_host && !mode.is_whole_host() {
            self.model_attributes()?;
        }
        if let (Some(Content { at, .. }), Some(_), None) = (self.vendor, vendor, model) {
            return Err(Refusal::xml("CPU vendor specified without CPU model").at(at));
        }
        self.topology()?;
        self.features(is_host, mode, model.is_some())?;
        self.cache()?;
        self.maxphysaddr()?;
        let role = arch.map_or(Role::Guest(matching), |arch| Role::Host { x86: arch.is_x86() });
        let (definition, unknown) = self.features.of(role);
        Ok(Cpu { at: self.at, arch, model, vendor, unknown, definition })
    }

    const fn refuse(&self, refusal: Refusal<'a>) -> CpuError<'a> {
        refusal.at(self.at)
    }

    /// Returns the text of a child, `None` if it is absent or empty.
    fn name(&self, content: Option<Content>) -> Result<Option<Name>, CpuError<'a>> {
        let Some(Content { at, text }) = content else { return Ok(None) };
        text.map(Name::non_empty).map_err(|TooLong| too_long().at(at))
    }

    fn has_arch(&self) -> Result<bool, CpuError<'a>> {
        const WORDS: &str =
            "'arch' element cannot be used inside 'cpu' element with 'match' attribute'";
        match (self.arch, self.cpu.get("match")) {
            (Some(_), Some(_)) => Err(self.refuse(Refusal::xml(WORDS))),
            (arch, _) => Ok(arch.is_some()),
        }
    }

    fn mode(&self, is_host: bool) -> Result<Mode, CpuError<'a>> {
        let Some(word) = self.cpu.get("mode") else { return Ok(Mode::Custom) };
        if is_host {
            let words = "Attribute mode is only allowed for guest CPU";
            return Err(self.refuse(Refusal::unsupported(words)));
        }
        let known = Mode::ALL.into_iter().find(|(name, _)| word == *name);
        known.map(|(_, mode)| mode).ok_or_else(|| match Name::from_text(word) {
            Ok(name) => {
                let before = "Invalid mode attribute '";
                self.refuse(Refusal::named(Class::Unsupported, before, name, "'"))
            }
            Err(TooLong) => self.refuse(too_long()),
        })
    }

    fn migratable(&self, mode: Mode) -> Result<(), CpuError<'a>> {
        const WORDS: &str =
            "Attribute migratable is only allowed for 'host-passthrough' / 'maximum' CPU mode";
        match self.cpu.word("migratable", SWITCH).map_err(|refusal| self.refuse(refusal))? {
            Some(_) if !mode.is_whole_host() => Err(self.refuse(Refusal::unsupported(WORDS))),
            _ => Ok(()),
        }
    }

    fn guest_attributes(&self) -> Result<Match, CpuError<'a>> {
        let refused = |refusal| self.refuse(refusal);
        let matching = self.cpu.word("match", &["minimum", "exact", "strict"]).map_err(refused)?;
        self.cpu.word("check", &["default", "none", "partial", "full"]).map_err(refused)?;
        self.cpu.word("deprecated_features", SWITCH).map_err(refused)?;
        let named = [Match::Minimum, Match::Strict].into_iter().zip(["minimum", "strict"]);
        let named = named.into_iter().find(|(_, name)| matching.is_some_and(|word| word == *name));
        Ok(named.map(|(matching, _)| matching).unwrap_or_default())
    }

    /// Checks what only a host's element has.
    fn host(&self) -> Result<Arch, CpuError<'a>> {
        let name = self.name(self.arch)?;
        let name = name.ok_or_else(|| self.refuse(Refusal::xml("Missing CPU architecture")))?;
        let at = self.arch.map_or(self.at, |arch| arch.at);
        let arch = Arch::from_name(name.as_str()).ok_or_else(|| {
            Refusal::named(Class::Unsupported, "Unknown architecture ", name, "").at(at)
        })?;
        check(self.microcode, microcode)?;
        check(self.signature, |values| {
            values.positive("family")?;
            values.required("model", u32::MAX.into())?;
            values.required("stepping", u32::MAX.into()).map(drop)
        })?;
        check(self.counter, |values| {
            values.required("frequency", u64::MAX)?;
            values.word("scaling", &["yes", "no"]).map(drop)
        })?;
        Ok(arch)
    }

    /// Checks `fallback` and `vendor_id`; an empty value is none.
    fn model_attributes(&self) -> Result<(), CpuError<'a>> {
        let at = self.model.map_or(self.at, |model| model.at);
        let value =
            |name| self.model_attributes.value(name).filter(|value| !value.raw().is_empty());
        if value("fallback").is_some_and(|word| word != "allow" && word != "forbid") {
            return Err(Refusal::unsupported("Invalid fallback attribute").at(at));
        }
        let Some(vendor) = value("vendor_id") else { return Ok(()) };
        if vendor.chars().map(char::len_utf8).sum::<usize>() != 12 {
            return Err(Refusal::xml("vendor_id must be exactly 12 characters long").at(at));
        }
        if vendor.chars().any(|c| c == ',') {
            return Err(Refusal::xml("vendor id is invalid").at(at));
        }
        Ok(())
    }

    fn topology(&self) -> Result<(), CpuError<'a>> {
        check(self.topology, |values| {
            values.positive("sockets")?;
            values.optional_positive("dies")?;
            values.optional_positive("clusters")?;
            values.positive("cores")?;
            values.positive("threads")
        })
    }

    fn features(&self, is_host: bool, mode: Mode, has_model: bool) -> Result<(), CpuError<'a>> {
        let lonely = self.features.first.filter(|_| !has_model && mode == Mode::Custom);
        if let Some(at) = lonely {
            let words = "Non-empty feature list specified without CPU model";
            return Err(Refusal::xml(words).at(at));
        }
        let refused = if is_host { self.features.of_host } else { self.features.of_guest };
        refused.map_or(Ok(()), Err)
    }

    fn cache(&self) -> Result<(), CpuError<'a>> {
        if let Some(at) = self.second_cache {
            return Err(Refusal::xml("at most one CPU cache element may be specified").at(at));
        }
        check(self.cache, |values| {
            if values.natural("level")?.is_some_and(|level| !(1..=3).contains(&level)) {
                return Err(Refusal::xml("invalid CPU cache level, must be in range [1,3]"));
            }
            values.required_word("mode", &["emulate", "passthrough", "disable"])
        })
    }

    fn maxphysaddr(&self) -> Result<(), CpuError<'a>> {
        check(self.maxphysaddr, |values| {
            values.required_word("mode", &["emulate", "passthrough"])?;
            values.natural("bits")?;
            values.natural("limit").map(drop)
        })
    }
}

/// `mode` of a guest's CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Custom,
    HostModel,
    WholeHost,
}

impl Mode {
    const ALL: [(&'static str, Self); 4] = [
        ("custom", Self::Custom),
        ("host-model", Self::HostModel),
        ("host-passthrough", Self::WholeHost),
        ("maximum", Self::WholeHost),
    ];

    const fn is_whole_host(self) -> bool {
        matches!(self, Self::WholeHost)
    }
}

/// Reads the text of a child, unless an earlier child of that name was read.
fn content(
    reader: &mut Reader<'_>,
    slot: &mut Option<Content>,
    at: usize,
) -> Result<(), ReadError> {
    let text = Name::read(reader)?;
    slot.get_or_insert(Content { at, text });
    Ok(())
}

/// Applies `rule` to a child that is present.
fn check<'a>(
    child: Option<Child<'a>>,
    rule: impl FnOnce(&Values<'a>) -> Result<(), Refusal<'a>>,
) -> Result<(), CpuError<'a>> {
    let Some(Child { at, values }) = child else { return Ok(()) };
    rule(&values).map_err(|refusal| refusal.at(at))
}

fn microcode<'a>(values: &Values<'a>) -> Result<(), Refusal<'a>> {
    let Some(version) = values.get("version") else { return Ok(()) };
    let number =
        decimal(version).filter(|number| !has_minus(version) && *number <= u32::MAX.into());
    number.map(drop).ok_or(Refusal::unsupported("invalid microcode version"))
}

impl Cpu {
    /// Reads the element that has just begun, past its end.
    pub(super) fn read_element<'a>(
        reader: &mut Reader<'a>,
        attributes: Attributes<'a>,
        at: usize,
        expected: Expected,
    ) -> Result<Self, CpuError<'a>> {
        let mut element = Element::new(attributes, at);
        loop {
            let at = reader.offset();
            match reader.next_event()? {
                Some(Event::Start(child)) => element.child(reader, &child, at)?,
                Some(Event::Text(_)) => {}
                Some(Event::End { .. }) | None => return element.finish(expected),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reader_fits_a_small_stack() {
        assert!(size_of::<Element<'_>>() <= 6144, "{}", size_of::<Element<'_>>());
    }
}
