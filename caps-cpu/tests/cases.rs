//! Recorded processors: the same model, vendor, signature and features as libvirt 12.8.0, read in the same order.
mod support;

use core::fmt::Write;

use caps_cpu::dump::Dump;
use caps_cpu::x86::{CpuData, ModelSet, Read, walk};
use support::{Case, cases, guest_xml, host_xml};

/// Panics with the names of the cases that differ.
fn every_case(differs: impl Fn(&Case, &Dump<'_>) -> bool) {
    let cases = cases();
    let dump = |case: &Case| Dump::parse(&case.dump).map(|dump| differs(case, &dump));
    let wrong: Vec<&str> =
        cases.iter().filter(|case| dump(case).unwrap()).map(|case| case.name.as_str()).collect();
    println!("{} of {} identical", cases.len() - wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn same(expected: &str, made: &str) -> bool {
    expected == made || (expected.starts_with("ERROR") && made.starts_with("ERROR"))
}

#[test]
fn hosts_as_given() {
    every_case(|case, dump| {
        !same(
            &case.file("host-12.8.xml").unwrap(),
            &host_xml(CpuData::as_given(dump).decode_host()),
        )
    });
}

#[test]
fn hosts_as_probed() {
    every_case(|case, dump| {
        let expected = case.file("probe-12.8.xml").or_else(|| case.file("host-12.8.xml")).unwrap();
        !same(&expected, &host_xml(CpuData::as_probed(dump).decode_host()))
    });
}

#[test]
fn guest_definitions() {
    every_case(|case, dump| {
        let guest = CpuData::as_given(dump).decode_guest(&ModelSet::default()).unwrap();
        case.file("guest-12.8.xml").unwrap() != guest_xml(&guest)
    });
}

#[test]
fn read_order() {
    every_case(|case, dump| {
        let mut trace = String::new();
        walk(dump, |read| match read {
            Read::Cpuid { leaf, subleaf, .. } => {
                writeln!(trace, "cpuid {leaf:08x} {subleaf:08x}").unwrap()
            }
            Read::Msr { index, .. } => writeln!(trace, "msr {index:x}").unwrap(),
        });
        case.file("trace").unwrap() != trace
    });
}
