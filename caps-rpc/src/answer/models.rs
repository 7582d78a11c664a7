//! CPU models: their names, whether the host can run one, and one that all hosts can run.

use crate::fault::{Code, Domain, Fault, What, Why};
use crate::node::Node;
use crate::xdr::{Texts, Writer};
use caps_core::Arch;
use caps_cpu::compare::{Comparison, compare as compare_sets};
use caps_cpu::definition::Definition;
use caps_cpu::{ppc64, x86};
use caps_xml::cpu::{BaselineBuilder, Cpu, Expected, Refusal};

/// Baseline: list every feature, the model's too.
const EXPAND_FEATURES: u32 = 1;
/// Baseline: leave out what keeps a guest from being moved.
const MIGRATABLE: u32 = 2;
/// Compare: a CPU that the host cannot run is an error, which tells why.
const FAIL_INCOMPATIBLE: u32 = 1;

/// `VIR_CPU_COMPARE_*`
const INCOMPATIBLE: i32 = 0;
const IDENTICAL: i32 = 1;
const SUPERSET: i32 = 2;

pub(super) fn names<'a>(
    arch: &'a [u8],
    names: bool,
    flags: u32,
    writer: &mut Writer<'_>,
) -> Result<(), Fault<'a>> {
    Fault::check_flags(Domain::QEMU, "qemuConnectGetCPUModelNames", flags, 0)?;
    let known = str::from_utf8(arch).ok().and_then(Arch::from_name);
    let Some(known) = known else {
        let what = What::Text { before: "cannot find architecture ", text: arch, behind: "" };
        return Err(Fault { code: Code::INVALID_ARG, domain: Domain::QEMU, what });
    };
    match known {
        _ if known.is_x86() => list(x86::Model::all().map(x86::Model::name), names, writer),
        Arch::PPC64 | Arch::PPC64LE => list(ppc64::models(), names, writer),
        _ if known.has_cpu_driver() => list([].into_iter(), names, writer),
        _ => return Err(without_driver(arch)),
    }
    Ok(())
}

/// The names, if they are wanted, and their number.
fn list(all: impl Iterator<Item = &'static str>, wanted: bool, writer: &mut Writer<'_>) {
    let (at, mut count) = (writer.len(), 0);
    writer.u32(0);
    for name in all {
        count += 1;
        if wanted {
            writer.text(name.as_bytes());
        }
    }
    writer.patch(at, if wanted { count } else { 0 });
    writer.u32(count);
}

fn without_driver<'a>(arch: &'a [u8]) -> Fault<'a> {
    let behind = "' architecture is not supported by CPU driver";
    let what = What::Text { before: "'", text: arch, behind };
    Fault { code: Code::NO_SUPPORT, domain: Domain::CPU, what }
}

pub(super) fn compare<'a>(
    node: &mut dyn Node,
    cpu: &'a [u8],
    flags: u32,
    writer: &mut Writer<'_>,
) -> Result<(), Fault<'a>> {
    // Without libvirt's schema nothing can be held against it.
    Fault::check_flags(Domain::QEMU, "qemuConnectCompareCPU", flags, FAIL_INCOMPATIBLE)?;
    let asked = read(cpu, Expected::Any)?;
    if let Some(arch) = node.arch().filter(|arch| !arch.is_x86()) {
        return Err(without_driver(arch.name().as_bytes()));
    }
    let mut answer = Ok(INCOMPATIBLE);
    node.host_cpu(&mut |host| answer = relation(host, &asked, flags & FAIL_INCOMPATIBLE != 0))?;
    writer.i32(answer?);
    Ok(())
}

fn read(document: &[u8], expected: Expected) -> Result<Cpu, Fault<'_>> {
    Cpu::read_document(document, expected).map_err(|error| Fault::of_cpu(document, error))
}

/// How `asked` relates to `host`; that it `must` run there makes everything else an error.
fn relation<'a>(host: &Definition<'_>, asked: &Cpu, must: bool) -> Result<i32, Fault<'a>> {
    match compare_sets(host, &asked.definition()) {
        Ok(Comparison::Identical) => Ok(IDENTICAL),
        Ok(Comparison::Superset) => Ok(SUPERSET),
        Ok(Comparison::Incompatible(reason)) if must => {
            let what = What::Incompatible(asked.incompatibility(reason));
            Err(Fault { code: Code::CPU_INCOMPATIBLE, domain: Domain::CPU, what })
        }
        Ok(Comparison::Incompatible(_)) => Ok(INCOMPATIBLE),
        Err(unknown) => Err(Refusal::from(unknown).into()),
    }
}

pub(super) fn baseline<'a>(
    cpus: Texts<'a>,
    flags: u32,
    writer: &mut Writer<'_>,
) -> Result<(), Fault<'a>> {
    let known = EXPAND_FEATURES | MIGRATABLE;
    Fault::check_flags(Domain::QEMU, "qemuConnectBaselineCPU", flags, known)?;
    if cpus.is_empty() {
        let why = Why::Is("must not be NULL");
        return Err(Fault::argument(Domain::DOM, "virConnectBaselineCPU", "xmlCPUs", why));
    }
    // libvirt parses all documents before it combines any.
    let mut documents = cpus;
    documents.try_for_each(|cpu| read(cpu, Expected::Host).map(drop))?;
    let mut builder = BaselineBuilder::default();
    for cpu in cpus {
        builder.add(&read(cpu, Expected::Host)?)?;
    }
    let mut baseline = builder.finish()?;
    if flags & MIGRATABLE != 0 {
        baseline = baseline.migratable();
    }
    writer.display(&baseline.element(flags & EXPAND_FEATURES != 0));
    Ok(())
}
