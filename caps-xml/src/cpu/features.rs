//! `<feature>` elements of one `<cpu>`.

use caps_cpu::definition::{Definition, Match, Role};
use caps_cpu::x86::{Feature, Policy};
use heapless::Vec;

use super::name::{MAX_NAME, Name};
use super::refusal::{Class, CpuError, Message, Refusal};
use crate::read::{Start, Text};

/// Most features that the CPU map does not have; an aarch64 host names about 30.
pub const MAX_UNKNOWN: usize = 128;

/// Features read so far. It is unknown until the end of the element if they are a host's, whose policies do not count.
#[derive(Debug)]
pub(super) struct Features<'a> {
    /// Known features by their policy.
    named: Definition<'static>,
    unknown: Vec<Text<'a>, MAX_UNKNOWN>,
    /// First feature, if there is one.
    pub(super) first: Option<usize>,
    /// First refusal if they are a guest's.
    pub(super) of_guest: Option<CpuError<'a>>,
    /// First refusal if they are a host's.
    pub(super) of_host: Option<CpuError<'a>>,
}

impl<'a> Features<'a> {
    pub(super) const fn new() -> Self {
        Self {
            named: Definition::new(Role::Guest(Match::Exact)),
            unknown: Vec::new(),
            first: None,
            of_guest: None,
            of_host: None,
        }
    }

    pub(super) fn add(&mut self, start: &Start<'a>, at: usize) {
        self.first.get_or_insert(at);
        let policy = start.attribute("policy");
        let known = policy.and_then(policy_of);
        if policy.is_some() && known.is_none() {
            let refusal = Refusal::unsupported("Invalid CPU feature policy");
            self.of_guest.get_or_insert(refusal.at(at));
        }
        if let Err(refusal) = self.add_name(start.attribute("name"), known) {
            self.of_guest.get_or_insert(refusal.at(at));
            self.of_host.get_or_insert(refusal.at(at));
        }
    }

    fn add_name(
        &mut self,
        name: Option<Text<'a>>,
        policy: Option<Policy>,
    ) -> Result<(), Refusal<'a>> {
        let text = name.filter(|name| !name.raw().is_empty());
        let text = text.ok_or(Refusal::xml("Invalid CPU feature name"))?;
        let mut room = [0; MAX_NAME];
        let name = text.copy_to(&mut room).map_err(|_| too_long())?;
        match Feature::by_name(name) {
            Some(feature) if self.named.feature(feature.name(), policy).is_ok() => Ok(()),
            None if !self.unknown.contains(&text) => {
                self.unknown.push(text).map_err(|_| Refusal::xml("too many unknown CPU features"))
            }
            _ => Err(Refusal { class: Class::Xml, message: Message::Duplicate(text) }),
        }
    }

    /// Returns the features as those of `role`, and the first one that the CPU map does not have.
    pub(super) fn of(&self, role: Role) -> (Definition<'static>, Option<Name>) {
        let mut definition = Definition::new(role);
        for policy in Policy::ALL {
            let counts = if let Role::Host { .. } = role { Policy::Require } else { policy };
            definition.extend(counts, self.named.named(policy));
        }
        let unknown = self.unknown.first().and_then(|text| Name::from_text(*text).ok());
        (definition, unknown)
    }
}

pub(super) const fn too_long() -> Refusal<'static> {
    const { assert!(MAX_NAME == 64) };
    Refusal::xml("a name is longer than 64 bytes")
}

fn policy_of(word: Text<'_>) -> Option<Policy> {
    Policy::ALL.into_iter().find(|policy| word == policy.name())
}
