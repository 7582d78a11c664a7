//! The fast decoders equal a plain walk of the rules, over registers of any kind.
mod support;

use std::collections::{BTreeMap, BTreeSet};

use caps_cpu::dump::{Dump, Record};
use caps_cpu::x86::{
    CpuData, Feature, Model, ModelSet, Origin, Policy, Read, Register, Signature, Source, Vendor,
    walk,
};
use caps_cpu::{CpuidSource, Registers};
use proptest::prelude::*;

type Set = BTreeSet<Feature>;

/// Registers by leaf and subleaf, MSRs by index.
#[derive(Clone, Debug, Default)]
struct Machine {
    leaves: BTreeMap<(u32, u32), Registers>,
    msrs: BTreeMap<u32, u64>,
}

impl CpuidSource for Machine {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Registers {
        self.leaves.get(&(leaf, subleaf)).copied().unwrap_or_default()
    }

    fn msr(&self, index: u32) -> Option<u64> {
        self.msrs.get(&index).copied()
    }
}

impl Machine {
    fn of(dump: &Dump<'_>) -> Self {
        let mut machine = Self::default();
        for record in dump.records() {
            match record {
                Record::Cpuid { leaf, subleaf, registers } => machine.add(leaf, subleaf, registers),
                Record::Msr { index, value } => *machine.msrs.entry(index).or_default() |= value,
            }
        }
        machine
    }

    fn add(&mut self, leaf: u32, subleaf: u32, registers: Registers) {
        let entry = self.leaves.entry((leaf, subleaf)).or_default();
        *entry = entry.or(registers);
    }

    fn flip(&mut self, origin: Origin) {
        let bit = 1 << origin.bit;
        match origin.source {
            Source::Cpuid { leaf, subleaf } => {
                let registers = self.leaves.entry((leaf, subleaf.into())).or_default();
                *register(registers, origin.register) ^= bit;
            }
            Source::Msr { index } => *self.msrs.entry(index).or_default() ^= 1 << origin.wide_bit(),
        }
    }

    /// What libvirt keeps of a live host like this.
    fn probed(&self) -> Self {
        let mut kept = Self::default();
        walk(self, |read| match read {
            Read::Cpuid { leaf, subleaf, registers, kept: true } => {
                kept.add(leaf, subleaf, registers)
            }
            Read::Msr { index, value: Some(value) } => {
                *kept.msrs.entry(index).or_default() |= value
            }
            Read::Cpuid { .. } | Read::Msr { .. } => {}
        });
        kept
    }

    fn has(&self, origin: Origin) -> bool {
        match origin.source {
            Source::Cpuid { leaf, subleaf } => {
                let mut registers = self.cpuid(leaf, subleaf.into());
                *register(&mut registers, origin.register) >> origin.bit & 1 == 1
            }
            Source::Msr { index } => {
                self.msr(index).unwrap_or_default() >> origin.wide_bit() & 1 == 1
            }
        }
    }
}

fn register(registers: &mut Registers, register: Register) -> &mut u32 {
    match register {
        Register::Eax => &mut registers.eax,
        Register::Ebx => &mut registers.ebx,
        Register::Ecx => &mut registers.ecx,
        Register::Edx => &mut registers.edx,
    }
}

fn naive_features(machine: &Machine) -> Set {
    let mut features: Set =
        Feature::all().filter(|feature| machine.has(feature.origin())).collect();
    let Signature { family, model, stepping } = Signature::from_eax(machine.cpuid(1, 0).eax);
    let intel =
        Vendor::from_leaf_0(machine.cpuid(0, 0)).is_some_and(|vendor| vendor.name() == "Intel");
    if intel && family == 6 && (matches!(model, 60 | 69 | 70) || model == 63 && stepping < 4) {
        features.retain(|feature| !matches!(feature.name(), "hle" | "rtm"));
    }
    features
}

/// What the walk keeps of a model that it met.
#[derive(Clone, PartialEq, Debug)]
struct Met {
    model: Model,
    matches: bool,
    list: Vec<(Feature, Policy)>,
}

/// All models from the last to the first that the vendor admits, with their feature lists.
fn met(machine: &Machine) -> impl Iterator<Item = Met> {
    let (data, features) = (CpuData::as_given(machine), naive_features(machine));
    let vendor = data.vendor;
    let models = Model::all().rev().filter(move |model| match (vendor, model.vendor()) {
        (Some(vendor), Some(own)) => vendor == own,
        _ => true,
    });
    models.map(move |model| {
        let set: Set = model.features().iter().collect();
        let mut list: Vec<_> =
            features.difference(&set).map(|feature| (*feature, Policy::Require)).collect();
        list.extend(set.difference(&features).map(|feature| (*feature, Policy::Disable)));
        Met { model, matches: model.matches(data.signature), list }
    })
}

fn naive_host(machine: &Machine) -> Option<Met> {
    let mut current: Option<Met> = None;
    for met in met(machine).filter(|met| met.model.decodes_host()) {
        if met.list.iter().any(|(_, policy)| *policy == Policy::Disable) {
            continue;
        }
        let replaces = match &current {
            None => true,
            Some(current) if current.matches != met.matches => met.matches,
            Some(current) => met.list.len() < current.list.len(),
        };
        if replaces {
            current = Some(met);
        }
    }
    current
}

/// Score and penalty of a list, by the loop whose bound shrinks.
fn score(list: &[(Feature, Policy)]) -> (usize, usize) {
    let (mut count, mut penalty, mut price, mut at) = (list.len(), 0, 2, 0);
    while at < count {
        if list[at].1 == Policy::Disable {
            penalty += price;
            price += 1;
            count -= 1;
        }
        at += 1;
    }
    (count + penalty, penalty)
}

fn naive_guest(machine: &Machine, preferred: &[Model]) -> Option<Met> {
    let mut current: Option<Met> = None;
    for mut met in met(machine).filter(|met| met.model.decodes_guest()) {
        let removed: Vec<_> = met
            .model
            .removed()
            .filter(|feature| met.list.iter().all(|(f, _)| f != feature))
            .collect();
        met.list.extend(removed.into_iter().map(|feature| (feature, Policy::Disable)));
        if preferred == [met.model] {
            return Some(met);
        }
        let replaces = current.as_ref().is_none_or(|current| {
            let ((new, penalty), (old, old_penalty)) = (score(&met.list), score(&current.list));
            let favoured = preferred.contains(&met.model) && penalty < old_penalty;
            let better = favoured || new < old || new == old && penalty < old_penalty;
            if current.matches == met.matches { better } else { met.matches }
        });
        if replaces {
            current = Some(met);
        }
    }
    current
}

fn check(machine: &Machine, preferred: &[Model]) -> Result<(), TestCaseError> {
    let data = CpuData::as_given(machine);
    let features: Set = data.without_broken().features.iter().collect();
    prop_assert_eq!(&features, &naive_features(machine));
    prop_assert_eq!(CpuData::as_probed(machine), CpuData::as_given(&machine.probed()));

    let host = data.decode_host().ok();
    let fast = host.map(|host| (host.model, host.features.iter().collect::<Vec<_>>()));
    let naive = naive_host(machine)
        .map(|met| (met.model, met.list.iter().map(|(feature, _)| *feature).collect()));
    prop_assert_eq!(fast, naive);
    let first = data.candidates().find(|candidate| candidate.missing.is_empty());
    prop_assert_eq!(first.map(|candidate| candidate.model), host.map(|host| host.model));

    let guest = data.decode_guest(&preferred.iter().copied().collect::<ModelSet>());
    let fast = guest.map(|guest| (guest.model, guest.features().collect::<Vec<_>>()));
    prop_assert_eq!(fast, naive_guest(machine, preferred).map(|met| (met.model, met.list)));
    Ok(())
}

fn feature() -> impl Strategy<Value = Feature> {
    (0..Feature::COUNT).prop_map(|index| Feature::from_index(index).unwrap())
}

fn model() -> impl Strategy<Value = Model> {
    (0..Model::COUNT).prop_map(|index| Model::from_index(index).unwrap())
}

fn preferred() -> impl Strategy<Value = Vec<Model>> {
    prop::collection::btree_set(model(), 0..4).prop_map(|models| models.into_iter().collect())
}

fn registers() -> impl Strategy<Value = Registers> {
    any::<[u32; 4]>().prop_map(|[eax, ebx, ecx, edx]| Registers { eax, ebx, ecx, edx })
}

/// Leaf 0 of a known or unknown vendor, with room for all leaves or for few.
fn leaf_0() -> impl Strategy<Value = Registers> {
    const VENDORS: [&str; 6] = [
        "GenuineIntel",
        "AuthenticAMD",
        "HygonGenuine",
        "CentaurHauls",
        "CyrixInstead",
        "GenuineTMx86",
    ];
    (prop::sample::select(&VENDORS[..]), prop_oneof![Just(0x29), 0..0x30_u32, any::<u32>()])
        .prop_map(|(name, eax)| {
            let word =
                |at: usize| u32::from_le_bytes(name.as_bytes()[at..at + 4].try_into().unwrap());
            Registers { eax, ebx: word(0), edx: word(4), ecx: word(8) }
        })
}

fn eax(signature: (u16, u8, u8)) -> u32 {
    let (family, model, stepping) = signature;
    let extended = u32::from(family.saturating_sub(15));
    let (high, low) = (u32::from(model >> 4), u32::from(model & 0xf));
    extended << 20 | high << 16 | u32::from(family.min(15)) << 8 | low << 4 | u32::from(stepping)
}

/// Leaf 1 EAX of the signature of some model, or of none.
fn signature() -> impl Strategy<Value = u32> {
    let of_model = (model(), 0..16_u8).prop_map(|(model, stepping)| {
        model
            .signatures()
            .next()
            .map_or(0, |pattern| eax((pattern.family, pattern.model, stepping)))
    });
    let broken_tsx = (prop::sample::select(&[60, 63, 69, 70, 71][..]), 0..8_u8)
        .prop_map(|(model, stepping)| eax((6, model, stepping)));
    prop_oneof![4 => of_model, 1 => broken_tsx, 1 => any::<u32>(), 1 => Just(0)]
}

/// Registers that hold some models' features and differ in a few: near the edges between models.
fn near_a_model() -> impl Strategy<Value = Machine> {
    let maxima = prop_oneof![Just(0x8000_0022), 0x7fff_fff0..0x8000_0030_u32, any::<u32>()];
    let models = prop::collection::vec(model(), 1..3);
    (leaf_0(), signature(), maxima, models, prop::collection::vec(feature(), 0..6)).prop_map(
        |(leaf_0, eax, max, models, flips)| {
            let mut machine = Machine::default();
            machine.leaves.insert((0, 0), leaf_0);
            machine.leaves.insert((0x8000_0000, 0), Registers { eax: max, ..Registers::default() });
            machine.leaves.insert((1, 0), Registers { eax, ..Registers::default() });
            machine.leaves.insert((7, 0), Registers { eax: 2, ..Registers::default() });
            let features: Set = models.iter().flat_map(|model| model.features().iter()).collect();
            features.into_iter().chain(flips).for_each(|feature| machine.flip(feature.origin()));
            machine
        },
    )
}

/// Any bits in every register that counts, thinned or not.
fn noise() -> impl Strategy<Value = Machine> {
    let count = Source::all().count() + 2;
    let all = prop::collection::vec((registers(), registers()), count);
    (all, leaf_0(), signature(), any::<bool>()).prop_map(|(all, leaf_0, eax, dense)| {
        let mut machine = Machine::default();
        for (source, (a, b)) in Source::all().zip(all) {
            let join = |a: u32, b: u32| if dense { a | b } else { a & b };
            let registers = Registers {
                eax: join(a.eax, b.eax),
                ebx: join(a.ebx, b.ebx),
                ecx: join(a.ecx, b.ecx),
                edx: join(a.edx, b.edx),
            };
            match source {
                Source::Cpuid { leaf, subleaf } => machine.add(leaf, subleaf.into(), registers),
                Source::Msr { index } => drop(
                    machine
                        .msrs
                        .insert(index, u64::from(registers.eax) | u64::from(registers.edx) << 32),
                ),
            }
        }
        machine.leaves.insert((0, 0), leaf_0);
        machine
            .leaves
            .insert((0x8000_0000, 0), Registers { eax: 0x8000_0022, ..Registers::default() });
        machine.leaves.entry((1, 0)).or_default().eax = eax;
        machine
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn near_models(machine in near_a_model(), preferred in preferred()) {
        check(&machine, &preferred)?;
    }

    #[test]
    fn noisy_registers(machine in noise(), preferred in preferred()) {
        check(&machine, &preferred)?;
    }
}

#[test]
fn mutated_processors() {
    let machines: Vec<Machine> = support::cases()
        .iter()
        .map(|case| Machine::of(&Dump::parse(&case.dump).unwrap()))
        .collect();
    if machines.is_empty() {
        return;
    }
    let mutated =
        (prop::sample::select(machines), prop::collection::vec(feature(), 0..8), preferred());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 192,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let run = runner.run(&mutated, |(mut machine, flips, preferred)| {
        flips.iter().for_each(|feature| machine.flip(feature.origin()));
        check(&machine, &preferred)
    });
    run.unwrap();
}

#[test]
fn a_source_that_lies_everywhere_ends() {
    let lies =
        |_: u32, _: u32| Registers { eax: u32::MAX, ebx: u32::MAX, ecx: u32::MAX, edx: u32::MAX };
    let (given, probed) = (CpuData::as_given(&lies), CpuData::as_probed(&lies));
    assert!(given.decode_host().is_ok() && probed.decode_host().is_ok());
    let mut reads = 0;
    walk(&lies, |_| reads += 1);
    assert!(reads < 200_000, "{reads}");
}

#[test]
fn a_probe_reads_at_most_21_leaves_and_none_twice() {
    for case in support::cases() {
        let machine = Machine::of(&Dump::parse(&case.dump).unwrap());
        let seen = core::cell::RefCell::new(Vec::new());
        let counted = |leaf: u32, subleaf: u32| {
            seen.borrow_mut().push((leaf, subleaf));
            machine.cpuid(leaf, subleaf)
        };
        CpuData::as_probed(&counted);
        let seen = seen.into_inner();
        assert!(seen.len() <= 21, "{}: {seen:x?}", case.name);
        assert_eq!(
            seen.iter().collect::<BTreeSet<_>>().len(),
            seen.len(),
            "{}: {seen:x?}",
            case.name
        );
    }
}
