//! A guest definition as XML: `<cpu mode='custom' match='exact'>`.
use core::fmt;

use crate::baseline::Baseline;
use crate::x86::{Feature, Policy, Vendor};

/// The element of a [`Baseline`], which it displays line by line.
#[derive(Clone, Copy, Debug)]
pub struct Element<'b> {
    of: &'b Baseline,
    expanded: bool,
}

impl Baseline {
    /// The element; with `expanded` it lists every feature, the model's too, by name.
    #[must_use]
    pub const fn element(&self, expanded: bool) -> Element<'_> {
        Element { of: self, expanded }
    }
}

impl fmt::Display for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Baseline { cpu, forbids_fallback } = self.of;
        let fallback = if *forbids_fallback { "forbid" } else { "allow" };
        f.write_str("<cpu mode='custom' match='exact'>\n")?;
        writeln!(f, "  <model fallback='{fallback}'>{}</model>", cpu.model.name())?;
        if let Some(vendor) = cpu.vendor.map(Vendor::name) {
            writeln!(f, "  <vendor>{vendor}</vendor>")?;
        }
        if self.expanded {
            features(f, self.of.expanded().features())?;
        } else {
            features(f, cpu.features())?;
        }
        f.write_str("</cpu>\n")
    }
}

fn features(
    f: &mut fmt::Formatter<'_>,
    mut features: impl Iterator<Item = (Feature, Policy)>,
) -> fmt::Result {
    features.try_for_each(|(feature, policy)| {
        writeln!(f, "  <feature policy='{}' name='{}'/>", policy.name(), feature.name())
    })
}
