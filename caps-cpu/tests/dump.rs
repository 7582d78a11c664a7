//! Dumps in their five forms: the same registers, or the line that cannot be read.
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
const AIDA: &str = "------[ Versions ]------\n\n  Program Version : 1\n\n------[ Logical CPU #0 ]------\n\nallcpu: Package 0 / Core 0 / Thread 0: Valid\n\
                    CPUID 00000001: 000306A9-00000002-00000003-00000004 [GenuineIntel]\nMSR 00000010: < FAILED >\n\
                    MSR 0000010A: 4000-0000-0000-0069 [S200]\n------[ Logical CPU #1 ]------\nnothing of this is read\n";
const LIBCPUID: &str = "version=0.6.4\nbuild_date=1\n\n____ Logical CPU #0 ____\nbasic_cpuid[1]=000306a9 00000002 00000003 00000004\n\
                        ____ Logical CPU #1 ____\nnothing of this is read\n";
const LEAF_1: Registers = Registers { eax: 0x306a9, ebx: 2, ecx: 3, edx: 4 };

fn fault(text: &str) -> (usize, Fault) {
    let DumpError { line, fault, .. } = Dump::parse(text.as_bytes()).map(drop).unwrap_err();
    (line, fault)
}

#[test]
fn all_forms_hold_the_same() {
    let platform = Some(0x4000_0000_0000_0069);
    for (text, msr) in
        [(TSV, platform), (RAW, None), (CPUDATA, platform), (AIDA, platform), (LIBCPUID, None)]
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
    assert_eq!(fault("CPU 0: 0\n"), (1, Fault::Unknown));
    assert_eq!(fault("CPU 0:\nCPU MHz: 2400\n"), (2, Fault::Unknown));
    assert_eq!(fault("CPUID 00000000: 0-0-0\n"), (1, Fault::Missing));
    assert_eq!(fault("CPUID 00000000: 0-0-0-0-0\n"), (1, Fault::Excess));
    assert_eq!(fault("CPUID 00000000: 0-0-0-0\nCPUID 00000001: 0-0-0-q\n"), (2, Fault::Number));
    assert_eq!(fault("CPUID 00000000: 0-0-0-0\nhello\n"), (2, Fault::Unknown));
    assert_eq!(fault("MSR 0000010A: 0000-0000-0000-006\n"), (1, Fault::Number));
    assert_eq!(fault("basic_cpuid[0]=0 0 0\n"), (1, Fault::Missing));
    assert_eq!(fault("version=1\nbasic_cpuid[0x1]=0 0 0 0\n"), (2, Fault::Number));
    assert_eq!(fault("\nversion=1\n"), (2, Fault::NoRecord));
    assert_eq!(fault("---[ CPU Info ]---\nCPU Type: a\n"), (1, Fault::NoRecord));
    assert_eq!(fault("version=1\nintel_fn5[0]=0 0 0 0\n"), (2, Fault::Unknown));
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

#[test]
fn forms_that_are_not_read_are_named() {
    for (text, name) in [
        ("CPU(s):              4\n", "the output of lscpu"),
        ("processor\t: 0\n", "/proc/cpuinfo"),
        ("CPU 0:\n   vendor_id = \"GenuineIntel\"\n", "the decoded output of cpuid"),
        ("CPU 0:\n   version information (1/eax):\n", "the decoded output of cpuid"),
        ("CPUID 0x00000000\t0x00000016\t0x756E6547\n", "a report of CPU-Z"),
        ("{\"return\": {}}\n", "JSON"),
    ] {
        let error = Dump::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error.fault, Fault::Foreign(name), "{text}");
    }
}

#[test]
fn subleaves_without_marks_are_numbered() {
    let text = "CPUID 00000004: 1-0-0-0\nCPUID 00000004: 2-0-0-0\nCPUID 00000007: 3-0-0-0\nCPUID 0000000D: 4-0-0-0 [SL 01]\n\
                CPUID 0000000D: 5-0-0-0 [SL 0A]\nCPUID 00000014: 6-0-0-0\n";
    let dump = Dump::parse(text.as_bytes()).unwrap();
    let places = [(4, 0), (4, 1), (7, 0), (0xd, 1), (0xd, 10), (0x14, 0)];
    for (eax, (leaf, subleaf)) in (1..).zip(places) {
        assert_eq!(dump.cpuid(leaf, subleaf).eax, eax, "{leaf:#x} {subleaf}");
    }
}

#[test]
fn msrs_have_16_digits_in_any_groups() {
    for value in ["4000-0000-0000-0069", "40000000-00000069", "4000000000000069 [S200]"] {
        let text = format!("MSR 0000010A: {value}\n");
        assert_eq!(Dump::parse(text.as_bytes()).unwrap().msr(0x10a), Some(0x4000_0000_0000_0069));
    }
}

#[test]
fn a_report_of_aida64_is_read_too() {
    let report = "CPUID Registers (CPU #1):\n  CPUID 00000000   00000001-756E6547-6C65746E-49656E69 [GenuineIntel]\n  \
                  CPUID 00000001   000306A9 00000002 00000003 00000004 [IvyBridge]\n\nCPUID Registers (CPU #2):\nnot read\n";
    assert_eq!(Dump::parse(report.as_bytes()).unwrap().cpuid(1, 0), LEAF_1);
}

#[test]
fn the_first_cpu_ends_where_leaf_0_returns() {
    for one in [
        "CPUID 00000000: 1-0-0-0\nCPUID 00000001: {}-0-0-0\n",
        "basic_cpuid[0]=1 0 0 0\nbasic_cpuid[1]={} 0 0 0\n",
    ] {
        let two = one.replace("{}", "2") + &one.replace("{}", "5");
        assert_eq!(Dump::parse(two.as_bytes()).unwrap().cpuid(1, 0).eax, 2, "{two}");
    }
}

#[test]
fn libcpuid_has_leaves_and_subleaves() {
    let text = "basic_cpuid[13]=1 0 0 0\next_cpuid[8]=2 0 0 0\nintel_fn4[3]=3 0 0 0\nintel_fn14h[1]=4 0 0 0\namd_fn8000001dh[2]=5 0 0 0\n";
    let dump = Dump::parse(text.as_bytes()).unwrap();
    let places = [(0xd, 0), (0x8000_0008, 0), (4, 3), (0x14, 1), (0x8000_001d, 2)];
    for (eax, (leaf, subleaf)) in (1..).zip(places) {
        assert_eq!(dump.cpuid(leaf, subleaf).eax, eax, "{leaf:#x} {subleaf}");
    }
}

/// Leaves of a dump, without registers but for those of leaf 0 and 7 and 0x80000000.
fn missing(text: &str) -> Vec<(u32, u32)> {
    Dump::parse(text.as_bytes()).unwrap().missing().collect()
}

#[test]
fn missing_leaves_are_those_announced() {
    let leaf = |leaf: u32, subleaf: u32, eax: u32| {
        format!("cpuid {leaf:#x} {subleaf:#x} {eax:#x} 0x0 0x0 0x0\n")
    };
    let basic: String = (1..=0xc).map(|n| leaf(n, 0, u32::from(n == 7))).collect();
    let whole = leaf(0, 0, 0xd)
        + &basic
        + &leaf(7, 1, 0)
        + &leaf(0xd, 1, 0)
        + &leaf(0x8000_0000, 0, 0x8000_0001);
    let whole = whole + &leaf(0x8000_0001, 0, 0);
    assert_eq!(missing(&whole), []);
    assert_eq!(missing(&whole.replace(&leaf(0x8000_0001, 0, 0), "")), [(0x8000_0001, 0)]);
    assert_eq!(missing(&whole.replace(&leaf(7, 1, 0), "")), [(7, 1)]);
    assert_eq!(missing(&whole.replace(&leaf(0xd, 1, 0), &leaf(0xd, 0, 0))), []);
    assert_eq!(
        missing(&(leaf(0, 0, 0xd) + &basic + &leaf(7, 1, 0) + &leaf(0xd, 0, 0)))[0],
        (0xd, 1)
    );
    assert_eq!(missing(&whole.replace(&leaf(6, 0, 0), "")), [(6, 0)]);
    // No feature is read from leaf 5.
    assert_eq!(missing(&whole.replace(&leaf(5, 0, 0), "")), []);
    assert_eq!(missing(&(leaf(0, 0, 3) + &leaf(1, 0, 0))), [(2, 0), (3, 0)]);
    assert_eq!(missing(&leaf(0, 0, 7)).last(), Some(&(0x8000_0000, 0)));
    assert_eq!(missing(&leaf(1, 0, 0)), [(0, 0)]);
    assert_eq!(missing("CPU:\n"), []);
    assert_eq!(missing(&leaf(0, 0, u32::MAX)), []);
    assert_eq!(missing(&leaf(0, 0, 0xffff)).len(), 64 + 1);
    assert_eq!(missing("msr 0x10a 0x0 0x0\n"), [(0, 0)]);
}

#[test]
fn recorded_processors_are_complete() {
    for case in support::cases().iter().filter(|case| case.is_real()) {
        let missing: Vec<_> = Dump::parse(&case.dump).unwrap().missing().collect();
        assert_eq!(missing, [], "{}", case.name);
    }
}

/// Whatever line a dump ends with, the leaves after it are listed.
#[test]
fn processors_that_are_cut_are_not() {
    for case in support::cases().iter().filter(|case| case.is_real()) {
        let lines: Vec<&[u8]> = case.dump.split_inclusive(|byte| *byte == b'\n').collect();
        let last = |lines: &[&[u8]]| match Dump::parse(&lines.concat()).unwrap().records().last() {
            Some(Record::Cpuid { leaf, .. }) => Some(leaf),
            _ => None,
        };
        let is_leaf = |line: &&[u8]| line.starts_with(b"cpuid");
        let lines: Vec<&[u8]> = lines.into_iter().filter(is_leaf).collect();
        for count in 1..lines.len() {
            let (kept, cut) = lines.split_at(count);
            let text = kept.concat();
            let dump = Dump::parse(&text).unwrap();
            let Some(next) = last(&cut[..1]).filter(|next| last(kept) != Some(*next)) else {
                continue;
            };
            let announced = dump.cpuid(next & 0xffff_0000, 0).eax;
            if next <= announced && next >= next & 0xffff_0000 {
                assert!(dump.missing().any(|(leaf, _)| leaf == next), "{} {next:#x}", case.name);
            }
        }
    }
}

/// All that can be asked of a dump, whatever it holds.
fn use_up(bytes: &[u8]) {
    if let Ok(dump) = Dump::parse(bytes) {
        for data in [CpuData::as_given(&dump), CpuData::as_probed(&dump)] {
            let _ = data.decode_host();
            let _ = data.decode_guest(&ModelSet::default());
        }
        assert!(dump.missing().count() < 300);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        use_up(&bytes);
    }

    #[test]
    fn changed_dumps(form in 0..5_usize, cut in 0..400_usize, at in 0..400_usize, byte in any::<u8>()) {
        let mut bytes = [TSV, RAW, CPUDATA, AIDA, LIBCPUID][form].as_bytes().to_vec();
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
