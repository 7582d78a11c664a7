//! Documents that are refused, with the place of what is wrong.

use crate::support::{Scratch, caps};
use std::fs::File;

#[track_caller]
fn refused(document: &str, sentence: &str) {
    let scratch = Scratch::new();
    let file = scratch.file("a.xml", document);
    for command in ["compare", "baseline"] {
        assert_eq!(scratch.plain(&caps([command, &file]).failure()), sentence);
    }
}

#[test]
fn without_a_cpu() {
    let sentence = "File 'a.xml' does not contain any <cpu> element or valid domain XML, host capabilities XML, \
                    or domain capabilities XML";
    for document in ["", "hello", "<domain/>", "<!-- <cpu/> -->", "<a><b><cpu/></b></a>"] {
        refused(document, sentence);
    }
    refused("<capabilities><guest><cpu/></guest></capabilities>", sentence);
}

#[test]
fn malformed() {
    refused(
        "<cpu>\n  <model>kvm64</modem>\n</cpu>",
        "a.xml:2:15: the end tag does not name the element that is open",
    );
    refused("<cpu>\n <model>", "a.xml:2:9: the document ends too early");
    refused("<cpu/>\n</domain>", "a.xml:2:1: the end tag does not name the element that is open");
    refused(
        "<?xml version='1.0'?>\n<cpu a='1'\n a='2'/>",
        "a.xml:3:2: the attribute is given twice",
    );
    refused(
        "<cpu/>\n<?xml version='1.0'?>",
        "a.xml:2:3: the XML declaration is malformed or not the first thing in the document",
    );
    refused("ü<cpu>&none;</cpu>", "a.xml:1:7: the entity is not known");
    refused(
        "<!DOCTYPE cpu [<!ENTITY a 'aa'>]>\n<cpu/>",
        "a.xml:1:1: a document type declaration is refused",
    );
    refused("<cpu>\u{1}</cpu>", "a.xml:1:6: the character is not allowed in XML");
    refused(
        "<?xml version='1.0' encoding='latin1'?><cpu/>",
        "a.xml:1:1: the declared encoding is not UTF-8",
    );
    refused(&"<a>".repeat(100), "a.xml:1:190: too many elements are open at once (at most 64)");
}

/// The element around all documents of a file cannot be ended from within.
#[test]
fn no_document_gets_out() {
    refused("<cpu/></documents><documents>", "a.xml:1:19: the document has a second root element");
    refused("</documents>", "a.xml:1:13: the document ends too early");
}

#[test]
fn out_of_order() {
    refused(
        "<domain>\n <cpu><feature name='vmx'/></cpu></domain>",
        "a.xml:2:2: features without a model",
    );
    refused("<cpu><arch>x86_64</arch></cpu>", "a.xml:1:1: a host CPU without a model");
    refused("<cpu><arch/><model>486</model></cpu>", "a.xml:1:1: unknown architecture ''");
    refused(
        "<cpu><arch>none</arch><model>486</model></cpu>",
        "a.xml:1:1: unknown architecture 'none'",
    );
    let both = "a.xml:1:1: <arch> is for hosts, and match='' and mode='' for guests";
    refused("<cpu match='exact'><arch>x86_64</arch><model>486</model></cpu>", both);
    refused("<cpu mode='custom'><arch>x86_64</arch><model>486</model></cpu>", both);
    refused("<cpu match='none'><model>486</model></cpu>", "a.xml:1:1: unknown match");
    refused("<cpu mode='none'><model>486</model></cpu>", "a.xml:1:1: unknown mode");
    let features = |features: &str| format!("<cpu>\n<model>486</model>\n{features}</cpu>");
    refused(&features("<feature/>"), "a.xml:3:1: a feature without a name");
    refused(
        &features("<feature name='vmx' policy='none'/>"),
        "a.xml:3:1: a feature with an unknown policy",
    );
    let twice = "<feature name='vmx'/>\n<feature name='vmx' policy='disable'/>";
    refused(&features(twice), "a.xml:4:1: CPU feature vmx given more than once");
}

#[test]
fn too_large() {
    let scratch = Scratch::new();
    let path = scratch.file("a.xml", "");
    File::options().write(true).open(&path).unwrap().set_len((64 << 20) + 1).unwrap();
    for arguments in [&["compare", &path][..], &["baseline", &path], &["cpu", "--cpuid", &path]] {
        assert_eq!(scratch.plain(&caps(arguments).failure()), "a.xml: larger than 64 MiB");
    }
}

#[test]
fn too_many() {
    let scratch = Scratch::new();
    let file = scratch.file("a.xml", &"<cpu/>\n".repeat((1 << 16) + 1));
    let sentence = "a.xml:65537:1: more than 65536 CPUs in one file";
    assert_eq!(scratch.plain(&caps(["baseline", &file]).failure()), sentence);
}

#[test]
fn names_that_fit_no_sentence() {
    let sentence = "a.xml:1:6: a name of more than 128 bytes or with control characters";
    refused(&format!("<cpu><model>{}</model></cpu>", "a".repeat(129)), sentence);
    refused("<cpu><model>\n486</model></cpu>", sentence);
    refused("<cpu><feature name='&#10;'/></cpu>", sentence);
    let features: String = (0..4097).map(|n| format!("<feature name='{n}'/>")).collect();
    let scratch = Scratch::new();
    let file = scratch.file("a.xml", &format!("<cpu>\n{features}</cpu>"));
    let failure = scratch.plain(&caps(["baseline", &file]).failure());
    assert!(failure.ends_with("more than 4096 features of one CPU"), "{failure}");
}

#[test]
fn no_such_file() {
    let scratch = Scratch::new();
    let there = scratch.file("a.xml", "<cpu/>");
    let missing = format!("{there}-not");
    let sentence = "a.xml-not: No such file or directory (os error 2)";
    for arguments in [
        &["compare", &missing][..],
        &["baseline", &there, &missing],
        &["compare", &there, "--host", &missing],
    ] {
        assert_eq!(scratch.plain(&caps(arguments).failure()), sentence);
    }
}
