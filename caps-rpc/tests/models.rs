//! CPU models: names, comparing, baselines.

mod support;

use caps_core::Arch;
use caps_cpu::x86::Model;
use caps_rpc::xdr::Reader;
use support::{Client, arguments, words};

fn names(arch: &str, wanted: u32) -> Vec<u8> {
    arguments(|writer| {
        writer.text(arch.as_bytes());
        writer.u32(wanted);
        writer.u32(0);
    })
}

fn compare(client: &mut Client, cpu: &str, flags: u32) -> Result<i32, (u32, u32, String)> {
    let asked = arguments(|writer| {
        writer.text(cpu.as_bytes());
        writer.u32(flags);
    });
    let answer = client.ask(158, &asked);
    answer
        .map(|word| Reader::new(&word).i32().unwrap())
        .map_err(|refused| (refused.code, refused.domain, refused.sentence))
}

fn baseline(cpus: &[&str], flags: u32) -> Result<String, (u32, u32, String)> {
    let asked = arguments(|writer| {
        writer.u32(cpus.len() as u32);
        cpus.iter().for_each(|cpu| writer.text(cpu.as_bytes()));
        writer.u32(flags);
    });
    let answer = Client::opened().ask(162, &asked);
    answer
        .map(|text| String::from_utf8(Reader::new(&text).text().unwrap().to_vec()).unwrap())
        .map_err(|refused| (refused.code, refused.domain, refused.sentence))
}

#[test]
fn names_are_those_of_the_map() {
    let mut client = Client::opened();
    let answer = client.ask(312, &names("x86_64", 1)).unwrap();
    let mut reader = Reader::new(&answer);
    let told = reader.texts(1000).unwrap();
    assert!(told.eq(Model::all().map(|model| model.name().as_bytes())));
    assert_eq!(reader.i32(), Ok(Model::COUNT as i32));
    let count = words(&[0, Model::COUNT as i32]);
    assert_eq!(client.ask(312, &names("i686", 0)).unwrap(), count);
    assert_eq!(client.ask(312, &names("aarch64", 1)).unwrap(), words(&[0, 0]));
    let power = client.ask(312, &names("ppc64", 1)).unwrap();
    assert!(Reader::new(&power).texts(99).unwrap().any(|name| name == b"POWER9"));
    let refused = client.refused(312, &names("foo", 1));
    assert_eq!((refused.0, refused.1), (8, 10));
    assert_eq!(refused.2, "invalid argument: cannot find architecture foo");
    let refused = client.refused(312, &names("sparc", 1));
    assert_eq!((refused.0, refused.1), (3, 31));
}

#[test]
fn a_cpu_is_compared_with_the_hosts() {
    let mut client = Client::opened();
    let mut with = |cpu: &str, flags| compare(&mut client, cpu, flags);
    let same = "<cpu><arch>x86_64</arch><model>Penryn</model><feature name='aes'/></cpu>";
    assert_eq!(with(same, 0), Ok(1));
    assert_eq!(with("<cpu><model>Penryn</model></cpu>", 0), Ok(2));
    assert_eq!(with("<cpu match='strict'><model>Penryn</model></cpu>", 0), Ok(0));
    assert_eq!(with("<cpu><model>Penryn</model><feature name='avx'/></cpu>", 0), Ok(0));
    let fails = with("<cpu><model>Penryn</model><feature name='avx'/></cpu>", 1).unwrap_err();
    let sentence =
        "the CPU is incompatible with host CPU: Host CPU does not provide required features: avx";
    assert_eq!(fails, (91, 31, sentence.into()));
    let forbid = "<cpu><model>Penryn</model><feature policy='forbid' name='aes'/></cpu>";
    assert_eq!(with(forbid, 0), Ok(0));
    let unknown = with("<cpu><model>foo</model></cpu>", 0).unwrap_err();
    assert_eq!(unknown, (1, 31, "internal error: Unknown CPU model foo".into()));
}

#[test]
fn documents_that_are_no_cpu() {
    let mut client = Client::opened();
    let mut with = |cpu: &str| compare(&mut client, cpu, 0).unwrap_err();
    let other = "XML error: XML does not contain expected 'cpu' element";
    assert_eq!(with("<x/>"), (27, 31, other.into()));
    assert_eq!((with("zz").0, with("").0, with("<cpu>\n</x>").0), (35, 35, 35));
    assert!(with("<cpu>\n</x>").2.starts_with("(CPU_definition):2: "));
    let twice = "<cpu><model>Penryn</model><feature name='aes'/><feature name='aes'/></cpu>";
    assert_eq!(
        with(twice),
        (27, 31, "XML error: CPU feature 'aes' specified more than once".into())
    );
    for (bad, code, domain) in [
        ("<cpu match='exactly'><model>Penryn</model></cpu>", 27, 5),
        ("<cpu mode='none'/>", 67, 31),
        ("<cpu><feature name='aes'/></cpu>", 27, 31),
        ("<cpu><model>Penryn</model><feature policy='none' name='aes'/></cpu>", 67, 31),
        ("<cpu><model>Penryn</model><feature policy='require'/></cpu>", 27, 31),
        ("<cpu match='exact'><arch>x86_64</arch><model>Penryn</model></cpu>", 27, 31),
        ("<cpu><arch>pdp11</arch><model>Penryn</model></cpu>", 67, 31),
        ("<cpu><model>Penryn</model><cache mode='half'/></cpu>", 27, 5),
        ("<cpu><model>Penryn</model><topology sockets='0'/></cpu>", 27, 5),
    ] {
        let refused = with(bad);
        assert_eq!((refused.0, refused.1), (code, domain), "{bad}");
    }
    client.machine.arch = Some(Arch::AARCH64);
    let foreign = compare(&mut client, "<cpu><model>Penryn</model></cpu>", 0).unwrap_err();
    assert_eq!((foreign.0, foreign.1), (3, 31));
}

const AMD: &str = "<cpu><arch>x86_64</arch><model>Opteron_G1</model><vendor>AMD</vendor></cpu>";
const INTEL: &str = "<cpu><arch>x86_64</arch><model>Penryn</model><vendor>Intel</vendor></cpu>";

#[test]
fn a_baseline_is_a_guests_cpu() {
    let expected = "<cpu mode='custom' match='exact'>\n  <model fallback='forbid'>Opteron_G1</model>\n  \
                    <vendor>AMD</vendor>\n</cpu>\n";
    assert_eq!(baseline(&[AMD], 0).unwrap(), expected);
    assert_eq!(baseline(&[AMD, AMD], 2).unwrap(), expected);
    let expanded = baseline(&[AMD], 1).unwrap();
    let features = expanded.matches("<feature policy='require' name='").count();
    assert_eq!(features, Model::by_name("Opteron_G1").unwrap().features().len());
}

#[test]
fn cpus_without_a_baseline() {
    let vendors = (9, 31, "operation failed: CPU vendors do not match".to_owned());
    assert_eq!(baseline(&[AMD, INTEL], 0).unwrap_err(), vendors);
    let none = (8, 20, "xmlCPUs in virConnectBaselineCPU must not be NULL".to_owned());
    assert_eq!(baseline(&[], 0).unwrap_err(), none);
    let model = (27, 31, "XML error: Missing CPU model name".to_owned());
    assert_eq!(baseline(&["<cpu><arch>x86_64</arch></cpu>"], 0).unwrap_err(), model);
    let arch = (27, 31, "XML error: Missing CPU architecture".to_owned());
    assert_eq!(baseline(&["<cpu><model>kvm64</model></cpu>"], 0).unwrap_err(), arch);
    let flags = (8, 10, "unsupported flags (0x10) in function qemuConnectBaselineCPU".to_owned());
    assert_eq!(baseline(&[AMD], 16).unwrap_err(), flags);
    assert_eq!(baseline(&[AMD, "zz"], 0).unwrap_err().0, 35);
    let z = "<cpu><arch>s390x</arch><model>z14</model></cpu>";
    assert_eq!(baseline(&[z], 0).unwrap_err().0, 3);
    // All documents are parsed before one is used.
    let unknown = "<cpu><arch>x86_64</arch><model>none</model></cpu>";
    assert_eq!(baseline(&[unknown, "<cpu/>"], 0).unwrap_err(), arch);
}

#[test]
fn a_baseline_of_power_is_the_model() {
    let host = "<cpu><arch>ppc64</arch><model>POWER8</model><vendor>IBM</vendor></cpu>";
    let expected =
        "<cpu mode='custom' match='exact'>\n  <model fallback='forbid'>POWER8</model>\n</cpu>\n";
    assert_eq!(baseline(&[host, host], 3).unwrap(), expected);
}
