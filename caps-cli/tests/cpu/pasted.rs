//! Dumps as people paste them: in any form and dress the answer is that for the plain dump.

use crate::dumps::decode;
use crate::support::dump::{aida, as_libcpuid, cpudata, libcpuid, raw, without_msrs};
use crate::support::{Case, Run, Scratch, caps, every_case};

/// A processor of this test's own, so that a clone alone has one: with subleaves, MSRs and extended leaves.
const OWN: &str = "# of nobody\n\
    cpuid\t0x0\t0x0\t0xd\t0x756e6547\t0x6c65746e\t0x49656e69\n\
    cpuid\t0x1\t0x0\t0x306a9\t0x100800\t0x7fbae3ff\t0xbfebfbff\n\
    cpuid\t0x2\t0x0\t0x1\t0x0\t0x0\t0x0\n\
    cpuid\t0x4\t0x0\t0x1c004121\t0x1c0003f\t0x3f\t0x0\n\
    cpuid\t0x4\t0x1\t0x1c004122\t0x1c0003f\t0x3f\t0x0\n\
    cpuid\t0x6\t0x0\t0x77\t0x2\t0x9\t0x0\n\
    cpuid\t0x7\t0x0\t0x0\t0x281\t0x0\t0x9c000400\n\
    cpuid\t0xd\t0x0\t0x7\t0x340\t0x340\t0x0\n\
    cpuid\t0xd\t0x1\t0x1\t0x0\t0x0\t0x0\n\
    cpuid\t0x80000000\t0x0\t0x80000001\t0x0\t0x0\t0x0\n\
    cpuid\t0x80000001\t0x0\t0x0\t0x0\t0x1\t0x28100000\n\
    msr\t0x10a\t0x9\t0x0\n";

const OPTIONS: [&[&str]; 3] = [&[], &["--as-probed"], &["--guest"]];

/// Returns `true` if the two dumps are answered alike.
fn agree(dump: &str, other: &str, options: &[&[&str]]) -> bool {
    options.iter().all(|options| decode(dump, options) == decode(other, options))
}

/// Returns the names of the forms in which the dump is answered otherwise.
fn wrong_forms(tsv: &str, options: &[&[&str]]) -> Vec<&'static str> {
    let plain = without_msrs(tsv);
    let banner = "Disclaimer: cpuid may not support decoding of all cpuid registers.\n";
    let forms = [
        ("cpuid -r", raw(tsv, 2), plain.clone()),
        (
            "older cpuid -r",
            banner.to_owned() + &raw(tsv, 1).replace("CPU 0:", "CPU:"),
            plain.clone(),
        ),
        ("cpudata", cpudata(tsv), tsv.to_owned()),
        ("InstLatx64", aida(tsv, true), tsv.to_owned()),
        ("twice", aida(tsv, true).repeat(2), tsv.to_owned()),
        ("libcpuid", libcpuid(tsv), as_libcpuid(tsv)),
    ];
    let differs = forms.iter().filter(|(_, dump, same)| !agree(dump, same, options));
    differs.map(|(name, ..)| *name).collect()
}

#[test]
fn any_form_has_the_same_answer() {
    assert!(decode(OWN, &[]).output().contains("<model>"));
    assert_eq!(wrong_forms(OWN, &OPTIONS), [""; 0]);
    assert!(agree(&aida(OWN, false), OWN, &OPTIONS), "subleaves by their order");
    every_case(|case| !wrong_forms(&case.dump, &OPTIONS[..1]).is_empty());
}

type Dress = (&'static str, fn(&str) -> Vec<u8>);

const DRESSES: [Dress; 16] = [
    ("byte order mark", |text| format!("\u{feff}{text}").into()),
    ("UTF-16LE", |text| utf16(&format!("\u{feff}{text}"), u16::to_le_bytes)),
    ("UTF-16BE", |text| utf16(&format!("\u{feff}{text}"), u16::to_be_bytes)),
    ("UTF-16LE without a mark", |text| utf16(text, u16::to_le_bytes)),
    ("CRLF", |text| text.replace('\n', "\r\n").into()),
    ("CR", |text| text.replace('\n', "\r").into()),
    ("no-break spaces", |text| text.replace(' ', "\u{a0}").into()),
    ("Latin-1", |text| text.bytes().map(|byte| if byte == b' ' { 0xa0 } else { byte }).collect()),
    ("quoted", |text| lines(text, |line| format!("> {line}"))),
    ("quoted twice", |text| lines(text, |line| format!(">> {line}"))),
    ("indented", |text| lines(text, |line| format!("    {line}"))),
    ("empty lines", |text| lines(text, |line| format!("{line}\n  "))),
    ("fence", |text| format!("```text\n{text}```\n").into()),
    ("forum", |text| format!("[code]\n{text}[/CODE]\n").into()),
    ("prompt", |text| format!("[root@host ~]# cpuid -1 -r\n{text}[root@host ~]# \n").into()),
    ("quoted fence", |text| {
        lines(&format!("```\n$ cpuid -r\n{text}$\n```\n"), |line| format!("> {line}"))
    }),
];

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn lines(text: &str, dressed: impl Fn(&str) -> String) -> Vec<u8> {
    text.lines().map(|line| dressed(line) + "\n").collect::<String>().into()
}

/// Returns the answer to a file of these bytes, without its warning.
fn decode_bytes(scratch: &Scratch, bytes: &[u8]) -> Run {
    let file = scratch.file("dump", "");
    std::fs::write(&file, bytes).unwrap();
    caps(["cpu", "--cpuid", &file]).unwarned()
}

fn forms(tsv: &str) -> [String; 5] {
    [tsv.to_owned(), raw(tsv, 1), cpudata(tsv), aida(tsv, true), libcpuid(tsv)]
}

#[test]
fn any_dress_of_any_form_has_the_same_answer() {
    let scratch = Scratch::new();
    for form in forms(OWN) {
        let expected = decode(&form, &[]);
        for (name, dress) in DRESSES {
            let answer = decode_bytes(&scratch, &dress(&form));
            assert_eq!(answer, expected, "{name}:\n{form}");
        }
    }
    let number = std::cell::Cell::new(0);
    every_case(|case: &Case| {
        // Each case in one form and two dresses; together they meet all pairs.
        number.set(number.get() + 1);
        let form = &forms(&case.dump)[number.get() % 5];
        [0, 7].iter().any(|offset| {
            let (_, dress) = DRESSES[(number.get() + offset) % DRESSES.len()];
            let (answer, expected) = (decode_bytes(&scratch, &dress(form)), decode(form, &[]));
            (answer.status, answer.stdout) != (expected.status, expected.stdout)
        })
    });
}

#[test]
fn the_line_of_a_fault_is_that_of_the_file() {
    let scratch = Scratch::new();
    let bad = raw(OWN, 1).replacen("0x00000002", "0x2", 1) + "hello\n";
    let line = bad.lines().count();
    for (name, dress) in DRESSES {
        let failure = scratch.plain(&decode_bytes(&scratch, &dress(&bad)).failure());
        let before = match name {
            "fence" | "forum" | "prompt" => 1,
            "quoted fence" => 2,
            "empty lines" => line - 1,
            _ => 0,
        };
        let place = format!(
            "dump:{}: not a line of a CPUID dump, in the output of cpuid -r",
            line + before
        );
        assert_eq!(failure, place, "{name}");
    }
}

#[test]
fn a_dump_that_was_cut_names_what_is_missing() {
    let scratch = Scratch::new();
    let warned = |dump: &str| {
        let run = caps(["cpu", "--cpuid", &scratch.file("dump", dump)]);
        assert_eq!(run.status, 0, "{dump}");
        assert!(run.stdout.starts_with("<cpu>"), "{}", run.stdout);
        scratch.plain(&run.stderr)
    };
    let sentence = "caps: dump: warning: the dump is incomplete, leaves are missing:";
    assert_eq!(warned(OWN), "");
    let cut: String = raw(OWN, 1).split_inclusive('\n').take(7).collect();
    let rest = "0x7 0x8 0x9 0xa 0xb 0xc 0xd 0x80000000";
    assert_eq!(warned(&cut), format!("{sentence} {rest}\n"));
    let (basic, _) = OWN.split_once("cpuid\t0x80000000").unwrap();
    assert_eq!(warned(basic), format!("{sentence} 0x80000000\n"));
    let without = libcpuid(OWN);
    assert_eq!(warned(&without), "");
}
