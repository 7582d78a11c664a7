//! Dumps in their three forms: the same registers, or the line that cannot be read.
mod support;

use core::fmt::Write;

use caps_cpu::dump::{Dump, DumpError, Fault, Record};
use caps_cpu::x86::{CpuData, ModelSet, walk};
use caps_cpu::{CpuidSource, Registers};
use proptest::prelude::*;

const TSV: &str =
    "# cpuid ...\ncpuid\t0x1\t0x0\t0x306a9\t0x2\t0x3\t0x4\nmsr\t0x10a\t0x69\t0x40000000\n";
const RAW: &str = "CPU 0:\n   0x00000001 0x00: eax=0x000306a9 ebx=0x00000002 ecx=0x00000003 edx=0x00000004\nCPU 1:\n\
                   nothing of this is read\n";
const CPUDATA: &str = "<?xml version='1.0'?>\n<!-- of a\n host -->\n<cpudata arch=\"x86\">\n  <cpuid eax_in='0x00000001' ecx_in='0x00' \
                       eax='0x000306a9' ebx='0x00000002'\n   ecx='0x00000003' edx='0x00000004'/>\n  \
                       <msr index='0x10a' eax='0x00000069' edx='0x40000000'/>\n</cpudata>\n";
const LEAF_1: Registers = Registers { eax: 0x306a9, ebx: 2, ecx: 3, edx: 4 };

fn fault(text: &str) -> (usize, Fault) {
    let DumpError { line, fault } = Dump::parse(text.as_bytes()).map(drop).unwrap_err();
    (line, fault)
}

#[test]
fn all_forms_hold_the_same() {
    for (text, msr) in
        [(TSV, Some(0x4000_0000_0000_0069)), (RAW, None), (CPUDATA, Some(0x4000_0000_0000_0069))]
    {
        let dump = Dump::parse(text.as_bytes()).unwrap();
        assert_eq!((dump.cpuid(1, 0), dump.msr(0x10a)), (LEAF_1, msr), "{text}");
        assert_eq!((dump.cpuid(1, 1), dump.msr(0x10b)), (Registers::default(), None), "{text}");
    }
}

#[test]
fn records_of_one_place_are_joined() {
    let twice = TSV.to_owned() + "cpuid 0x1 0x0 0x0 0x0 0x10 0x0\r\nmsr 0x10a 0x2 0x0\n";
    let dump = Dump::parse(twice.as_bytes()).unwrap();
    assert_eq!(dump.cpuid(1, 0), Registers { ecx: 0x13, ..LEAF_1 });
    assert_eq!(dump.msr(0x10a), Some(0x4000_0000_0000_006b));
}

#[test]
fn the_line_of_a_fault_is_named() {
    assert_eq!(fault(" \n"), (1, Fault::Empty));
    assert_eq!(fault("hello\n"), (1, Fault::Unknown));
    assert_eq!(fault(&(TSV.to_owned() + "cpuid 0x2 0x0 0x1")), (4, Fault::Missing));
    assert_eq!(fault(&(TSV.to_owned() + "\ncpuid 2 0x0 0x1")), (5, Fault::Number));
    assert_eq!(fault(&(TSV.to_owned() + "msr 0x2 0x0 0x1 0x2")), (4, Fault::Excess));
    assert_eq!(fault(RAW.split_at(RAW.find(" ebx").unwrap()).0), (2, Fault::Missing));
    assert_eq!(fault("CPU:\n eax=0x1\n"), (2, Fault::Unknown));
    assert_eq!(fault("<cpudata arch='x86'>\n <cpuid eax_in='0x1'/>\n"), (2, Fault::Missing));
    assert_eq!(fault("<cpudata arch='x86'>\n <cpuid eax_in='0x1' eax='q'/>\n"), (2, Fault::Number));
    assert_eq!(fault("<cpudata arch='ppc64'>\n</cpudata>"), (1, Fault::Arch));
    assert_eq!(fault("<cpudata arch='x86'>\n\n<!-- "), (3, Fault::Unfinished));
    assert_eq!(fault("<!DOCTYPE cpudata>\n<cpudata arch='x86'/>"), (1, Fault::Xml));
    assert_eq!(fault("\n<cpu>\n</cpu>"), (2, Fault::Xml));
}

#[test]
fn a_processor_without_cpuid_has_no_model() {
    for text in ["# 386\n", "CPU 0:\n", "<cpudata arch='x86'>\n</cpudata>\n"] {
        let dump = Dump::parse(text.as_bytes()).unwrap();
        assert!(CpuData::as_given(&dump).decode_host().is_err());
    }
}

/// The other two forms of a TSV dump; the text of `cpuid -r` has no MSRs.
fn other_forms(dump: &Dump<'_>) -> (String, String) {
    let (mut raw, mut xml) = (String::from("CPU:\n"), String::from("<cpudata arch='x86'>\n"));
    for record in dump.records() {
        match record {
            Record::Cpuid { leaf, subleaf, registers: Registers { eax, ebx, ecx, edx } } => {
                writeln!(raw, "   {leaf:#010x} {subleaf:#04x}: eax={eax:#010x} ebx={ebx:#010x} ecx={ecx:#010x} edx={edx:#010x}").unwrap();
                let ins = format!("eax_in='{leaf:#010x}' ecx_in='{subleaf:#04x}'");
                writeln!(
                    xml,
                    "  <cpuid {ins} eax='{eax:#x}' ebx='{ebx:#x}' ecx='{ecx:#x}' edx='{edx:#x}'/>"
                )
                .unwrap();
            }
            Record::Msr { index, value } => {
                let (low, high) = (value as u32, value >> 32);
                writeln!(xml, "  <msr index='{index:#x}' eax='{low:#x}' edx='{high:#x}'/>")
                    .unwrap();
            }
        }
    }
    (raw, xml + "</cpudata>\n")
}

#[test]
fn every_case_in_every_form() {
    for case in support::cases() {
        let dump = Dump::parse(&case.dump).unwrap();
        let (raw, xml) = other_forms(&dump);
        assert!(Dump::parse(xml.as_bytes()).unwrap().records().eq(dump.records()), "{}", case.name);
        let leaves = dump.records().filter(|record| matches!(record, Record::Cpuid { .. }));
        assert!(Dump::parse(raw.as_bytes()).unwrap().records().eq(leaves), "{}", case.name);
    }
}

/// All that can be asked of a dump, whatever it holds.
fn use_up(bytes: &[u8]) {
    if let Ok(dump) = Dump::parse(bytes) {
        for data in [CpuData::as_given(&dump), CpuData::as_probed(&dump)] {
            let _ = data.decode_host();
            let _ = data.decode_guest(&ModelSet::default());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        use_up(&bytes);
    }

    #[test]
    fn changed_dumps(form in 0..3_usize, cut in 0..400_usize, at in 0..400_usize, byte in any::<u8>()) {
        let mut bytes = [TSV, RAW, CPUDATA][form].as_bytes().to_vec();
        if let Some(changed) = bytes.get_mut(at) {
            *changed = byte;
        }
        bytes.truncate(cut);
        use_up(&bytes);
    }
}

#[test]
fn a_walk_over_lying_maxima_ends() {
    let text =
        "cpuid 0x0 0x0 0xffffffff 0x0 0x0 0x0\ncpuid 0x80000000 0x0 0xffffffff 0x0 0x0 0x0\n";
    let dump = Dump::parse(text.as_bytes()).unwrap();
    let mut reads = 0;
    walk(&dump, |_| reads += 1);
    assert!((131_072..140_000).contains(&reads), "{reads}");
}
