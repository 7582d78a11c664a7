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
    for document in
        ["", "hello", "<domain/>", "<!-- <cpu/> -->", "<a><cpu/></a>", "<cpu xmlns='a'/>"]
    {
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

/// Faults of hosts, which both commands refuse; caps-xml's tests have the whole list.
#[test]
fn what_libvirt_refuses() {
    refused("<cpu><arch>x86_64</arch></cpu>", "a.xml:1:1: XML error: Missing CPU model name");
    refused(
        "<cpu><arch/><model>486</model></cpu>",
        "a.xml:1:1: XML error: Missing CPU architecture",
    );
    let unknown = "a.xml:1:6: unsupported configuration: Unknown architecture none";
    refused("<cpu><arch>none</arch><model>486</model></cpu>", unknown);
    let mode = "a.xml:1:1: unsupported configuration: Attribute mode is only allowed for guest CPU";
    refused("<cpu mode='custom'><arch>x86_64</arch><model>486</model></cpu>", mode);
    let features = |features: &str| {
        format!("<domain><cpu>\n<arch>x86_64</arch><model>486</model>\n{features}</cpu></domain>")
    };
    refused(&features("<feature/>"), "a.xml:3:1: XML error: Invalid CPU feature name");
    let twice = "<feature name='vmx'/>\n<feature name='vmx' policy='disable'/>";
    let sentence = "a.xml:4:1: XML error: CPU feature 'vmx' specified more than once";
    refused(&features(twice), sentence);
    let cache =
        "a.xml:3:1: XML error: Invalid value for attribute 'mode' in element 'cache': 'half'.";
    refused(&features("<cache level='3' mode='half'/>"), cache);
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
    let cpu = "<cpu><arch>i686</arch><model>486</model></cpu>\n";
    let file = scratch.file("a.xml", &cpu.repeat((1 << 16) + 1));
    let sentence = "a.xml:65537:1: more than 65536 CPUs in one file";
    assert_eq!(scratch.plain(&caps(["baseline", &file]).failure()), sentence);
}

#[test]
fn names_that_are_too_long_or_too_many() {
    let host = |rest: &str| format!("<cpu><arch>i686</arch>{rest}</cpu>");
    let sentence = "a.xml:1:23: XML error: a name is longer than 64 bytes";
    refused(&host(&format!("<model>{}</model>", "a".repeat(65))), sentence);
    let features: String = (0..129).map(|n| format!("\n<feature name='{n}'/>")).collect();
    let sentence = "a.xml:130:1: XML error: too many unknown CPU features";
    refused(&host(&format!("<model>486</model>{features}")), sentence);
}

#[test]
fn messages_stay_on_one_line() {
    let scratch = Scratch::new();
    let file = scratch.file("a.xml", "<cpu><arch>i686</arch><model>\n486</model></cpu>");
    let failure = scratch.plain(&caps(["baseline", &file]).failure());
    assert_eq!(failure, "a.xml:1:1: internal error: Unknown CPU model  486");
}

#[test]
fn no_such_file() {
    let scratch = Scratch::new();
    let there = scratch.file("a.xml", "<cpu><arch>i686</arch><model>486</model></cpu>");
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
