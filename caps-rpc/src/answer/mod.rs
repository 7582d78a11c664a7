//! What is answered of the machine, one file a topic.

mod cpu;
mod host;
mod memory;
mod models;

use crate::call::Call;
use crate::fault::{Code, Domain, Fault, What};
use crate::node::Node;
use crate::xdr::Writer;

/// Writes the answer to `call` behind what is written already.
pub(crate) fn answer<'a>(
    call: &Call<'a>,
    node: &mut dyn Node,
    writer: &mut Writer<'_>,
) -> Result<(), Fault<'a>> {
    match *call {
        Call::Version => host::version(node, writer),
        Call::Hostname => host::hostname(node, writer),
        Call::NodeInfo => host::info(node, writer),
        Call::SecurityModel => host::security_model(node, writer),
        Call::FreeMemory => memory::free(node, writer),
        Call::CellsFreeMemory { start, most } => memory::cells(node, start, most, writer),
        Call::MemoryStats { params, cell, flags } => {
            memory::stats(node, params, cell, flags, writer)
        }
        Call::FreePages { sizes_kib, start, cells, flags } => {
            Fault::check_flags(Domain::QEMU, "qemuNodeGetFreePages", flags, 0)?;
            memory::pages(node, sizes_kib, start, cells, writer)
        }
        Call::CpuStats { cpu, params, flags } => cpu::stats(node, cpu, params, flags, writer),
        Call::CpuMap { map, online, flags } => {
            Fault::check_flags(Domain::NONE, "virHostCPUGetMap", flags, 0)?;
            cpu::map(node, map, online, writer)
        }
        Call::CpuModelNames { arch, names, flags } => models::names(arch, names, flags, writer),
        Call::CompareCpu { cpu, flags } => models::compare(node, cpu, flags, writer),
        Call::BaselineCpu { cpus, flags } => models::baseline(cpus, flags, writer),
        _ => domains(call, writer),
    }
}

/// There is none.
fn domains<'a>(call: &Call<'a>, writer: &mut Writer<'_>) -> Result<(), Fault<'a>> {
    let what = match *call {
        Call::LookupById(id) => What::DomainId(id),
        Call::LookupByName(text) => {
            What::Text { before: "no domain with matching name '", text, behind: "'" }
        }
        Call::LookupByUuid(uuid) => What::DomainUuid(uuid),
        Call::ListAllDomains => {
            writer.u64(0);
            return Ok(());
        }
        _ => {
            writer.u32(0);
            return Ok(());
        }
    };
    Err(Fault { code: Code::NO_DOMAIN, domain: Domain::QEMU, what })
}
