//! The command line of capsd, and the environment that systemd hands it: options, or what is wrong with them.
#![no_main]

#[allow(dead_code, reason = "the agent uses all of it")]
#[path = "../../capsd/src/options.rs"]
mod options;

/// In the place of the agent's own, which reads the memory of the kernel's.
mod start {
    use std::ffi::CStr;

    /// The strings of a list.
    #[derive(Clone, Copy)]
    pub(crate) struct Strings(pub(crate) &'static [&'static CStr]);

    impl Iterator for Strings {
        type Item = &'static CStr;

        fn next(&mut self) -> Option<&'static CStr> {
            let (first, rest) = self.0.split_first()?;
            self.0 = rest;
            Some(first)
        }
    }
}

use libfuzzer_sys::fuzz_target;
use options::{MAX_SOCKETS, Misuse, Options, handed_over};
use start::Strings;
use std::ffi::CStr;

fuzz_target!(|bytes: &[u8]| {
    let words = strings(bytes);
    match Options::read(words) {
        Ok(options) => {
            assert!(options.places.len() <= MAX_SOCKETS);
            assert!(options.mode <= 0o777 && options.mode_ro <= 0o777);
        }
        Err(misuse) => check(&misuse),
    }
    assert!(handed_over(words, 1).is_none_or(|count| count <= MAX_SOCKETS as u32));
});

/// A line of the log.
fn check(misuse: &Misuse) {
    assert!(misuse.to_string().bytes().all(|byte| matches!(byte, b' '..=b'~')));
}

/// The words between zeros. They live as long as the program, as those of the kernel do.
fn strings(bytes: &[u8]) -> Strings {
    let bytes: &'static [u8] = Vec::leak([bytes, b"\0"].concat());
    let words = bytes.split_inclusive(|&byte| byte == 0);
    let words: Vec<&CStr> = words.filter_map(|word| CStr::from_bytes_with_nul(word).ok()).collect();
    Strings(words.leak())
}
