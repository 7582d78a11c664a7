//! The tables stay small: their size, and a gate.
use core::mem::size_of_val;

use crate::tables::*;

/// Bytes of all constant tables: x86 hosts, guests, aarch64 and POWER.
pub fn table_bytes() -> usize {
    host() + guest() + arm() + ppc64()
}

fn host() -> usize {
    let names = FEATURES.bytes() + MODELS.bytes() + VENDORS.bytes();
    let sets = size_of_val(&SETS) + size_of_val(&SET_WORDS);
    let models = size_of_val(&MODEL_ROWS) + size_of_val(&SIGNATURES) + size_of_val(&SIGNATURE_ENDS);
    names + sets + models + size_of_val(&HOST) + size_of_val(&REGISTERS) + size_of_val(&VENDOR_IDS)
}

fn guest() -> usize {
    size_of_val(&REMOVED) + size_of_val(&UNLISTED) + size_of_val(&FEATURES_BY_NAME)
}

fn arm() -> usize {
    let names = ARM_MODELS.bytes() + ARM_VENDORS.bytes() + ARM_FEATURES.bytes();
    names + size_of_val(&ARM_PARTS) + size_of_val(&ARM_IMPLEMENTERS)
}

fn ppc64() -> usize {
    let names = PPC64_MODELS.bytes() + PPC64_VENDORS.bytes();
    names + size_of_val(&PPC64_MODEL_VENDORS) + size_of_val(&PPC64_PVRS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_tables_fit_16_kib() {
        std::println!("{} bytes, {} of them for x86 hosts", table_bytes(), host());
        assert!(table_bytes() <= 16 * 1024);
        assert!(host() <= 14 * 1024);
    }
}
