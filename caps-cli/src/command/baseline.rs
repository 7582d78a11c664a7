//! `caps baseline`: a guest CPU that runs on every host of some documents, as `virsh cpu-baseline` makes it.

use crate::definition::{Cpu, cpus};
use crate::input::{Input, refuse_at};
use crate::{Arguments, BaselineArguments, Failure, output};
use caps_cpu::baseline::{Baseline, BaselineError};
use std::path::{Path, PathBuf};

pub(crate) fn run(arguments: &Arguments, asked: &BaselineArguments) -> Result<(), Failure> {
    let cpus = read(&asked.files)?;
    if let Some((file, cpu)) = cpus.first().filter(|(_, cpu)| cpu.is_foreign()) {
        let arch = cpu.arch.as_deref().unwrap_or_default();
        let what = format!("only x86 CPUs have a baseline here; the architecture is {arch}");
        return Err(refuse_at(file, cpu.place, what));
    }
    let mut baseline = baseline(&cpus)?.of_driver();
    if asked.migratable {
        baseline = baseline.migratable();
    }
    let file = arguments.output.as_deref();
    output::to(file, |writer| write!(writer, "{}", baseline.element(asked.features)))
}

/// All CPUs of `files`, in order.
fn read(files: &[PathBuf]) -> Result<Vec<(&Path, Cpu)>, Failure> {
    let mut all = Vec::new();
    for file in files {
        let found = cpus(&Input::read(file)?)?;
        all.extend(found.into_iter().map(|cpu| (file.as_path(), cpu)));
    }
    Ok(all)
}

fn baseline(cpus: &[(&Path, Cpu)]) -> Result<Baseline, Failure> {
    let mut last = None;
    let definitions = cpus.iter().inspect(|cpu| last = Some(*cpu)).map(|(_, cpu)| cpu.definition());
    let made = Baseline::of(definitions);
    made.map_err(|error| match (error, last) {
        // No single one is to blame.
        (BaselineError::Incompatible, _) | (_, None) => Failure::Refused(error.to_string()),
        (error, Some((file, cpu))) => refuse_at(file, cpu.place, error),
    })
}
