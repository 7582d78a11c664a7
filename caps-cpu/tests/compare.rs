//! Comparing and baselining, rule by rule, and what must hold of every baseline.
use caps_cpu::baseline::{Baseline, BaselineError};
use caps_cpu::compare::{Comparison, Reason, compare};
use caps_cpu::definition::{Definition, Duplicate, Match, Role, Unknown};
use caps_cpu::x86::{Feature, FeatureSet, Model, Policy, Vendor};
use proptest::prelude::*;

fn host(
    model: &'static str,
    vendor: Option<&'static str>,
    features: &[&'static str],
) -> Definition<'static> {
    let mut host = Definition::of_host("x86_64");
    (host.model, host.vendor) = (Some(model), vendor);
    features.iter().for_each(|name| host.feature(name, None).unwrap());
    host
}

fn guest(
    model: &'static str,
    matching: Match,
    features: &[(Policy, &'static str)],
) -> Definition<'static> {
    let mut guest = Definition::new(Role::Guest(matching));
    guest.model = Some(model);
    features.iter().for_each(|(policy, name)| guest.feature(name, Some(*policy)).unwrap());
    guest
}

fn set(names: &[&str]) -> FeatureSet {
    names.iter().map(|name| Feature::by_name(name).unwrap()).collect()
}

fn penryn() -> Definition<'static> {
    host("Penryn", Some("Intel"), &["vmx", "ht"])
}

fn against_penryn(cpu: &Definition<'static>) -> Comparison {
    compare(&penryn(), cpu).unwrap()
}

#[test]
fn names_refuse_before_features_do() {
    let mut unknown = penryn();
    unknown.model = None;
    assert_eq!(compare(&unknown, &penryn()), Ok(Comparison::Incompatible(Reason::UnknownHost)));
    let mut foreign = Definition::of_host("ppc64le");
    foreign.model = Some("POWER9");
    assert_eq!(against_penryn(&foreign), Comparison::Incompatible(Reason::Arch));
    let amd = host("nonesuch", Some("AMD"), &[]);
    assert_eq!(against_penryn(&amd), Comparison::Incompatible(Reason::Vendor));
}

#[test]
fn a_host_is_identical_to_itself() {
    assert_eq!(against_penryn(&penryn()), Comparison::Identical);
    let guest =
        guest("Penryn", Match::Strict, &[(Policy::Require, "vmx"), (Policy::Require, "ht")]);
    assert_eq!(against_penryn(&guest), Comparison::Identical);
}

#[test]
fn more_features_make_a_superset_unless_strict() {
    assert_eq!(against_penryn(&guest("Conroe", Match::Exact, &[])), Comparison::Superset);
    let strict = guest("Penryn", Match::Strict, &[(Policy::Require, "vmx")]);
    assert_eq!(against_penryn(&strict), Comparison::Incompatible(Reason::Excess(set(&["ht"]))));
}

#[test]
fn each_policy_has_its_say() {
    use Policy::{Disable, Forbid, Force, Optional, Require};
    let policy = |policy, name| against_penryn(&guest("Penryn", Match::Exact, &[(policy, name)]));
    assert_eq!(policy(Require, "avx2"), Comparison::Incompatible(Reason::Missing(set(&["avx2"]))));
    assert_eq!(policy(Forbid, "vmx"), Comparison::Incompatible(Reason::Forbidden(set(&["vmx"]))));
    for fine in [
        (Force, "avx2"),
        (Optional, "avx2"),
        (Disable, "avx2"),
        (Forbid, "avx2"),
        (Disable, "sse2"),
    ] {
        assert_eq!(policy(fine.0, fine.1), Comparison::Superset, "{fine:?}");
    }
}

#[test]
fn unknown_names_and_duplicates_are_errors() {
    let unknown = guest("nonesuch", Match::Exact, &[]);
    assert_eq!(compare(&penryn(), &unknown), Err(Unknown::Model("nonesuch")));
    let unknown = guest("Penryn", Match::Exact, &[(Policy::Force, "nonesuch")]);
    assert_eq!(compare(&penryn(), &unknown), Err(Unknown::Feature("nonesuch")));
    let vmx = Feature::by_name("vmx").unwrap();
    assert_eq!(penryn().feature("vmx", Some(Policy::Disable)), Err(Duplicate(vmx)));
}

#[test]
fn features_of_a_message_stand_in_the_order_of_the_table() {
    assert_eq!(set(&["avx2", "vmx", "xsaves"]).to_string(), "vmx, avx2, xsaves");
}

#[test]
fn one_model_is_kept_whatever_lacks() {
    let baseline =
        Baseline::of([host("Haswell", None, &["vmx"]), host("Haswell", None, &["vmx", "ht"])])
            .unwrap();
    assert_eq!((baseline.cpu.model.name(), baseline.forbids_fallback), ("Haswell", true));
    assert_eq!((baseline.cpu.required, baseline.cpu.vendor), (set(&["vmx"]), None));
}

#[test]
fn the_vendor_is_printed_if_all_name_it() {
    let intel = Some("Intel");
    let both = Baseline::of([host("Haswell", intel, &[]), host("Broadwell", intel, &[])]).unwrap();
    assert_eq!((both.cpu.vendor, both.forbids_fallback), (Vendor::by_name("Intel"), false));
    let one = Baseline::of([host("Haswell", intel, &[]), host("Broadwell", None, &[])]).unwrap();
    assert_eq!(one.cpu.vendor, None);
}

#[test]
fn vendors_must_agree() {
    let of = |cpus: [Definition<'static>; 2]| Baseline::of(cpus).unwrap_err();
    assert_eq!(
        of([host("kvm64", Some("AMD"), &[]), host("Haswell", None, &[])]),
        BaselineError::Vendors
    );
    assert_eq!(
        of([host("kvm64", None, &[]), host("kvm64", Some("VIA"), &[])]),
        BaselineError::Unknown(Unknown::Vendor("VIA"))
    );
    assert_eq!(
        of([host("kvm64", Some("AMD"), &[]), host("kvm64", Some("none"), &[])]),
        BaselineError::Vendors,
        "names are compared before they are looked up"
    );
    let (model, own, named) = ("Haswell", "Intel", "AMD");
    let contradicting = [host("kvm64", None, &[]), host("Haswell", Some("AMD"), &[])];
    assert_eq!(of(contradicting), BaselineError::VendorOfModel { model, own, named });
    assert!(
        Baseline::of([host("Haswell", Some("AMD"), &[])]).is_ok(),
        "the first is not held against its model"
    );
}

#[test]
fn nothing_in_common_is_an_error() {
    let mut empty = host("486", None, &[]);
    empty.role = Role::Guest(Match::Exact);
    ["fpu", "vme", "pse"]
        .iter()
        .for_each(|name| empty.feature(name, Some(Policy::Disable)).unwrap());
    assert_eq!(Baseline::of([empty]), Err(BaselineError::Incompatible));
    assert_eq!(Baseline::of([]), Err(BaselineError::NoCpus));
    assert_eq!(Baseline::of([Definition::of_host("x86_64")]), Err(BaselineError::NoModel));
}

#[test]
fn the_driver_and_migration_take_features_out() {
    let baseline = Baseline::of([host(
        "Haswell",
        None,
        &["cmt", "osxsave", "xsaves", "invtsc", "ht", "cmp_legacy", "vmx"],
    )])
    .unwrap();
    assert_eq!(baseline.of_driver().cpu.required, set(&["vmx", "xsaves", "invtsc"]));
    assert_eq!(baseline.migratable().of_driver().cpu.required, set(&["vmx"]));
}

#[test]
fn expanding_lists_all_by_name() {
    let baseline = Baseline::of([host("Icelake-Server", None, &["mpx", "ht"])]).unwrap();
    let expanded = baseline.expanded();
    let features: Vec<_> =
        expanded.features().map(|(feature, policy)| (feature.name(), policy)).collect();
    assert!(features.is_sorted_by_key(|(name, _)| *name));
    assert_eq!(features.len(), 84 + 3);
    for (name, policy) in
        [("mpx", Policy::Require), ("intel-pt", Policy::Disable), ("avx2", Policy::Require)]
    {
        assert!(features.contains(&(name, policy)), "{name}");
    }
}

/// A host of some model with a few more features; it names its vendor or does not.
fn any_host() -> impl Strategy<Value = Definition<'static>> {
    let features = prop::collection::btree_set(0..Feature::COUNT, 0..12);
    (0..Model::COUNT, any::<bool>(), features).prop_map(|(model, names_vendor, features)| {
        let model = Model::from_index(model).unwrap();
        let mut host = Definition::of_host("x86_64");
        host.model = Some(model.name());
        host.vendor = model.vendor().filter(|_| names_vendor).map(Vendor::name);
        features.into_iter().for_each(|index| {
            host.feature(Feature::from_index(index).unwrap().name(), None).unwrap()
        });
        host
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_baseline_runs_on_every_cpu_it_was_made_of(hosts in prop::collection::vec(any_host(), 1..5)) {
        let Ok(baseline) = Baseline::of(hosts.iter().copied()) else { return Ok(()) };
        for host in &hosts {
            let comparison = compare(host, &Definition::from(&baseline.cpu)).unwrap();
            prop_assert!(matches!(comparison, Comparison::Identical | Comparison::Superset), "{comparison:?}");
        }
    }

    #[test]
    fn baselining_a_baseline_changes_nothing(hosts in prop::collection::vec(any_host(), 1..5)) {
        let Ok(baseline) = Baseline::of(hosts) else { return Ok(()) };
        let again = Baseline::of([Definition::from(&baseline.cpu)]).unwrap();
        prop_assert_eq!(again.cpu, baseline.cpu);
        prop_assert!(again.forbids_fallback);
    }

    #[test]
    fn every_host_compares_with_every_other(a in any_host(), b in any_host()) {
        prop_assert!(compare(&a, &b).is_ok());
        prop_assert_eq!(compare(&a, &a), Ok(Comparison::Identical));
    }
}
