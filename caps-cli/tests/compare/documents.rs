//! Where a document has its CPU.

use crate::answers::PENRYN;
use crate::support::{Scratch, caps, caps_with};

/// Whether the first CPU of `document` is the Penryn, and not the one that the host cannot run.
#[track_caller]
fn has_penryn_first(document: &str) {
    let scratch = Scratch::new();
    let host = scratch.file("host.xml", PENRYN);
    let answer = caps_with(document, ["compare", "-", "--host", &host, "--error"]).output();
    assert_eq!(answer, "CPU described in - is identical to host CPU\n", "{document}");
    let document = scratch.file("document.xml", document);
    assert!(caps(["compare", &host, "--host", &document]).output().contains("identical"));
}

#[test]
fn documents_of_every_kind() {
    let cell = "<topology><cells><cell><cpus><cpu id='0'/></cpus></cell></cells></topology>";
    has_penryn_first(PENRYN);
    has_penryn_first(&format!("<?xml version='1.0' encoding='UTF-8'?>\n<!-- -->{PENRYN}<!-- -->"));
    has_penryn_first(&format!("\u{feff}{PENRYN}"));
    has_penryn_first(&format!("<capabilities><host>{cell}{PENRYN}</host></capabilities>"));
    has_penryn_first(&format!("<domain type='kvm'><name>a</name>{PENRYN}</domain>"));
    has_penryn_first(&format!("<domain>{PENRYN}<cpu><model>Haswell</model></cpu></domain>"));
}

#[test]
fn the_first_of_several_documents_counts() {
    let domain = "<domain><cpu><model>Haswell</model></cpu></domain>";
    has_penryn_first(&format!("{PENRYN}{domain}"));
    has_penryn_first(&format!("<domain><name>no CPU</name></domain>{PENRYN}{domain}"));
    has_penryn_first(&format!("{PENRYN}<cpu match='none'><cpu/></cpu>"));
}

#[test]
fn the_host_model_of_domain_capabilities() {
    let mode = |name: &str, supported: &str, model: &str| {
        format!(
            "<mode name='{name}' supported='{supported}'><model fallback='forbid'>{model}</model>\
                 <vendor>Intel</vendor><feature policy='require' name='vmx'/><feature policy='require' name='ht'/></mode>"
        )
    };
    let document = |modes: &str| {
        format!("<domainCapabilities><arch>x86_64</arch><cpu>{modes}</cpu></domainCapabilities>")
    };
    let others = mode("host-passthrough", "yes", "Haswell") + &mode("maximum", "yes", "Haswell");
    has_penryn_first(&document(&format!("{others}{}", mode("host-model", "yes", "Penryn"))));
    let unsupported = document(&mode("host-model", "no", "Penryn"));
    let failure = caps_with(&unsupported, ["compare", "-"]).failure();
    assert!(failure.contains("does not contain any <cpu> element"), "{failure}");
}

#[test]
fn the_first_of_children_that_stand_twice_counts() {
    has_penryn_first(&PENRYN.replace("</model>", "</model><model>Haswell</model>"));
    has_penryn_first(&PENRYN.replace("Penryn", "Pen<!-- -->ry<![CDATA[n]]>"));
    has_penryn_first(&PENRYN.replace("'ht'", "'h&#116;'"));
}

/// Elements that have nothing to do with it may be called whatever they are called.
#[test]
fn other_children_do_not_count() {
    let other = "<numa><cell id='0'><feature name='none'/><model>none</model></cell></numa><addr/>";
    has_penryn_first(&PENRYN.replace("</cpu>", &format!("{other}</cpu>")));
}
