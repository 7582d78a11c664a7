//! `caps cpu --why` and `--json`.

use crate::support::{Case, Run, caps_with, every_case};
use serde_json::Value;

fn decode(case: &Case, option: &str) -> Run {
    caps_with(&case.dump, ["cpu", "--cpuid", "-", option])
}

fn json(case: &Case) -> Value {
    serde_json::from_str(&decode(case, "--json").stdout).unwrap()
}

fn names(list: &Value, wanted: impl Fn(&Value) -> bool) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter().filter(|entry| wanted(entry)).map(|entry| entry["name"].as_str().unwrap()).collect()
}

/// The words of a text.
fn words(text: &str) -> Vec<&str> {
    text.split([' ', '\n']).filter(|word| !word.is_empty()).collect()
}

#[test]
fn lines_are_plain_and_short() {
    every_case(|case| {
        let Run { status, stdout, .. } = decode(case, "--why");
        let plain = |line: &str| {
            line.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !line.ends_with(' ')
        };
        status != i32::from(!case.has_model())
            || !stdout.lines().all(|line| line.len() <= 80 && plain(line))
            || !stdout.starts_with("Processor   ")
    });
}

#[test]
fn both_forms_tell_the_features_of_the_element() {
    every_case(|case| {
        let (why, json) = (decode(case, "--why").stdout, json(case));
        let (_, list) = why.split_once("\nFeatures: ").unwrap();
        let found = words(list);
        let marked = |entry: &&str, mark: &str| found.contains(&format!("{mark}{entry}").as_str());
        if !case.has_model() {
            let all = names(&json["features"], |_| true);
            return !json["model"].is_null() || !all.iter().all(|name| marked(name, ""));
        }
        let beyond = names(&json["features"], |entry| entry["in_model"] == false);
        let own = names(&json["features"], |entry| entry["in_model"] == true);
        let element = caps_with(&case.dump, ["cpu", "--cpuid", "-"]).unwarned().output();
        let listed = element.matches("<feature").count();
        let model = format!("<model>{}</model>", json["model"]["name"].as_str().unwrap());
        let in_element = |name: &&str| element.contains(&format!("<feature name='{name}'/>"));
        !element.contains(&model)
            || beyond.len() != listed
            || !beyond.iter().all(in_element)
            || !beyond.iter().all(|name| marked(name, "+"))
            || !own.iter().all(|name| marked(name, ""))
    });
}

#[test]
fn runners_up_lack_something_and_come_in_order() {
    every_case(|case| {
        let json = json(case);
        let runners_up = json["runners_up"].as_array().unwrap();
        let rank = |runner: &Value| {
            (runner["matches_signature"] == false, runner["missing"].as_array().unwrap().len())
        };
        let missing = |runner: &Value| {
            let present = names(&json["features"], |_| true);
            let missing = names(&runner["missing"], |_| true);
            !missing.is_empty() && !missing.iter().any(|name| present.contains(name))
        };
        !runners_up.is_sorted_by_key(rank) || !runners_up.iter().all(missing)
    });
}

/// What a 486 lacks, and broken TSX of a Haswell.
#[test]
fn each_missing_feature_has_its_bit() {
    let haswell = "cpuid 0x0 0x0 0x7 0x756e6547 0x6c65746e 0x49656e69\n\
                   cpuid 0x1 0x0 0x306c3 0x0 0x0 0xb\ncpuid 0x7 0x0 0x0 0x810 0x0 0x0\n";
    let Run { status, stdout, .. } = caps_with(haswell, ["cpu", "--cpuid", "-", "--why"]);
    assert_eq!(status, 0, "{stdout}");
    for line in [
        "Processor   unknown",
        "Vendor      Intel",
        "Signature   family 6, model 60, stepping 3",
        "Model       486-v1, the largest that fits, as none of this signature does: all",
        "            its 3 features are there",
        "Ignored     hle, rtm: broken on this processor",
        "  Haswell-v2 (of this signature) lacks 46",
        "    avx2          CPUID 0x7.0 ebx[5]",
        "    rdtscp        CPUID 0x80000001.0 edx[27]",
        "Features: 3",
        "  CPUID 0x1.0 edx         fpu vme pse",
    ] {
        assert!(stdout.lines().any(|other| other == line), "{line}\n{stdout}");
    }
}

#[test]
fn msrs_have_bits_of_64() {
    let dump = "cpuid 0x1 0x0 0x0 0x0 0x0 0xb\nmsr 0x10a 0x1 0x40000000\n";
    let Run { stdout, .. } = caps_with(dump, ["cpu", "--cpuid", "-", "--json"]);
    let json: Value = serde_json::from_str(&stdout).unwrap();
    let of = |name| {
        let features = json["features"].as_array().unwrap();
        features.iter().find(|entry| entry["name"] == name).unwrap().clone()
    };
    let its_no = serde_json::json!({"name": "its-no", "msr": 0x10a, "bit": 62, "in_model": false});
    assert_eq!(of("its-no"), its_no);
    let fpu = serde_json::json!(
        {"name": "fpu", "leaf": 1, "subleaf": 0, "register": "edx", "bit": 0, "in_model": true}
    );
    assert_eq!(of("fpu"), fpu);
    assert_eq!(json["vendor"], Value::Null);
}
