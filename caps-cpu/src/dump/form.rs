//! The form of a dump, by its first line.
use core::fmt;

use super::{Fault, aida, libcpuid, raw};

/// Form of a dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// `cpuid` and `msr` between tabs.
    Tsv,
    /// Output of `cpuid -r`.
    Raw,
    /// libvirt's `<cpudata>`.
    Cpudata,
    /// Lines of InstLatx64 and AIDA64.
    Aida,
    /// Raw data of libcpuid.
    Libcpuid,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tsv => "the table of caps record",
            Self::Raw => "the output of cpuid -r",
            Self::Cpudata => "libvirt's <cpudata>",
            Self::Aida => "a dump of InstLatx64 or AIDA64",
            Self::Libcpuid => "raw data of libcpuid",
        })
    }
}

/// Beginnings of texts about processors that have no registers, or not in a form that is read here.
const FOREIGN: [(&[u8], &str); 20] = [
    (b"Architecture:", LSCPU),
    (b"CPU op-mode(s):", LSCPU),
    (b"CPU(s):", LSCPU),
    (b"CPU family:", LSCPU),
    (b"CPU MHz:", LSCPU),
    (b"Vendor ID:", LSCPU),
    (b"Model name:", LSCPU),
    (b"processor\t", CPUINFO),
    (b"processor :", CPUINFO),
    (b"vendor_id\t", CPUINFO),
    (b"cpu family\t", CPUINFO),
    (b"model name\t", CPUINFO),
    (b"flags\t", CPUINFO),
    (b"vendor_id = ", DECODED),
    (b"x86info", "the output of x86info"),
    (b"eax in", "the output of x86info or an old cpuid"),
    (b"CPU-Z", "a report of CPU-Z"),
    (b"CPUID 0x", "a report of CPU-Z"),
    (b"{", "JSON"),
    (b"\0", "binary data"),
];
const LSCPU: &str = "the output of lscpu";
const CPUINFO: &str = "/proc/cpuinfo";
const DECODED: &str = "the decoded output of cpuid";

impl Form {
    /// Recognises the first line that is neither blank nor a comment of the TSV form.
    ///
    /// # Errors
    /// Returns the name of a form that is not read, if that is known.
    pub(super) fn of(line: &[u8]) -> Result<Self, Fault> {
        let is_raw = raw::is_heading(line) || line.starts_with(b"0") || raw::is_banner(line);
        match line {
            [] => Ok(Self::Tsv),
            [b'<', ..] => Ok(Self::Cpudata),
            _ if starts_with_word(line, b"cpuid") || starts_with_word(line, b"msr") => {
                Ok(Self::Tsv)
            }
            _ if is_raw => Ok(Self::Raw),
            _ if aida::is_first(line) => Ok(Self::Aida),
            _ if libcpuid::is_first(line) => Ok(Self::Libcpuid),
            _ => Err(foreign(line)),
        }
    }
}

fn foreign(line: &[u8]) -> Fault {
    let known = FOREIGN.iter().find(|(start, _)| line.starts_with(start));
    known.map_or(Fault::Unknown, |(_, name)| Fault::Foreign(name))
}

/// A line of the decoded output of cpuid, below its heading.
pub(super) fn is_decoded(line: &[u8]) -> bool {
    line.ends_with(b":") || line.windows(3).any(|window| window == b" = ")
}

/// The fault of a line that is one of [`is_decoded`].
pub(super) const fn decoded() -> Fault {
    Fault::Foreign(DECODED)
}

fn starts_with_word(line: &[u8], word: &[u8]) -> bool {
    line.strip_prefix(word).is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace))
}
