//! `<machine>`s of an emulator: which come first, and lines for names behind aliases.

use hashbrown::HashSet;
use serde::Deserialize;
use std::sync::Arc;

/// An element of the answer to `query-machines`, as far as it matters.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Said {
    name: Arc<str>,
    alias: Option<Arc<str>>,
    #[serde(default)]
    cpu_max: u32,
    #[serde(default)]
    is_default: bool,
    #[serde(default)]
    deprecated: bool,
}

/// A machine as the document lists it: `<machine canonical='' maxCpus='' deprecated=''>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The name or alias.
    pub name: Arc<str>,
    /// `canonical`: the name behind an alias.
    pub canonical: Option<Arc<str>>,
    /// `maxCpus`; 0 is not printed.
    pub max_cpus: u32,
    /// `deprecated='yes'`
    pub deprecated: bool,
}

impl Machine {
    /// As the model has it.
    pub(crate) fn as_core(&self) -> caps_core::Machine<'_> {
        caps_core::Machine {
            name: self.name.as_bytes(),
            canonical: self.canonical.as_ref().map(|name| name.as_bytes()),
            max_cpus: self.max_cpus,
            deprecated: self.deprecated,
        }
    }
}

/// The machines of the document, in its order, of what an emulator `said`.
pub(crate) fn listed(mut said: Vec<Said>, preferred: Option<&str>) -> Vec<Machine> {
    said.retain(|machine| &*machine.name != "none");
    if let Some(first) = first(&said, preferred) {
        said.get_mut(..=first).unwrap_or_default().rotate_right(1);
    }
    with_canonical(said.into_iter().map(Machine::from).collect())
}

/// Where the machine is that comes first: the last that is preferred, or else the last that is a default.
fn first(said: &[Said], preferred: Option<&str>) -> Option<usize> {
    let preferred =
        preferred.and_then(|name| said.iter().rposition(|machine| machine.goes_by(name)));
    preferred.or_else(|| said.iter().rposition(|machine| machine.is_default))
}

/// Puts a line of its own in front of each alias whose name has none.
fn with_canonical(machines: Vec<Machine>) -> Vec<Machine> {
    let mut names: HashSet<_> = machines.iter().map(|machine| machine.name.clone()).collect();
    let mut all = Vec::with_capacity(machines.len());
    for machine in machines {
        if let Some(name) = machine.canonical.clone().filter(|name| names.insert(name.clone())) {
            all.push(Machine { name, canonical: None, ..machine });
        }
        all.push(machine);
    }
    all
}

impl Said {
    fn goes_by(&self, name: &str) -> bool {
        &*self.name == name || self.alias.as_deref() == Some(name)
    }
}

impl From<Said> for Machine {
    fn from(said: Said) -> Self {
        let Said { name, alias, cpu_max: max_cpus, deprecated, .. } = said;
        let (name, canonical) = match alias {
            Some(alias) => (alias, Some(name)),
            None => (name, None),
        };
        Self { name, canonical, max_cpus, deprecated }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(name: &str, alias: Option<&str>, is_default: bool) -> Said {
        let alias = alias.map(Arc::from);
        Said { name: name.into(), alias, cpu_max: 1, is_default, deprecated: false }
    }

    fn names(said: &[Said], preferred: Option<&str>) -> Vec<String> {
        let machines = listed(said.to_vec(), preferred);
        machines.into_iter().map(|machine| machine.name.to_string()).collect()
    }

    #[test]
    fn the_last_preferred_comes_first() {
        let all = [
            said("a", None, true),
            said("b", Some("p"), false),
            said("p", None, false),
            said("none", None, true),
        ];
        assert_eq!(names(&all, Some("p")), ["p", "a", "b", "p"]);
        assert_eq!(names(&all, Some("q")), ["a", "b", "p", "p"]);
        assert_eq!(names(&all[..2], None), ["a", "b", "p"]);
        assert_eq!(names(&all[3..], None), Vec::<String>::new());
    }

    #[test]
    fn a_name_behind_an_alias_has_one_line() {
        let all = [
            said("x", Some("y"), false),
            said("x", Some("z"), false),
            said("self", Some("self"), false),
            said("later", Some("l"), false),
            said("later", None, false),
        ];
        assert_eq!(names(&all, None), ["x", "y", "z", "self", "l", "later"]);
    }

    proptest! {
        #[test]
        fn every_name_is_listed(all: Vec<(u8, Option<u8>, bool)>, preferred: u8) {
            let said: Vec<_> = all
                .iter()
                .map(|(name, alias, default)| said(&name.to_string(), alias.map(|alias| alias.to_string()).as_deref(), *default))
                .collect();
            let names = names(&said, Some(&preferred.to_string()));
            prop_assert!(all.iter().all(|(name, ..)| names.contains(&name.to_string())));
            prop_assert!(names.len() >= all.len());
        }
    }
}
