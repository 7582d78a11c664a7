//! The choice for people, in lines of at most 80 columns.

use super::why::Why;
use caps_cpu::x86::{Brand, Candidate, Feature, FeatureSet, Source, Vendor};
use std::io::{self, Write};

const COLUMNS: usize = 80;
/// Where text begins behind the label of a line.
const HEAD_INDENT: usize = 12;
/// Where names begin behind the register that they are found in.
const FEATURE_INDENT: usize = 26;
/// Runners-up of other signatures that are shown; all of the processor's own are.
const OTHERS: usize = 4;

pub(super) fn print(why: &Why, writer: &mut dyn Write) -> io::Result<()> {
    let signature = why.data.signature;
    let (family, model, stepping) = (signature.family, signature.model, signature.stepping);
    let brand = why.brand.as_ref().map_or("unknown", Brand::name);
    head(writer, "Processor", brand)?;
    head(writer, "Vendor", why.data.vendor.map_or("unknown to libvirt", Vendor::name))?;
    head(writer, "Signature", &format!("family {family}, model {model}, stepping {stepping}"))?;
    head(writer, "Model", &choice(why.chosen.as_ref()))?;
    if !why.broken.is_empty() {
        head(writer, "Ignored", &format!("{}: broken on this processor", why.broken))?;
    }
    runners_up(why, writer)?;
    features(why, writer)
}

fn head(writer: &mut dyn Write, label: &str, text: &str) -> io::Result<()> {
    wrap(writer, label, HEAD_INDENT, text.split(' '))
}

fn choice(chosen: Option<&Candidate>) -> String {
    let Some(Candidate { model, matches_signature, .. }) = chosen else {
        return "none: this processor lacks something of every model".into();
    };
    let (name, count) = (model.name(), model.features().len());
    let reason = if *matches_signature {
        "the largest of this signature that fits:"
    } else {
        "the largest that fits, as none of this signature does:"
    };
    format!("{name}, {reason} all its {count} features are there")
}

fn runners_up(why: &Why, writer: &mut dyn Write) -> io::Result<()> {
    writeln!(writer, "\nRunners-up, and what this processor lacks of each")?;
    let own = why.runners_up.iter().filter(|candidate| candidate.matches_signature).count();
    let count = why.runners_up.len().min(own + OTHERS);
    let (shown, more) = why.runners_up.split_at(count);
    for alike in shown.chunk_by(|a, b| a.missing == b.missing) {
        alike.iter().try_for_each(|candidate| runner_up(candidate, writer))?;
        alike.first().map_or(Ok(()), |candidate| missing(&candidate.missing, writer))?;
    }
    match more.len() {
        0 if shown.is_empty() => writeln!(writer, "  none"),
        0 => Ok(()),
        count => writeln!(writer, "  and {count} further off, which --json lists"),
    }
}

fn runner_up(candidate: &Candidate, writer: &mut dyn Write) -> io::Result<()> {
    let Candidate { model, matches_signature, missing } = candidate;
    let signature = if *matches_signature { " (of this signature)" } else { "" };
    writeln!(writer, "  {}{signature} lacks {}", model.name(), missing.len())
}

fn missing(features: &FeatureSet, writer: &mut dyn Write) -> io::Result<()> {
    let width = features.iter().map(|feature| feature.name().len()).max().unwrap_or(0);
    features.iter().try_for_each(|feature| {
        let (name, at) = (feature.name(), feature.origin());
        let kind = if let Source::Cpuid { .. } = at.source { "CPUID " } else { "" };
        writeln!(writer, "    {name:<width$}  {kind}{at}")
    })
}

fn features(why: &Why, writer: &mut dyn Write) -> io::Result<()> {
    let all = why.data.features;
    // Without a model there is nothing to tell apart.
    let own = why.chosen.map_or(all, |chosen| chosen.model.features());
    let beyond = match all.difference(&own).len() {
        0 => String::new(),
        count => format!(", {count} of them beyond the model: +"),
    };
    writeln!(writer, "\nFeatures: {}{beyond}", all.len())?;
    let all: Vec<Feature> = all.iter().collect();
    for register in all.chunk_by(|a, b| origin(*a) == origin(*b)) {
        let label = register.first().map(|feature| origin(*feature)).unwrap_or_default();
        let names = register.iter().map(|feature| marked(*feature, &own));
        wrap(writer, &format!("  {label}"), FEATURE_INDENT, names)?;
    }
    Ok(())
}

/// The register of a leaf, or the MSR.
fn origin(feature: Feature) -> String {
    let at = feature.origin();
    match at.source {
        Source::Cpuid { leaf, subleaf } => {
            format!("CPUID {leaf:#x}.{subleaf} {}", at.register.name())
        }
        Source::Msr { index } => format!("MSR {index:#x}"),
    }
}

fn marked(feature: Feature, own: &FeatureSet) -> String {
    let mark = if own.contains(feature) { "" } else { "+" };
    format!("{mark}{}", feature.name())
}

/// Writes `words` from column `indent` on, on as many lines as they need, with `label` in front of the first.
fn wrap(
    writer: &mut dyn Write,
    label: &str,
    indent: usize,
    words: impl Iterator<Item = impl AsRef<str>>,
) -> io::Result<()> {
    let mut line = format!("{label:<indent$}");
    for (at, word) in words.enumerate() {
        let word = word.as_ref();
        if at > 0 && line.len() + 1 + word.len() > COLUMNS {
            writeln!(writer, "{line}")?;
            line = format!("{:indent$}{word}", "");
        } else {
            line.push_str(if at > 0 { " " } else { "" });
            line.push_str(word);
        }
    }
    writeln!(writer, "{}", line.trim_end())
}
