//! The `<cpu>` element itself.

use crate::output::WriteSink;
use caps_core::{Arch, Builder, Caps, HostCpu, Signature, storage};
use caps_cpu::x86::{Feature, FeatureSet, Model, Vendor};
use std::io::{self, Write};

/// As the document has it; with `expanded` its features are all that the CPU has.
pub(super) fn of_host(caps: &Caps<'_>, expanded: bool, writer: &mut dyn Write) -> io::Result<()> {
    let model = caps.cpu().and_then(|cpu| cpu.model).and_then(Model::by_name);
    match (caps.cpu(), model) {
        (Some(cpu), Some(model)) if expanded => {
            let named = caps.cpu_features().filter_map(|name| std::str::from_utf8(name).ok());
            let beyond: FeatureSet = named.filter_map(Feature::by_name).collect();
            let sizes = caps.page_sizes();
            write(caps.arch(), &cpu, &beyond.union(&model.features()), sizes, writer)
        }
        // Without a model there is nothing to expand.
        _ => caps_xml::write_cpu(caps, &mut WriteSink(writer)),
    }
}

/// What registers alone tell.
pub(super) fn of_dump(
    cpu: &caps_cpu::x86::HostCpu,
    expanded: bool,
    writer: &mut dyn Write,
) -> io::Result<()> {
    let caps_cpu::x86::Signature { family, model, stepping } = cpu.signature;
    let features = if expanded { cpu.all_features() } else { cpu.features };
    let cpu = HostCpu {
        model: Some(cpu.model.name()),
        vendor: cpu.vendor.map(Vendor::name),
        signature: Some(Signature { family, model, stepping }),
        ..HostCpu::default()
    };
    write(Some(Arch::X86_64), &cpu, &features, [], writer)
}

fn write(
    arch: Option<Arch>,
    cpu: &HostCpu<'_>,
    features: &FeatureSet,
    page_sizes_kib: impl IntoIterator<Item = u64>,
    writer: &mut dyn Write,
) -> io::Result<()> {
    // More than all features there are need.
    let mut storage = vec![0; storage::NODE];
    let mut builder = Builder::new(&mut storage);
    builder.arch(arch);
    builder.cpu(cpu, features.iter().map(|feature| feature.name().as_bytes()));
    builder.page_sizes(page_sizes_kib);
    let caps = builder.finish().map_err(io::Error::other)?;
    caps_xml::write_cpu(&caps, &mut WriteSink(writer))
}
