//! Documents with CPUs, as users hand them over: CPUs or a sentence.
#![no_main]

use caps_cli::fuzzing::{count_cpus, find_cpu};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|document: &[u8]| {
    check(document);
    // Where most of the reader is: the children of the element.
    check(&[b"<capabilities><host><cpu>", document, b"</cpu></host></capabilities>"].concat());
});

fn check(document: &[u8]) {
    match count_cpus(document) {
        Ok(count) => assert!(count > 0),
        Err(sentence) => assert!(!sentence.is_empty()),
    }
    let _ = find_cpu(document);
}
