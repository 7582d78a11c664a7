//! `caps compare`: whether a host can run a CPU, in the words of `virsh cpu-compare`.

use crate::definition::first_cpu;
use crate::input::Input;
use crate::{Arguments, CompareArguments, Failure, Status, host, output};
use caps_core::{Arch, Caps};
use caps_cpu::compare::{Comparison, compare};
use caps_cpu::definition::Definition;
use caps_xml::cpu::{Cpu, Incompatibility, Refusal, host_definition};
use std::fmt::Display;
use std::path::Path;

pub(crate) fn run(arguments: &Arguments, asked: &CompareArguments) -> Result<Status, Failure> {
    let question = Question { cpu: first(&asked.file)?, file: &asked.file };
    let answer = match &asked.host {
        Some(file) => question.against(&first(file)?)?,
        None => host::with(arguments, |host| {
            host::capabilities(host, caps_linux::Guests::None, &mut (), |caps| {
                question.against_caps(caps)
            })
        })?,
    };
    match &answer {
        Answer::Incompatible(reason) if asked.error => {
            Err(question.failed(format!("the CPU is incompatible with host CPU: {reason}")))
        }
        _ => {
            let line = answer.line(&asked.file);
            output::to(arguments.output.as_deref(), |writer| writeln!(writer, "{line}"))?;
            Ok(answer.status())
        }
    }
}

/// The first CPU of a file.
fn first(file: &Path) -> Result<Cpu, Failure> {
    Ok(first_cpu(&Input::read(file)?)?.cpu)
}

/// A CPU that a host is to run.
struct Question<'f> {
    cpu: Cpu,
    file: &'f Path,
}

impl Question<'_> {
    /// Of a host that a document describes.
    fn against(&self, host: &Cpu) -> Result<Answer, Failure> {
        match host.arch().filter(|_| host.is_foreign()) {
            Some(arch) => Err(not_x86(arch.name())),
            None => self.answer(&host.definition()),
        }
    }

    fn against_caps(&self, caps: &Caps<'_>) -> Result<Answer, Failure> {
        match caps.arch() {
            Some(arch) if arch.is_x86() => self.answer(&host_definition(caps)),
            arch => Err(not_x86(arch.map_or("unknown", Arch::name))),
        }
    }

    fn answer(&self, host: &Definition<'_>) -> Result<Answer, Failure> {
        Ok(match compare(host, &self.cpu.definition()) {
            Ok(Comparison::Identical) => Answer::Identical,
            Ok(Comparison::Superset) => Answer::Superset,
            Ok(Comparison::Incompatible(reason)) => {
                Answer::Incompatible(self.cpu.incompatibility(reason))
            }
            Err(unknown) => return Err(self.failed(Refusal::from(unknown))),
        })
    }

    fn failed(&self, what: impl Display) -> Failure {
        let file = self.file.display();
        Failure::Refused(format!("Failed to compare host CPU with {file}: {what}"))
    }
}

enum Answer {
    Identical,
    Superset,
    /// And why.
    Incompatible(Incompatibility),
}

impl Answer {
    fn line(&self, file: &Path) -> String {
        let file = file.display();
        match self {
            Self::Identical => format!("CPU described in {file} is identical to host CPU"),
            Self::Superset => format!("Host CPU is a superset of CPU described in {file}"),
            Self::Incompatible(_) => {
                format!("CPU described in {file} is incompatible with host CPU")
            }
        }
    }

    const fn status(&self) -> Status {
        if let Self::Incompatible(_) = self { Status::No } else { Status::Complete }
    }
}

fn not_x86(arch: &str) -> Failure {
    Failure::Refused(format!("only x86 CPUs can be compared; the host's architecture is {arch}"))
}
