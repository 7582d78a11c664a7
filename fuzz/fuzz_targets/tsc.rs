//! The file of what KVM reported of the time stamp counter: whatever is read from it is read from what would be written.
#![no_main]

use caps_qemu::fuzzing::{tsc, tsc_text};
use libfuzzer_sys::fuzz_target;

/// An epoch: a boot, and the device file of KVM.
const EPOCH: &str = "4c3f 5 2c1 1764558000000000000";

fuzz_target!(|text: &[u8]| {
    let whole = [EPOCH.as_bytes(), text].concat();
    for text in [text, &whole] {
        if let Some(facts) = tsc(EPOCH, text) {
            assert_eq!(tsc(EPOCH, tsc_text(EPOCH, facts).as_bytes()), Some(facts));
        }
    }
    assert_eq!(tsc("another", &whole), None);
});
