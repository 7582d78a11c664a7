//! What is answered, and why.

use crate::support::{Run, Scratch, caps, cases};

/// A host to compare with.
pub(crate) const PENRYN: &str = "<cpu>\n  <arch>x86_64</arch>\n  <model>Penryn</model>\n  <vendor>Intel</vendor>\n  \
                                 <feature name='vmx'/>\n  <feature name='ht'/>\n</cpu>\n";

/// What is said of `cpu` on a Penryn.
fn on_penryn(cpu: &str, options: &[&str]) -> Run {
    let scratch = Scratch::new();
    let (cpu, host) = (scratch.file("cpu.xml", cpu), scratch.file("host.xml", PENRYN));
    let arguments = ["compare", &cpu, "--host", &host];
    let Run { status, stdout, stderr } = caps(arguments.iter().chain(options));
    Run { status, stdout: scratch.plain(&stdout), stderr: scratch.plain(&stderr) }
}

fn guest(attributes: &str, model: &str, children: &str) -> String {
    format!("<cpu {attributes}><model>{model}</model>{children}</cpu>")
}

fn feature(name: &str, policy: &str) -> String {
    guest("", "Penryn", &format!("<feature policy='{policy}' name='{name}'/>"))
}

const IDENTICAL: &str = "CPU described in cpu.xml is identical to host CPU\n";
const SUPERSET: &str = "Host CPU is a superset of CPU described in cpu.xml\n";
const INCOMPATIBLE: &str = "CPU described in cpu.xml is incompatible with host CPU\n";

#[track_caller]
fn can_run(cpu: &str, answer: &str) {
    for options in [&[][..], &["--error"]] {
        assert_eq!(on_penryn(cpu, options).output(), answer);
    }
}

#[track_caller]
fn cannot_run(cpu: &str, reason: &str) {
    let answer = Run { status: 4, stdout: INCOMPATIBLE.into(), stderr: String::new() };
    assert_eq!(on_penryn(cpu, &[]), answer);
    let prefix = "Failed to compare host CPU with cpu.xml: the CPU is incompatible with host CPU: ";
    assert_eq!(on_penryn(cpu, &["--error"]).failure(), format!("{prefix}{reason}"));
}

#[test]
fn the_host_itself_is_identical() {
    can_run(PENRYN, IDENTICAL);
    let all = "<feature name='vmx'/><feature name='ht' policy='require'/>";
    for attributes in ["", "match='exact'", "match='strict'", "match='minimum'", "mode='custom'"] {
        can_run(&guest(attributes, "Penryn", all), IDENTICAL);
    }
}

#[test]
fn less_is_a_superset_unless_strict() {
    can_run(&guest("", "Conroe", ""), SUPERSET);
    can_run(&guest("match='minimum'", "Penryn", ""), SUPERSET);
    can_run("<cpu mode='host-passthrough'/>", SUPERSET);
    let strict = guest("match='strict'", "Penryn", "<feature name='ht'/>");
    cannot_run(&strict, "Host CPU does not strictly match guest CPU: Extra features: vmx");
}

#[test]
fn each_policy_has_its_say() {
    can_run(&feature("vmx", "require"), SUPERSET);
    cannot_run(&feature("avx2", "require"), "Host CPU does not provide required features: avx2");
    cannot_run(&feature("vmx", "forbid"), "Host CPU provides forbidden features: vmx");
    for (name, policy) in
        [("avx2", "force"), ("avx2", "optional"), ("sse2", "disable"), ("avx2", "forbid")]
    {
        can_run(&feature(name, policy), SUPERSET);
    }
}

/// Of a host's features the policy does not count, not even one that there is not.
#[test]
fn a_host_has_no_policies() {
    let host = PENRYN.replace("<feature name='ht'/>", "<feature policy='odd' name='ht'/>");
    can_run(&host, IDENTICAL);
}

#[test]
fn names_refuse_before_features_do() {
    let amd = guest("", "Penryn", "<vendor>AMD</vendor><feature name='avx2'/>");
    cannot_run(&amd, "host CPU vendor does not match required CPU vendor AMD");
    let power = "<cpu><arch>ppc64le</arch><model>POWER9</model></cpu>";
    cannot_run(power, "CPU arch ppc64le does not match host arch");
    can_run(&PENRYN.replace("x86_64", "i686"), IDENTICAL);
}

#[test]
fn a_host_without_a_model_runs_nothing() {
    let scratch = Scratch::new();
    let cpu = scratch.file("cpu.xml", &guest("", "486", ""));
    let host = scratch.file("host.xml", "<cpu/>");
    let failure = caps(["compare", &cpu, "--host", &host, "--error"]).failure();
    assert!(failure.ends_with("the CPU is incompatible with host CPU: unknown host CPU"));
}

#[test]
fn unknown_names_are_errors() {
    let unknown = |cpu: &str| on_penryn(cpu, &[]).failure();
    let prefix = "Failed to compare host CPU with cpu.xml: internal error: Unknown CPU";
    assert_eq!(unknown(&guest("", "none", "")), format!("{prefix} model none"));
    assert_eq!(unknown(&feature("none", "optional")), format!("{prefix} feature none"));
}

#[test]
fn only_x86_is_compared() {
    let scratch = Scratch::new();
    let host = scratch.file("host.xml", "<cpu><arch>aarch64</arch><model>a64fx</model></cpu>");
    assert_eq!(
        caps(["compare", &host, "--host", &host]).failure(),
        "only x86 CPUs can be compared; the host's architecture is aarch64"
    );
}

#[test]
fn this_host_is_identical_to_itself() {
    let (scratch, element) = (Scratch::new(), caps(["cpu"]).output());
    if !element.contains("<model>") {
        return eprintln!("skipped: this host's CPU has no model");
    }
    let cpu = scratch.file("cpu.xml", &element);
    assert_eq!(scratch.plain(&caps(["compare", &cpu]).output()), IDENTICAL);
    assert_eq!(scratch.plain(&caps(["compare", &cpu, "--host", &cpu]).output()), IDENTICAL);
    assert_eq!(caps(["compare", &cpu, "--root", "/", "--host", &cpu]).status, 2);
}

/// The element with all features is the same CPU, and its guest definition runs on it.
#[test]
fn recorded_processors_run_themselves() {
    for case in cases().iter().filter(|case| case.has_model()) {
        let scratch = Scratch::new();
        let expanded = caps([
            "cpu".as_ref(),
            "--expand".as_ref(),
            "--cpuid".as_ref(),
            case.beside("tsv").as_os_str(),
        ]);
        let host = case.beside("host-12.8.xml").to_str().unwrap().to_owned();
        let expanded = scratch.file("cpu.xml", &expanded.unwarned().output());
        let guest = case.beside("guest-12.8.xml").to_str().unwrap().to_owned();
        assert_eq!(
            scratch.plain(&caps(["compare", &expanded, "--host", &host]).output()),
            IDENTICAL,
            "{}",
            case.name
        );
        assert_eq!(
            scratch.plain(&caps(["compare", &host, "--host", &expanded]).output()),
            IDENTICAL.replace("cpu.xml", &host),
            "{}",
            case.name
        );
        caps(["compare", &guest, "--host", &host, "--error"]).output();
    }
}
