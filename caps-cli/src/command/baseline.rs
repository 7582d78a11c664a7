//! `caps baseline`: a guest CPU that runs on every host of some documents, as `virsh cpu-baseline` makes it.

use crate::definition::{PlacedCpu, cpus};
use crate::input::{Input, refuse_at};
use crate::{Arguments, BaselineArguments, Failure, output};
use caps_xml::cpu::{Baseline, BaselineBuilder};
use std::path::{Path, PathBuf};

pub(crate) fn run(arguments: &Arguments, asked: &BaselineArguments) -> Result<(), Failure> {
    let mut baseline = baseline(&read(&asked.files)?)?;
    if asked.migratable {
        baseline = baseline.migratable();
    }
    let file = arguments.output.as_deref();
    output::to(file, |writer| write!(writer, "{}", baseline.element(asked.features)))
}

/// All CPUs of `files`, in order.
fn read(files: &[PathBuf]) -> Result<Vec<(&Path, PlacedCpu)>, Failure> {
    let mut all = Vec::new();
    for file in files {
        let found = cpus(&Input::read(file)?)?;
        all.extend(found.into_iter().map(|cpu| (file.as_path(), cpu)));
    }
    Ok(all)
}

fn baseline(cpus: &[(&Path, PlacedCpu)]) -> Result<Baseline, Failure> {
    let mut builder = BaselineBuilder::default();
    for (file, PlacedCpu { place, cpu }) in cpus {
        builder.add(cpu).map_err(|refusal| refuse_at(file, *place, refusal))?;
    }
    // No single CPU is to blame.
    builder.finish().map_err(|refusal| Failure::Refused(refusal.to_string()))
}
