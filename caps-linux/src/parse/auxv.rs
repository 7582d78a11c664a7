//! The auxiliary vector: what the kernel tells a program at its start.

/// Key of the hardware capabilities.
pub const AT_HWCAP: u64 = 16;

/// The value of `key` in pairs of machine words.
pub fn entry(vector: &[u8], key: u64) -> Option<u64> {
    let (words, _) = vector.as_chunks::<{ size_of::<usize>() }>();
    let mut words = words.iter().map(|word| usize::from_ne_bytes(*word) as u64);
    loop {
        let (found, value) = (words.next()?, words.next()?);
        if found == key {
            return Some(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn this_process_has_hardware_capabilities() {
        let vector = std::fs::read("/proc/self/auxv").unwrap();
        assert!(entry(&vector, AT_HWCAP).is_some());
        assert_eq!(entry(&vector, u64::MAX), None);
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            let _ = entry(&bytes, AT_HWCAP);
        }
    }
}
