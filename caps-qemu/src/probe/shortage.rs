//! Signs that an emulator did not have what it takes to answer.

use crate::rejection::{Rejection, Resource};
use crate::verdict::Said;
use rustix::process::{self, getrlimit};

/// Words on standard error, in lower case, that QEMU, GLib, the dynamic linker and shells have for a shortage. Emulators run in
/// the locale C, so the sentences of the C library are English.
const WORDS: [(&str, Resource); 23] = [
    ("cannot allocate", Resource::Memory),
    ("can't allocate", Resource::Memory),
    ("could not allocate", Resource::Memory),
    ("unable to allocate", Resource::Memory),
    ("failed to allocate", Resource::Memory),
    ("allocation failed", Resource::Memory),
    ("out of memory", Resource::Memory),
    ("memory exhausted", Resource::Memory),
    ("not enough memory", Resource::Memory),
    ("bad_alloc", Resource::Memory),
    ("failed to map segment", Resource::Memory),
    ("cannot map zero-fill pages", Resource::Memory),
    ("too many open files", Resource::Descriptors),
    // The dynamic linker has no words for EMFILE and ENFILE.
    (": error 24", Resource::Descriptors),
    (": error 23", Resource::Descriptors),
    ("cannot read file data", Resource::Storage),
    ("resource temporarily unavailable", Resource::Processes),
    ("cannot fork", Resource::Processes),
    ("can't fork", Resource::Processes),
    ("no space left on device", Resource::Storage),
    ("disk quota exceeded", Resource::Storage),
    ("input/output error", Resource::Storage),
    ("text file busy", Resource::Storage),
];

/// Returns `said`, unless the emulator lacked something: then it could have said more, or could have gone on.
pub(super) fn checked(said: Said, standard_error: &[u8]) -> Said {
    if let Some(resource) = lacking(standard_error) {
        return Err(Rejection::Lacking(resource));
    }
    said.map_err(|rejection| match rejection {
        Rejection::Ended(status) if is_memory_limited() => Rejection::EndedWithinLimit(status),
        rejection => rejection,
    })
}

fn lacking(standard_error: &[u8]) -> Option<Resource> {
    let text = String::from_utf8_lossy(standard_error).to_ascii_lowercase();
    let found = WORDS.iter().find(|(words, _)| text.contains(words));
    found.map(|&(_, resource)| resource)
}

/// Whether a limit that emulators inherit may end them without a word.
fn is_memory_limited() -> bool {
    let limits = [process::Resource::As, process::Resource::Data];
    limits.into_iter().any(|limit| getrlimit(limit).current.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_is_recognised_by_its_words() {
        for (line, resource) in [
            ("x: libz.so.1: failed to map segment from shared object", Resource::Memory),
            ("GLib-ERROR **: ../glib/gmem.c:106: failed to allocate 42 bytes", Resource::Memory),
            ("allocate 1073741824 bytes for jit buffer: Cannot allocate memory", Resource::Memory),
            ("Could not access KVM kernel module: Too many open files", Resource::Descriptors),
            ("qemu_thread_create: Resource temporarily unavailable", Resource::Processes),
            ("sh: 1: Cannot fork", Resource::Processes),
            ("libz.so.1: cannot open shared object file: Error 24", Resource::Descriptors),
            ("libz.so.1: cannot read file data: Input/output error", Resource::Storage),
        ] {
            assert_eq!(lacking(line.as_bytes()), Some(resource), "{line}");
        }
        let usual = "Could not access KVM kernel module: No such file or directory\n\
                     qemu: failed to initialize kvm: Permission denied\nqemu: falling back to tcg\n\
                     libfoo.so: cannot open shared object file: No such file or directory\n";
        assert_eq!(lacking(usual.as_bytes()), None);
    }

    #[test]
    fn an_answer_is_not_believed_where_something_lacked() {
        let said = || Ok(b"all is well".to_vec());
        assert_eq!(checked(said(), b"warning: no KVM\n"), said());
        let lacking = Err(Rejection::Lacking(Resource::Descriptors));
        assert_eq!(checked(said(), b"kvm: Too many open files\n"), lacking);
    }
}
