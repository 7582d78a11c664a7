//! Dumps of CPUID in any form: an answer or an error, and decoding what was read ends.
#![no_main]

use caps_cpu::dump::Dump;
use caps_cpu::x86::{CpuData, walk};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    if let Ok(dump) = Dump::parse(text) {
        let given = CpuData::as_given(&dump);
        let _ = (given.decode_host(), given.candidates().count());
        let _ = CpuData::as_probed(&dump).decode_host();
        walk(&dump, |_| {});
        assert!(dump.missing().count() < 300);
    }
});
