//! Baselines of every architecture for which libvirt computes one.

use core::fmt;

use caps_core::Arch;
use caps_cpu::{baseline, ppc64};

use super::refusal::{Class, Refusal};
use super::{Cpu, Name};

/// A baseline being built, one host at a time; the architecture is that of the first.
#[derive(Clone, Copy, Debug, Default)]
pub struct BaselineBuilder(State);

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Empty,
    X86(baseline::BaselineBuilder),
    Ppc64(&'static str),
    /// The model of the first host; libvirt does not look at the others.
    Arm(Name),
}

impl BaselineBuilder {
    /// Adds a host that the baseline must run on.
    ///
    /// # Errors
    /// Returns libvirt's refusal of the host.
    pub fn add(&mut self, cpu: &Cpu) -> Result<(), Refusal<'static>> {
        self.0 = match self.0 {
            State::Empty => State::first(cpu)?,
            State::X86(mut builder) => {
                builder.add(&cpu.definition())?;
                State::X86(builder)
            }
            State::Ppc64(model) => State::Ppc64(ppc64::baseline(Some(model), &cpu.definition())?),
            arm @ State::Arm(_) => arm,
        };
        Ok(())
    }

    /// Returns the baseline of all hosts that were added.
    ///
    /// # Errors
    /// Returns libvirt's refusal if there is no host, or the hosts have nothing in common.
    pub fn finish(self) -> Result<Baseline, Refusal<'static>> {
        Ok(match self.0 {
            State::Empty => return Err(baseline::BaselineError::NoCpus.into()),
            State::X86(builder) => Baseline::X86(builder.finish()?.of_driver()),
            State::Ppc64(model) => Baseline::Ppc64(model),
            State::Arm(model) => Baseline::Arm(model),
        })
    }
}

impl State {
    fn first(cpu: &Cpu) -> Result<Self, Refusal<'static>> {
        let arch = cpu.arch.ok_or(Refusal::xml("Missing CPU architecture"))?;
        if arch.is_x86() {
            let mut builder = baseline::BaselineBuilder::default();
            builder.add(&cpu.definition())?;
            return Ok(Self::X86(builder));
        }
        match arch.name() {
            "ppc64" | "ppc64le" => Ok(Self::Ppc64(ppc64::baseline(None, &cpu.definition())?)),
            "aarch64" | "armv6l" | "armv7b" | "armv7l" => {
                cpu.model.map(Self::Arm).ok_or(Refusal::xml("Missing CPU model name"))
            }
            _ => Err(without_baseline(arch)),
        }
    }
}

fn without_baseline(arch: Arch) -> Refusal<'static> {
    let (before, after) = match arch.has_cpu_driver() {
        true => ("cannot compute baseline CPU of ", " architecture"),
        false => ("'", "' architecture is not supported by CPU driver"),
    };
    Refusal::named(Class::NoSupport, before, Name::from_str_lossy(arch.name()), after)
}

/// A guest's CPU that runs on every host that it was made of. Displays as the `<cpu>` element.
#[derive(Clone, Copy, Debug)]
pub enum Baseline {
    /// Model and features that all hosts have.
    X86(baseline::Baseline),
    /// The one model of all hosts.
    Ppc64(&'static str),
    /// The model of the first host, as its document names it.
    Arm(Name),
}

impl Baseline {
    /// Removes the features that prevent migration: `--migratable`.
    #[must_use]
    pub fn migratable(self) -> Self {
        match self {
            Self::X86(baseline) => Self::X86(baseline.migratable()),
            other => other,
        }
    }

    /// Returns the element; with `expanded` it lists the features of the model too.
    pub const fn element(&self, expanded: bool) -> BaselineElement<'_> {
        BaselineElement { baseline: self, expanded }
    }
}

/// Element of a [`Baseline`].
#[derive(Clone, Copy, Debug)]
pub struct BaselineElement<'b> {
    baseline: &'b Baseline,
    expanded: bool,
}

impl fmt::Display for BaselineElement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.baseline {
            Baseline::X86(baseline) => baseline.element(self.expanded).fmt(f),
            Baseline::Ppc64(model) => model_alone(f, "forbid", model),
            Baseline::Arm(model) => model_alone(f, "allow", model.as_str()),
        }
    }
}

fn model_alone(f: &mut fmt::Formatter<'_>, fallback: &str, model: &str) -> fmt::Result {
    write!(f, "<cpu mode='custom' match='exact'>\n  <model fallback='{fallback}'>")?;
    escaped(f, model)?;
    f.write_str("</model>\n</cpu>\n")
}

fn escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    use fmt::Write;
    text.chars().try_for_each(|c| match c {
        '<' => f.write_str("&lt;"),
        '>' => f.write_str("&gt;"),
        '&' => f.write_str("&amp;"),
        '"' => f.write_str("&quot;"),
        '\'' => f.write_str("&apos;"),
        _ => f.write_char(c),
    })
}
