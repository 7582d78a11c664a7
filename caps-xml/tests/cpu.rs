//! `<cpu>` elements that libvirt's parser accepts, and its words for those that it refuses.

use caps_xml::cpu::{Cpu, Expected};

/// Recorded from a daemon: `cpu-compare` reads any CPU, `cpu-baseline` a host's.
const FACTS: &str = include_str!("cpu.facts");

/// Returns the refusal as virsh prints it.
fn refusal(cpu: &str, expected: Expected) -> String {
    match Cpu::read_document(cpu.as_bytes(), expected) {
        Ok(_) => "accepted".into(),
        Err(error) => error.refusal.to_string(),
    }
}

#[test]
fn refusals_are_those_of_libvirt() {
    let lines: Vec<&str> = FACTS.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.len() > 600 && lines.len().is_multiple_of(3), "{}", lines.len());
    for fact in lines.chunks(3) {
        let [cpu, compared, combined] = fact else { panic!("{fact:?}") };
        assert_eq!(refusal(cpu, Expected::Any).trim(), compared.trim(), "compare {cpu}");
        assert_eq!(refusal(cpu, Expected::Host).trim(), combined.trim(), "baseline {cpu}");
    }
}

/// Attributes that libvirt 9.0.0 does not have.
#[test]
fn later_attributes_are_checked_too() {
    let refused = |cpu: &str, words: &str| {
        let sentence = format!("XML error: Invalid value for attribute {words}");
        assert_eq!(refusal(cpu, Expected::Any), sentence, "{cpu}");
    };
    refused("<cpu deprecated_features='no'/>", "'deprecated_features' in element 'cpu': 'no'.");
    assert_eq!(refusal("<cpu deprecated_features='off'/>", Expected::Any), "accepted");
    refused(
        "<cpu><topology sockets='1' clusters='0' cores='1' threads='1'/></cpu>",
        "'clusters' in element 'topology': Zero is not permitted",
    );
    refused(
        "<cpu><maxphysaddr mode='passthrough' limit='-1'/></cpu>",
        "'limit' in element 'maxphysaddr': '-1'. Expected non-negative value",
    );
}

#[test]
fn the_place_is_that_of_the_element() {
    let at = |cpu: &str| Cpu::read_document(cpu.as_bytes(), Expected::Any).unwrap_err().at;
    assert_eq!(at("<cpu mode='none'/>"), 0);
    assert_eq!(at("<cpu><model fallback='none'/></cpu>"), 5);
    assert_eq!(at("<cpu><model>486</model>\n<feature/></cpu>"), 24);
}

#[test]
fn unknown_features_are_found_twice_too() {
    let features: String = (0..100).map(|n| format!("<feature name='f{n}'/>")).collect();
    let cpu = |more: &str| format!("<cpu><model>486</model>{features}{more}</cpu>");
    assert_eq!(refusal(&cpu(""), Expected::Any), "accepted");
    let sentence = "XML error: CPU feature 'f99' specified more than once";
    assert_eq!(refusal(&cpu("<feature name='f99'/>"), Expected::Any), sentence);
    assert_eq!(refusal(&cpu("<feature name='f&#57;9'/>"), Expected::Any), sentence);
}
