//! What an emulator offers.

use crate::machine::{self, Machine};
use crate::query::{Query, TCG};
use crate::rejection::{Rejection, TargetName};
use crate::reply::Replies;
use crate::target;
use caps_core::Arch;
use caps_roster::Accelerator;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The oldest QEMU that libvirt 12.8.0 takes.
const OLDEST: (u32, u32) = (7, 2);

/// What an emulator offers, as far as `<guest>` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmulatorFacts {
    /// Its version: major, minor, micro.
    pub version: [u32; 3],
    /// The architecture that it emulates, by its own word.
    pub arch: Arch,
    /// Whether it emulates without help from hardware: `<domain type='qemu'>`.
    pub tcg: bool,
    /// What else it runs on.
    pub accelerator: Option<Accelerator>,
    /// Its `<machine>`s, in the order of printing.
    pub machines: Vec<Machine>,
}

impl EmulatorFacts {
    /// What the answers amount to.
    ///
    /// # Errors
    /// The reason for which libvirt leaves this emulator out.
    pub fn of(replies: &Replies<'_>) -> Result<Self, Rejection> {
        let version = version(replies)?;
        let arch = arch(replies)?;
        let accelerator = accelerator(replies)?;
        let tcg = tcg(replies)?;
        let machines = replies.needed(Query::Machines)?;
        if replies.second_start_failed() && tcg && accelerator.is_some() {
            return Err(Rejection::SecondStart);
        }
        let machines = machine::listed(machines, target::preferred_machine(arch));
        Ok(Self { version, arch, tcg, accelerator, machines })
    }
}

fn version(replies: &Replies<'_>) -> Result<[u32; 3], Rejection> {
    #[derive(Deserialize)]
    struct Version {
        qemu: Triple,
    }
    #[derive(Deserialize)]
    struct Triple {
        major: u32,
        minor: u32,
        #[serde(default)]
        micro: u32,
    }
    let Version { qemu: Triple { major, minor, micro } } = replies.needed(Query::Version)?;
    if (major, minor) < OLDEST {
        return Err(Rejection::TooOld { major, minor });
    }
    Ok([major, minor, micro])
}

fn arch(replies: &Replies<'_>) -> Result<Arch, Rejection> {
    #[derive(Deserialize)]
    struct Target {
        arch: String,
    }
    let Target { arch } = replies.needed(Query::Target)?;
    target::reported(&arch).ok_or_else(|| Rejection::UnknownTarget(TargetName::new(&arch)))
}

/// By the newer question where the emulator knows it.
fn accelerator(replies: &Replies<'_>) -> Result<Option<Accelerator>, Rejection> {
    #[derive(Deserialize)]
    struct Accelerators {
        enabled: String,
    }
    match replies.answer::<Accelerators>(Query::Accelerators) {
        None | Some(Err(Rejection::Refused(_))) => kvm(replies),
        Some(answer) => answer.map(|accelerators| match accelerators.enabled.as_str() {
            "kvm" => Some(Accelerator::Kvm),
            "hvf" => Some(Accelerator::Hvf),
            "mshv" => Some(Accelerator::Hyperv),
            _ => None,
        }),
    }
}

fn kvm(replies: &Replies<'_>) -> Result<Option<Accelerator>, Rejection> {
    #[derive(Deserialize)]
    struct Kvm {
        present: bool,
        enabled: bool,
    }
    let Kvm { present, enabled } = replies.needed(Query::Kvm)?;
    Ok((present && enabled).then_some(Accelerator::Kvm))
}

/// By the list of types where there is one, or else by whether the type has properties.
fn tcg(replies: &Replies<'_>) -> Result<bool, Rejection> {
    #[derive(Deserialize)]
    struct Type {
        name: String,
    }
    let types = replies.answer::<Vec<Type>>(Query::Types);
    if let Some(types) = types {
        return types.map(|types| types.iter().any(|listed| listed.name == TCG));
    }
    match replies.answer::<IgnoredAny>(Query::TcgProperties) {
        None => Err(Rejection::Missing(Query::Types)),
        Some(Err(Rejection::Refused(_))) => Ok(false),
        Some(answer) => answer.map(|_| true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an emulator says that has nothing odd, apart from the answers to `odd`.
    fn facts(odd: &[(&str, &str)]) -> Result<EmulatorFacts, Rejection> {
        let usual = [
            ("query-version", r#""return":{"qemu":{"major":11,"minor":1}}"#),
            ("query-target", r#""return":{"arch":"x86_64"}"#),
            ("query-kvm", r#""return":{"present":true,"enabled":true}"#),
            ("qom-list-types", r#""return":[{"name":"tcg-accel"}]"#),
            ("query-machines", r#""return":[{"name":"pc-1","alias":"pc"}]"#),
        ];
        let all = odd.iter().chain(&usual);
        let text: String =
            all.map(|(command, rest)| format!("{{\"execute\":\"{command}\",{rest}}}\n")).collect();
        EmulatorFacts::of(&Replies::read(text.as_bytes())?)
    }

    /// The accelerator and whether there is TCG.
    fn domains(odd: &[(&str, &str)]) -> (Option<Accelerator>, bool) {
        let facts = facts(odd).unwrap();
        (facts.accelerator, facts.tcg)
    }

    #[test]
    fn domains_by_accelerator() {
        let kvm = (Some(Accelerator::Kvm), true);
        assert_eq!(domains(&[]), kvm);
        let disabled = r#""return":{"present":true,"enabled":false}"#;
        assert_eq!(domains(&[("query-kvm", disabled)]), (None, true));
        assert_eq!(domains(&[("query-accelerators", r#""error":{}"#)]), kvm);
        let accelerators = [
            ("kvm", Some(Accelerator::Kvm)),
            ("hvf", Some(Accelerator::Hvf)),
            ("mshv", Some(Accelerator::Hyperv)),
            ("qtest", None),
        ];
        for (enabled, accelerator) in accelerators {
            let answer = format!(r#""return":{{"enabled":"{enabled}"}}"#);
            let odd = [("query-accelerators", &*answer), ("qom-list-types", r#""return":[]"#)];
            assert_eq!(domains(&odd), (accelerator, false));
        }
    }

    #[test]
    fn what_makes_no_sense_is_rejected() {
        let rejected = |command, rest| facts(&[(command, rest)]).unwrap_err();
        let old = rejected("query-version", r#""return":{"qemu":{"major":7,"minor":1}}"#);
        assert_eq!(old, Rejection::TooOld { major: 7, minor: 1 });
        let avr = rejected("query-target", r#""return":{"arch":"avr"}"#);
        assert_eq!(avr, Rejection::UnknownTarget(TargetName::new("avr")));
        let refused = rejected("query-machines", r#""error":{"class":"GenericError"}"#);
        assert_eq!(refused, Rejection::Refused(Query::Machines));
        let malformed = rejected("query-machines", r#""return":[{"alias":"pc"}]"#);
        assert_eq!(malformed, Rejection::Malformed(Query::Machines));
        let second = rejected("query-machines", r#""probe":"tcg","error":{}"#);
        assert_eq!(second, Rejection::SecondStart);
        assert_eq!(facts(&[]).map(|facts| facts.version), Ok([11, 1, 0]));
    }

    #[test]
    fn without_an_answer_it_is_rejected() {
        let nothing = Replies::read(b"").unwrap();
        assert_eq!(EmulatorFacts::of(&nothing), Err(Rejection::Missing(Query::Version)));
    }
}
