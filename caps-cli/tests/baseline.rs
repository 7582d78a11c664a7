//! `caps baseline`: the form of `virsh cpu-baseline`, over any number of files, and what must hold of every baseline.

mod support;

use support::{Case, Run, Scratch, caps, caps_with, cases};

/// A host's element.
fn host(model: &str, vendor: &str, features: &[&str]) -> String {
    let vendor =
        if vendor.is_empty() { vendor.into() } else { format!("<vendor>{vendor}</vendor>") };
    let features: String =
        features.iter().map(|name| format!("<feature name='{name}'/>")).collect();
    format!("<cpu><arch>x86_64</arch><model>{model}</model>{vendor}{features}</cpu>\n")
}

fn guest(fallback: &str, model: &str, rest: &str) -> String {
    format!(
        "<cpu mode='custom' match='exact'>\n  <model fallback='{fallback}'>{model}</model>\n{rest}</cpu>\n"
    )
}

fn baseline(documents: &str, options: &[&str]) -> Run {
    caps_with(documents, ["baseline", "-"].iter().chain(options))
}

#[test]
fn what_all_have() {
    let both =
        host("Haswell", "Intel", &["vmx", "ht", "osxsave"]) + &host("Broadwell", "Intel", &["vmx"]);
    let vmx = "  <vendor>Intel</vendor>\n  <feature policy='require' name='vmx'/>\n";
    assert_eq!(baseline(&both, &[]).output(), guest("allow", "Haswell", vmx));
    let one = host("Haswell", "", &["osxsave", "cmt", "ht", "cmp_legacy", "ss"]);
    let ss = "  <feature policy='require' name='ss'/>\n";
    assert_eq!(baseline(&one, &[]).output(), guest("forbid", "Haswell", ss));
}

#[test]
fn several_files_of_several_documents() {
    let scratch = Scratch::new();
    let capabilities = |cpu: &str| format!("<capabilities><host>{cpu}</host></capabilities>");
    let haswell = host("Haswell", "Intel", &["vmx", "ht"]);
    let a = scratch.file("a.xml", &(capabilities(&haswell) + &haswell));
    let b = scratch
        .file("b.xml", &format!("<domain>{}</domain>", host("Haswell", "Intel", &["vmx", "ss"])));
    let vmx = "  <vendor>Intel</vendor>\n  <feature policy='require' name='vmx'/>\n";
    assert_eq!(caps(["baseline", &a, &b]).output(), guest("forbid", "Haswell", vmx));
    let file = scratch.file("c.xml", "");
    assert_eq!(caps(["baseline", &a, &b, "-o", &file]).output(), "");
    assert_eq!(std::fs::read_to_string(file).unwrap(), guest("forbid", "Haswell", vmx));
}

/// The policies of a host's features do not count, not even one that does not exist.
#[test]
fn a_host_has_no_policies() {
    for policy in ["disable", "none"] {
        let feature =
            format!("<model>Haswell</model><feature policy='{policy}' name='vmx'/></cpu>");
        let made =
            baseline(&format!("<cpu match='none'><arch>x86_64</arch>{feature}"), &[]).output();
        assert_eq!(made, guest("forbid", "Haswell", "  <feature policy='require' name='vmx'/>\n"));
    }
}

#[test]
fn features_are_those_of_the_model_too() {
    let expanded = baseline(&host("486", "", &["de"]), &["--features"]).output();
    let names = ["de", "fpu", "pse", "vme"];
    let all: String =
        names.iter().map(|name| format!("  <feature policy='require' name='{name}'/>\n")).collect();
    assert_eq!(expanded, guest("forbid", "486", &all));
}

#[test]
fn migratable_leaves_two_features_out() {
    let cpu = host("486", "", &["invtsc", "xsaves", "de"]);
    let de = "  <feature policy='require' name='de'/>\n";
    assert_eq!(baseline(&cpu, &["--migratable"]).output(), guest("forbid", "486", de));
    assert_eq!(baseline(&cpu, &[]).output().matches("<feature").count(), 3);
    let expanded = baseline(&cpu, &["--migratable", "--features"]).output();
    assert_eq!(expanded.matches("<feature").count(), 4);
}

#[test]
fn the_cpu_that_is_wrong_is_named() {
    let scratch = Scratch::new();
    let good = scratch.file("good.xml", &host("Haswell", "Intel", &[]));
    let refused = |cpu: &str, sentence: &str| {
        let bad = scratch.file("bad.xml", &format!("<domain>\n {cpu}</domain>"));
        let failure = scratch.plain(&caps(["baseline", &good, &bad]).failure());
        assert_eq!(failure, format!("bad.xml:2:2: {sentence}"));
    };
    refused("<cpu/>", "XML error: Missing CPU architecture");
    refused("<cpu><model>486</model></cpu>", "XML error: Missing CPU architecture");
    refused("<cpu><arch>x86_64</arch></cpu>", "XML error: Missing CPU model name");
    refused(
        "<cpu mode='custom'><arch>x86_64</arch><model>486</model></cpu>",
        "unsupported configuration: Attribute mode is only allowed for guest CPU",
    );
    refused(&host("none", "", &[]), "internal error: Unknown CPU model none");
    refused(&host("Haswell", "", &["none"]), "internal error: Unknown CPU feature none");
    refused(&host("EPYC", "AMD", &[]), "operation failed: CPU vendors do not match");
    let contradiction =
        "operation failed: CPU vendor Intel of model Haswell differs from vendor none";
    refused(&host("Haswell", "none", &[]), contradiction);
}

#[test]
fn the_first_vendor_must_be_known() {
    let failure = baseline(&host("Haswell", "none", &[]), &[]).failure();
    assert_eq!(failure, "-:1:1: operation failed: Unknown CPU vendor none");
}

/// virsh makes a guest's `<cpu>` of the host model, which has no architecture.
#[test]
fn domain_capabilities_have_no_baseline() {
    let mode =
        "<mode name='host-model' supported='yes'><model fallback='forbid'>486</model></mode>";
    let document = format!("<domainCapabilities><cpu>{mode}</cpu></domainCapabilities>");
    let failure = baseline(&document, &[]).failure();
    assert_eq!(failure, "-:1:26: XML error: Missing CPU architecture");
}

#[test]
fn nothing_in_common() {
    let power = |model: &str| foreign("ppc64", model, "");
    let two = power("POWER8") + &power("POWER9");
    assert_eq!(baseline(&two, &[]).failure(), "-:1:51: operation failed: CPUs are incompatible");
}

fn foreign(arch: &str, model: &str, rest: &str) -> String {
    format!("<cpu><arch>{arch}</arch><model>{model}</model>{rest}</cpu>")
}

#[test]
fn power_and_arm_have_a_model_alone() {
    let vendor = "<vendor>IBM</vendor><feature name='none'/>";
    for options in [&[][..], &["--features"], &["--migratable"]] {
        for arch in ["ppc64", "ppc64le"] {
            let two = foreign(arch, "POWER9", vendor) + &foreign("ppc64le", "POWER9", "");
            assert_eq!(baseline(&two, options).output(), guest("forbid", "POWER9", ""));
        }
        for arch in ["aarch64", "armv6l", "armv7b", "armv7l"] {
            // Neither is looked up, and the second host is not looked at.
            let two = foreign(arch, "a&amp;b", "<vendor>c</vendor>") + &foreign(arch, "d", "");
            assert_eq!(baseline(&two, options).output(), guest("allow", "a&amp;b", ""));
        }
    }
}

#[test]
fn power_refuses_unknown_names_and_foreign_vendors() {
    let refused = |document: &str| baseline(document, &[]).failure();
    let model = "-:1:1: internal error: Unknown CPU model POWER7_v2.1";
    assert_eq!(refused(&foreign("ppc64", "POWER7_v2.1", "")), model);
    let vendor = "-:1:1: operation failed: Unknown CPU vendor none";
    assert_eq!(refused(&foreign("ppc64", "POWER9", "<vendor>none</vendor>")), vendor);
    let other =
        "-:1:1: operation failed: CPU vendor IBM of model POWER9 differs from vendor Freescale";
    assert_eq!(refused(&foreign("ppc64", "POWER9", "<vendor>Freescale</vendor>")), other);
}

#[test]
fn other_architectures_have_no_baseline() {
    let unsupported = "-:1:1: this function is not supported by the connection driver: ";
    for (arch, words) in [
        ("s390x", "cannot compute baseline CPU of s390x architecture"),
        ("riscv64", "cannot compute baseline CPU of riscv64 architecture"),
        ("mips", "'mips' architecture is not supported by CPU driver"),
    ] {
        assert_eq!(
            baseline(&foreign(arch, "a", ""), &[]).failure(),
            format!("{unsupported}{words}")
        );
    }
    assert_eq!(caps(["baseline"]).status, 2);
}

/// Each case with one that comes later, and what libvirt calls their hosts.
fn pairs(cases: &[Case]) -> impl Iterator<Item = [(&str, String); 2]> {
    let host = |case: &Case| case.beside("host-12.8.xml").to_str().unwrap().to_owned();
    let steps = [1, 7, 40].into_iter();
    steps.flat_map(move |step| {
        cases
            .iter()
            .zip(cases.iter().cycle().skip(step))
            .map(move |(a, b)| [(a.name.as_str(), host(a)), (b.name.as_str(), host(b))])
    })
}

#[test]
fn every_baseline_runs_on_its_hosts() {
    let mut cases = cases();
    cases.retain(Case::has_model);
    let (scratch, mut made) = (Scratch::new(), 0);
    for [(a, first), (b, second)] in pairs(&cases) {
        let run = caps(["baseline", &first, &second]);
        if run.status == 1 {
            let sentence = run.failure();
            assert!(sentence.ends_with("CPU vendors do not match"), "{a} {b}: {sentence}");
            continue;
        }
        let common = run.output();
        let file = scratch.file("baseline.xml", &common);
        for host in [&first, &second] {
            caps(["compare", &file, "--host", host, "--error"]).output();
        }
        let again = caps(["baseline", &first, &second, &second]).output();
        assert_eq!(again, common, "{a} {b}");
        made += 1;
    }
    println!("{made} baselines");
}
