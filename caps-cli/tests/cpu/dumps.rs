//! `caps cpu --cpuid`: what libvirt 12.8.0 makes of a dump, or the line that cannot be read.

use crate::support::dump::{cpudata, raw, without_msrs};
use crate::support::{Case, Run, Scratch, caps, caps_with, every_case};

const NO_MODEL: &str =
    "no CPU model fits the given data (libvirt: Cannot find suitable CPU model for given data)";

pub(crate) fn decode(dump: &str, options: &[&str]) -> Run {
    caps_with(dump, ["cpu", "--cpuid", "-"].iter().chain(options)).unwarned()
}

/// Whether the answer is not the text of the file; where that tells of an error it is not the refusal.
fn differs(answer: &Run, expected: &str) -> bool {
    if expected.starts_with("ERROR") {
        *answer != Run { status: 1, stdout: String::new(), stderr: format!("caps: {NO_MODEL}\n") }
    } else {
        *answer != Run { status: 0, stdout: expected.into(), stderr: String::new() }
    }
}

fn differs_from(case: &Case, dump: &str, ending: &str, options: &[&str]) -> bool {
    differs(&decode(dump, options), &case.file(ending).unwrap())
}

#[test]
fn as_given() {
    every_case(|case| {
        differs_from(case, &case.dump, "host-12.8.xml", &[])
            || differs_from(case, &cpudata(&case.dump), "host-12.8.xml", &[])
    });
}

#[test]
fn as_probed() {
    every_case(|case| {
        let ending = match case.file("probe-12.8.xml") {
            Some(_) => "probe-12.8.xml",
            None => "host-12.8.xml",
        };
        differs_from(case, &case.dump, ending, &["--as-probed"])
            || differs_from(case, &cpudata(&case.dump), ending, &["--as-probed"])
    });
}

#[test]
fn as_guest() {
    every_case(|case| {
        differs_from(case, &case.dump, "guest-12.8.xml", &["--guest"])
            || differs_from(case, &cpudata(&case.dump), "guest-12.8.xml", &["--guest"])
    });
}

/// This form has no MSRs, so it is held against the same dump without them.
#[test]
fn text_of_cpuid() {
    every_case(|case| {
        let plain = without_msrs(&case.dump);
        let has_msrs = plain != case.dump;
        [&[][..], &["--as-probed"], &["--guest"]].iter().any(|options| {
            let expected = decode(&plain, options);
            let cpus = if has_msrs { 1 } else { 3 };
            decode(&raw(&case.dump, cpus), options) != expected
                || (options.is_empty()
                    && !has_msrs
                    && differs_from(case, &plain, "host-12.8.xml", &[]))
        })
    });
}

/// The features of a `<cpu>`, in order.
fn features(xml: &str) -> Vec<&str> {
    let lines = xml.lines().filter_map(|line| line.strip_prefix("  <feature name='"));
    lines.map(|rest| rest.strip_suffix("'/>").unwrap()).collect()
}

#[test]
fn expanded() {
    every_case(|case| {
        let Run { status, stdout: plain, .. } = decode(&case.dump, &[]);
        let Run { status: same, stdout: expanded, .. } = decode(&case.dump, &["--expand"]);
        let head = |xml: &str| -> Vec<String> {
            xml.lines().filter(|line| !line.contains("<feature")).map(String::from).collect()
        };
        let all = features(&expanded);
        let mut missing = features(&plain);
        missing.retain(|name| !all.contains(name));
        let model = all.len() - features(&plain).len();
        status != same
            || head(&plain) != head(&expanded)
            || !missing.is_empty()
            || (status == 0 && model == 0)
    });
}

/// A processor of 1993: nothing but what a 486 needs.
const OLD: &str =
    "cpuid 0x0 0x0 0x1 0x756e6547 0x6c65746e 0x49656e69\ncpuid 0x1 0x0 0x480 0x0 0x0 0xf\n";

#[test]
fn the_least() {
    let host = "<cpu>\n  <arch>x86_64</arch>\n  <model>486-v1</model>\n  <vendor>Intel</vendor>\n  \
                <signature family='4' model='8' stepping='0'/>\n  <feature name='de'/>\n</cpu>\n";
    assert_eq!(decode(OLD, &[]).output(), host);
    let guest = "<cpu mode='custom' match='exact'>\n  <model fallback='forbid'>486</model>\n  \
                 <vendor>Intel</vendor>\n  <feature policy='require' name='de'/>\n</cpu>\n";
    assert_eq!(decode(OLD, &["--guest"]).output(), guest);
    let all = ["de", "fpu", "pse", "vme"];
    let mut expanded = decode(OLD, &["--guest", "--expand"]).output();
    for name in all {
        expanded =
            expanded.replacen(&format!("  <feature policy='require' name='{name}'/>\n"), "", 1);
    }
    assert_eq!(expanded, guest.replace("  <feature policy='require' name='de'/>\n", ""));
}

#[test]
fn what_is_not_there_has_no_model() {
    assert_eq!(decode("cpuid 0x0 0x0 0x0 0x0 0x0 0x0\n", &[]).failure(), NO_MODEL);
    assert_eq!(decode("<cpudata arch='x86'>\n</cpudata>\n", &[]).failure(), NO_MODEL);
}

#[test]
fn lies_end_in_an_answer() {
    let ones = "0xffffffff ".repeat(4);
    for options in [&[][..], &["--as-probed"], &["--guest"], &["--expand"], &["--json"]] {
        for leaves in [&["0x0"][..], &["0x80000000"], &["0x0", "0x80000000"], &["0x7", "0x12"]] {
            let dump: String =
                leaves.iter().map(|leaf| format!("cpuid {leaf} 0x0 {ones}\n")).collect();
            let Run { status, stderr, .. } = decode(&dump, options);
            assert!(status == 0 || stderr.contains(NO_MODEL), "{options:?} {dump}");
        }
    }
}

#[test]
fn the_line_of_a_fault_is_named() {
    let scratch = Scratch::new();
    let fault = |text: &str| {
        let file = scratch.file("dump", text);
        scratch.plain(&caps(["cpu", "--cpuid", &file]).failure())
    };
    assert_eq!(fault(""), "dump:1: nothing to read");
    assert_eq!(fault("hello\n"), "dump:1: not a line of a CPUID dump");
    let short = format!("{OLD}cpuid 0x2 0x0 0x1\n");
    assert_eq!(fault(&short), "dump:3: a value is missing, in the table of caps record");
    let cut = raw(&OLD.replace(' ', "\t"), 1);
    assert_eq!(
        fault(&cut[..cut.rfind(" edx=").unwrap()]),
        "dump:3: a value is missing, in the output of cpuid -r"
    );
    let lscpu = "dump:1: this is the output of lscpu, not a CPUID dump that caps reads";
    assert_eq!(fault("CPU(s): 4\nCPU family: 6\n"), lscpu);
    let aida = "dump:2: not a hexadecimal number, in a dump of InstLatx64 or AIDA64";
    assert_eq!(fault("CPUID 00000000: 0-0-0-0\nCPUID 00000001: 0-0-0-z\n"), aida);
    assert_eq!(fault("<cpudata arch='x86'>\n <cpuid"), "dump:2: the <cpudata> is not finished");
    assert_eq!(fault("<cpudata arch='ppc64'>\n</cpudata>"), "dump:1: not the data of an x86 CPU");
    assert_eq!(fault("<cpu>\n</cpu>"), "dump:1: not the XML of a <cpudata>");
    let file = scratch.file("there", "");
    let missing = format!("{file}-not");
    let sentence = scratch.plain(&caps(["cpu", "--cpuid", &missing]).failure());
    assert_eq!(sentence, "there-not: No such file or directory (os error 2)");
}

#[test]
fn some_options_exclude_each_other() {
    for options in [
        &["--as-probed"][..],
        &["--cpuid", "-", "--root", "."],
        &["--why", "--guest"],
        &["--json", "--expand"],
        &["more"],
    ] {
        assert_eq!(caps(["cpu"].iter().chain(options)).status, 2, "{options:?}");
    }
}
