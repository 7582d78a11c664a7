//! A guest definition as XML: `<cpu mode='custom' match='exact'>`.

use caps_cpu::baseline::Baseline;
use caps_cpu::x86::{Feature, Policy, Vendor};
use std::io::{self, Write};

/// Writes the element; with `expanded` it lists every feature, the model's too, by name.
pub(crate) fn write(writer: &mut dyn Write, of: &Baseline, expanded: bool) -> io::Result<()> {
    let fallback = if of.forbids_fallback { "forbid" } else { "allow" };
    writeln!(writer, "<cpu mode='custom' match='exact'>")?;
    writeln!(writer, "  <model fallback='{fallback}'>{}</model>", of.cpu.model.name())?;
    if let Some(vendor) = of.cpu.vendor.map(Vendor::name) {
        writeln!(writer, "  <vendor>{vendor}</vendor>")?;
    }
    if expanded {
        features(writer, of.expanded().features())?;
    } else {
        features(writer, of.cpu.features())?;
    }
    writeln!(writer, "</cpu>")
}

fn features(
    writer: &mut dyn Write,
    mut features: impl Iterator<Item = (Feature, Policy)>,
) -> io::Result<()> {
    features.try_for_each(|(feature, policy)| {
        writeln!(writer, "  <feature policy='{}' name='{}'/>", policy.name(), feature.name())
    })
}
