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
    let one = host("Haswell", "", &["osxsave", "cmt", "ht"]);
    let ht = "  <feature policy='require' name='ht'/>\n";
    assert_eq!(baseline(&one, &[]).output(), guest("forbid", "Haswell", ht));
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

/// A host's features have no policy; those of a guest do.
#[test]
fn policies_count_for_guests() {
    let disabled = "<model>Haswell</model><feature policy='disable' name='avx2'/></cpu>";
    let without = "  <feature policy='disable' name='avx2'/>\n";
    let of_guest = baseline(&format!("<cpu>{disabled}"), &[]).output();
    assert_eq!(of_guest, guest("forbid", "Haswell", without));
    let of_host = baseline(&format!("<cpu><arch>x86_64</arch>{disabled}"), &[]).output();
    assert_eq!(of_host, guest("forbid", "Haswell", ""));
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
    let refused = |cpu: &str| {
        let bad = scratch.file("bad.xml", &format!("<a>\n {cpu}</a>"));
        scratch.plain(&caps(["baseline", &good, &bad]).failure())
    };
    assert_eq!(refused("<cpu/>"), "bad.xml:2:2: a CPU without a model");
    assert_eq!(refused(&host("none", "", &[])), "bad.xml:2:2: unknown CPU model none");
    assert_eq!(refused(&host("Haswell", "none", &[])), "bad.xml:2:2: unknown CPU vendor none");
    assert_eq!(refused(&host("Haswell", "", &["none"])), "bad.xml:2:2: unknown CPU feature none");
    assert_eq!(refused(&host("EPYC", "AMD", &[])), "bad.xml:2:2: CPU vendors do not match");
    let contradiction = "bad.xml:2:2: CPU model EPYC is not of vendor Intel";
    assert_eq!(refused(&host("EPYC", "Intel", &[])), contradiction);
}

#[test]
fn nothing_in_common() {
    let two = "<cpu><model>486</model><feature policy='disable' name='fpu'/><feature policy='disable' name='pse'/>\
               <feature policy='disable' name='vme'/></cpu><cpu><model>Haswell</model></cpu>";
    assert_eq!(baseline(two, &[]).failure(), "CPUs are incompatible");
}

#[test]
fn only_x86_has_baselines() {
    let power = "<cpu><arch>ppc64le</arch><model>POWER9</model></cpu>";
    let sentence = "-:1:1: only x86 CPUs have a baseline here; the architecture is ppc64le";
    assert_eq!(baseline(power, &[]).failure(), sentence);
    assert_eq!(caps(["baseline"]).status, 2);
}

/// The element without the attribute that tells of how many models it was made.
fn but_fallback(cpu: &str) -> String {
    cpu.replace(" fallback='allow'", "").replace(" fallback='forbid'", "")
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
fn every_baseline_runs_on_its_hosts_and_is_its_own() {
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
        let again = caps(["baseline", &file]).output();
        assert_eq!(but_fallback(&again), but_fallback(&common), "{a} {b}");
        made += 1;
    }
    println!("{made} baselines");
}
