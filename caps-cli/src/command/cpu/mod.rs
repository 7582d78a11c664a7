//! `caps cpu`: the `<cpu>` element of a host or of recorded registers, and why it is what it is.

mod element;
mod json;
mod pasted;
mod text;
mod why;

use self::why::Why;
use crate::input::Input;
use crate::{Arguments, CpuArguments, Failure, host, output};
use caps_core::Arch;
use caps_cpu::baseline::Baseline;
use caps_cpu::dump::Dump;
use caps_cpu::x86::{CpuData, ModelSet, NoModel};
use caps_cpu::{CpuidSource, SourceFailure};
use caps_linux::{Errno, Guests, Host};
use std::path::Path;

pub(crate) fn run(arguments: &Arguments, asked: &CpuArguments) -> Result<(), Failure> {
    match &asked.cpuid {
        Some(file) => of_dump(arguments, asked, file),
        None => host::with(arguments, |host| of_host(arguments, asked, host)),
    }
}

fn of_dump(arguments: &Arguments, asked: &CpuArguments, file: &Path) -> Result<(), Failure> {
    let input = Input::read(file)?;
    let text = pasted::plain(&input.bytes);
    let dump = Dump::parse(text.as_bytes()).map_err(|error| {
        Failure::Refused(format!("{}:{}: {}", input.name(), error.line, error.sentence()))
    })?;
    warn_of_missing(&input, &dump);
    let data = if asked.as_probed { CpuData::as_probed(&dump) } else { CpuData::as_given(&dump) };
    if asked.of_registers() {
        return of_registers(arguments, asked, &dump, &data);
    }
    let cpu = data.decode_host().map_err(no_model)?;
    let file = arguments.output.as_deref();
    output::to(file, |writer| element::of_dump(&cpu, asked.expand, writer))
}

/// Lists the leaves that the dump announces and does not have: features in them are taken as absent.
fn warn_of_missing(input: &Input, dump: &Dump<'_>) {
    let name = |(leaf, subleaf)| match subleaf {
        0 => format!("{leaf:#x}"),
        _ => format!("{leaf:#x}/{subleaf}"),
    };
    let missing: Vec<String> = dump.missing().map(name).collect();
    if !missing.is_empty() {
        let (file, missing) = (input.name(), missing.join(" "));
        eprintln!("caps: {file}: warning: the dump is incomplete, leaves are missing: {missing}");
    }
}

fn of_host(arguments: &Arguments, asked: &CpuArguments, host: &Host<'_>) -> Result<(), Failure> {
    if asked.of_registers() {
        let source = registers(host)?;
        let data = CpuData::as_probed(source);
        return match source.take_failure() {
            Some(SourceFailure { source, errno }) => Err(Failure::call(source)(Errno(errno))),
            None => of_registers(arguments, asked, source, &data),
        };
    }
    host::capabilities(host, Guests::None, &mut (), |caps| {
        let file = arguments.output.as_deref();
        output::to(file, |writer| element::of_host(caps, asked.expand, writer))
    })
}

/// CPUID of an x86 host.
fn registers<'h>(host: &Host<'h>) -> Result<&'h dyn CpuidSource, Failure> {
    let machine = host.facts.machine;
    if !Arch::from_machine(machine).is_some_and(Arch::is_x86) {
        return Err(Failure::Refused(format!("only x86 has CPUID; this host is '{machine}'")));
    }
    host.cpuid.ok_or_else(|| Failure::Refused("this recorded host has no CPUID".into()))
}

/// What can be said of registers alone.
fn of_registers<S: CpuidSource + ?Sized>(
    arguments: &Arguments,
    asked: &CpuArguments,
    source: &S,
    data: &CpuData,
) -> Result<(), Failure> {
    let file = arguments.output.as_deref();
    if asked.guest {
        let guest = guest(data)?;
        return output::to(file, |writer| write!(writer, "{}", guest.element(asked.expand)));
    }
    let why = Why::of(source, data);
    output::to(file, |writer| {
        if asked.json { json::print(&why, writer) } else { text::print(&why, writer) }
    })?;
    data.decode_host().map(drop).map_err(no_model)
}

/// The guest definition of this processor alone.
fn guest(data: &CpuData) -> Result<Baseline, Failure> {
    let cpu = data.decode_guest(&ModelSet::default()).ok_or_else(|| no_model(NoModel))?;
    Ok(Baseline { cpu, forbids_fallback: true })
}

/// With the words that libvirt has for it, for those who look for them.
fn no_model(error: NoModel) -> Failure {
    Failure::Refused(format!("{error} (libvirt: Cannot find suitable CPU model for given data)"))
}
