//! Moving about: skipping, searching, raw spans, namespaces.

use caps_xml::read::{Event, Reader};

const DOMAIN: &[u8] = b"<?xml version='1.0'?>
<domain type='kvm' xmlns='urn:d' xmlns:qemu='urn:q&amp;1' xmlns:other='urn:o'>
  <name>a</name>
  <cpu><model>x</model><cpu/></cpu>
  <qemu:commandline><qemu:arg value='-s'/></qemu:commandline>
</domain>";

fn domain() -> Reader<'static> {
    Reader::new(DOMAIN).expect("a good declaration")
}

#[test]
fn finds_at_any_depth_and_goes_on() {
    let mut reader = domain();
    assert!(!reader.find_first("cpu").unwrap().unwrap().empty);
    assert!(reader.find_first("cpu").unwrap().unwrap().empty);
    assert!(reader.find_first("qemu:arg").unwrap().unwrap().attribute("value").unwrap() == "-s");
    assert!(reader.find_first("cpu").unwrap().is_none());
    assert!(domain().find_first("arg").unwrap().is_none());
    assert!(reader.next_event().unwrap().is_none());
}

#[test]
fn skips_the_current_element() {
    let mut reader = domain();
    reader.find_first("cpu").unwrap();
    assert_eq!(reader.depth(), 2);
    reader.skip_element().unwrap();
    assert_eq!(reader.depth(), 1);
    assert!(matches!(reader.next_event().unwrap(), Some(Event::Text(text)) if text.is_blank()));
    reader.skip_element().unwrap();
    assert_eq!((reader.depth(), reader.offset()), (0, DOMAIN.len()));
}

#[test]
fn skips_an_empty_element() {
    let mut reader = Reader::new(b"<a><b/><c/></a>").unwrap();
    reader.find_first("b").unwrap();
    assert_eq!(reader.depth(), 2);
    reader.skip_element().unwrap();
    assert!(matches!(reader.next_event().unwrap(), Some(Event::Start(start)) if start.name == "c"));
}

#[test]
fn skips_nothing_where_nothing_is_open() {
    let mut reader = Reader::new(b" <a/> ").unwrap();
    reader.skip_element().unwrap();
    assert_eq!(reader.element_span(), Ok(0..0));
    reader.finish().unwrap();
    reader.skip_element().unwrap();
    assert_eq!(reader.raw_element(), Ok(""));
}

#[test]
fn spans_cover_the_element() {
    let mut reader = domain();
    reader.find_first("qemu:commandline").unwrap();
    let raw = reader.clone().raw_element().unwrap();
    assert_eq!(raw, "<qemu:commandline><qemu:arg value='-s'/></qemu:commandline>");
    let span = reader.element_span().unwrap();
    assert_eq!(&DOMAIN[span], raw.as_bytes());
    assert!(Reader::new(raw.as_bytes()).unwrap().finish().is_ok());
}

#[test]
fn spans_cover_an_empty_element() {
    let mut reader = domain();
    reader.find_first("qemu:arg").unwrap();
    assert_eq!(reader.raw_element(), Ok("<qemu:arg value='-s'/>"));
}

#[test]
fn spans_are_of_the_element_that_is_open() {
    let mut reader = Reader::new("\u{feff}<a>x<b/>y</a>".as_bytes()).unwrap();
    reader.find_first("b").unwrap();
    reader.skip_element().unwrap();
    assert_eq!(reader.clone().raw_element(), Ok("<a>x<b/>y</a>"));
    assert_eq!(reader.element_span(), Ok(3..16));
}

#[test]
fn namespaces_of_a_start_tag() {
    let root = domain().find_first("domain").unwrap().unwrap();
    assert!(root.attributes.namespace("qemu").unwrap() == "urn:q&1");
    assert_eq!(root.attributes.prefix("urn:q&1"), Some("qemu"));
    assert_eq!(root.attributes.prefix("urn:o"), Some("other"));
    assert_eq!(root.attributes.prefix("urn:d"), None);
    assert!(root.attribute("xmlns").unwrap() == "urn:d");
    assert!(
        root.attributes.namespace("xmlns").is_none() && root.attributes.namespace("").is_none()
    );
}

#[test]
fn attributes_keep_their_order() {
    let root = domain().find_first("domain").unwrap().unwrap();
    let names: Vec<_> = root.attributes.iter().map(|attribute| attribute.name).collect();
    assert_eq!(names, ["type", "xmlns", "xmlns:qemu", "xmlns:other"]);
    assert!(root.attribute("type").unwrap() == "kvm");
    assert!(root.attribute("qemu").is_none());
}

#[test]
fn what_is_not_read_is_not_checked() {
    let mut reader = Reader::new(b"<a><cpu/></b>").unwrap();
    assert!(reader.find_first("cpu").unwrap().is_some());
    assert!(reader.finish().is_err());
}
