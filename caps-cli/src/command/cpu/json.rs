//! The choice for programs.

use super::why::Why;
use caps_cpu::x86::{Brand, Candidate, Feature, FeatureSet, Source, Vendor};
use serde::Serialize;
use std::io::{self, Write};

pub(super) fn print(why: &Why, writer: &mut dyn Write) -> io::Result<()> {
    let explanation = serde_json::to_string_pretty(&Explanation::of(why));
    writeln!(writer, "{}", explanation.map_err(io::Error::other)?)
}

#[derive(Serialize)]
struct Explanation<'w> {
    /// The name that the maker gave it.
    brand: Option<&'w str>,
    vendor: Option<&'static str>,
    signature: Signature,
    /// `null` where no model fits.
    model: Option<Chosen>,
    /// Models that fit less well than they name more; nearest first.
    runners_up: Vec<RunnerUp>,
    /// All that count, in the order of the map.
    features: Vec<Found>,
    /// Features that are there and do not count.
    broken: Vec<Place>,
}

#[derive(Serialize)]
struct Signature {
    family: u16,
    model: u8,
    stepping: u8,
}

#[derive(Serialize)]
struct Chosen {
    name: &'static str,
    matches_signature: bool,
}

#[derive(Serialize)]
struct RunnerUp {
    name: &'static str,
    matches_signature: bool,
    missing: Vec<Place>,
}

#[derive(Serialize)]
struct Found {
    #[serde(flatten)]
    place: Place,
    /// Whether it belongs to the chosen model.
    in_model: bool,
}

/// A feature and its bit.
#[derive(Serialize)]
struct Place {
    name: &'static str,
    #[serde(flatten)]
    origin: Origin,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Origin {
    Cpuid {
        leaf: u32,
        subleaf: u8,
        register: &'static str,
        bit: u8,
    },
    /// The bit is one of 64.
    Msr {
        msr: u32,
        bit: u8,
    },
}

impl<'w> Explanation<'w> {
    fn of(why: &'w Why) -> Self {
        let signature = why.data.signature;
        let own = why.chosen.map(|chosen| chosen.model.features()).unwrap_or_default();
        let found = |feature| Found { place: Place::of(feature), in_model: own.contains(feature) };
        Self {
            brand: why.brand.as_ref().map(Brand::name),
            vendor: why.data.vendor.map(Vendor::name),
            signature: Signature {
                family: signature.family,
                model: signature.model,
                stepping: signature.stepping,
            },
            model: why.chosen.as_ref().map(Chosen::of),
            runners_up: why.runners_up.iter().map(RunnerUp::of).collect(),
            features: why.data.features.iter().map(found).collect(),
            broken: places(&why.broken),
        }
    }
}

impl Chosen {
    fn of(candidate: &Candidate) -> Self {
        let Candidate { model, matches_signature, .. } = *candidate;
        Self { name: model.name(), matches_signature }
    }
}

impl RunnerUp {
    fn of(candidate: &Candidate) -> Self {
        let Candidate { model, matches_signature, missing } = candidate;
        Self { name: model.name(), matches_signature: *matches_signature, missing: places(missing) }
    }
}

fn places(features: &FeatureSet) -> Vec<Place> {
    features.iter().map(Place::of).collect()
}

impl Place {
    fn of(feature: Feature) -> Self {
        let at = feature.origin();
        let origin = match at.source {
            Source::Cpuid { leaf, subleaf } => {
                Origin::Cpuid { leaf, subleaf, register: at.register.name(), bit: at.bit }
            }
            Source::Msr { index } => Origin::Msr { msr: index, bit: at.wide_bit() },
        };
        Self { name: feature.name(), origin }
    }
}
