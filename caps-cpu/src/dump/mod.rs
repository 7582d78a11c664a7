//! Recorded registers: the TSV form, the text of `cpuid -r` and libvirt's `<cpudata>`, told apart by content.
//!
//! | form | first line | a record |
//! |---|---|---|
//! | TSV | `cpuid` or `msr`, maybe after `#` lines | `cpuid LEAF SUBLEAF EAX EBX ECX EDX`, `msr INDEX LOW HIGH` |
//! | `cpuid -r` | `CPU 0:` or `CPU:` | `0x00000001 0x00: eax=0x... ebx=0x... ecx=0x... edx=0x...` |
//! | `<cpudata>` | `<` | `<cpuid eax_in='' ecx_in='' eax='' ebx='' ecx='' edx=''/>`, `<msr index='' eax='' edx=''/>` |
//!
//! Numbers are hexadecimal with `0x`. Of `cpuid -r` over several CPUs the first one counts.
mod cpudata;
mod raw;
mod scan;
mod tsv;

use core::fmt;

use crate::source::{CpuidSource, Registers};
use scan::Scanner;

/// One recorded read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// CPUID.
    Cpuid {
        /// EAX in.
        leaf: u32,
        /// ECX in.
        subleaf: u32,
        /// What came back.
        registers: Registers,
    },
    /// An MSR.
    Msr {
        /// Its number.
        index: u32,
        /// Its 64 bits.
        value: u64,
    },
}

/// Why a dump cannot be read, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DumpError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It does not begin like a line of any form.
    Unknown,
    /// A number is not `0x` and one to eight hexadecimal digits.
    Number,
    /// A value is missing.
    Missing,
    /// There is more than belongs to the record.
    Excess,
    /// It is not the XML of a `<cpudata>`.
    Xml,
    /// A `<cpudata>` of another architecture than x86.
    Arch,
    /// The dump ends within a `<cpudata>`.
    Unfinished,
    /// There is nothing but blanks.
    Empty,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "not a line of a CPUID dump",
            Self::Number => "not a hexadecimal number of 32 bits with 0x",
            Self::Missing => "a value is missing",
            Self::Excess => "more than belongs to a record",
            Self::Xml => "not the XML of a <cpudata>",
            Self::Arch => "not the data of an x86 CPU",
            Self::Unfinished => "the <cpudata> is not finished",
            Self::Empty => "nothing to read",
        })
    }
}

impl fmt::Display for DumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)
    }
}

impl core::error::Error for DumpError {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Tsv,
    Raw,
    Cpudata,
}

/// A dump that was read through once: every lookup succeeds, with zeros or `None` for what is not in it.
///
/// Keeps the text and scans it at each lookup. What is recorded twice is joined bit by bit, as libvirt does.
#[derive(Clone, Copy, Debug)]
pub struct Dump<'a> {
    text: &'a [u8],
    form: Form,
}

impl<'a> Dump<'a> {
    /// Reads `text` through; `<cpudata>` must be complete, the other forms end where the text does.
    ///
    /// # Errors
    /// The first line that cannot be read; [`Fault::Empty`] if there is none. A form without a record is one of a
    /// processor without CPUID.
    pub fn parse(text: &'a [u8]) -> Result<Self, DumpError> {
        if text.trim_ascii().is_empty() {
            return Err(DumpError { line: 1, fault: Fault::Empty });
        }
        let dump = Self { text, form: Form::of(text) };
        match dump.try_records().find_map(Result::err) {
            Some(error) => Err(error),
            None => Ok(dump),
        }
    }

    /// All records, in the order of the dump.
    pub fn records(&self) -> impl Iterator<Item = Record> + use<'a> {
        self.try_records().map_while(Result::ok)
    }

    fn try_records(&self) -> Records<'a> {
        Records { scanner: Scanner::new(self.text), form: self.form, within: false, done: false }
    }
}

impl Form {
    /// By the first line that is neither blank nor a comment of the TSV form.
    fn of(text: &[u8]) -> Self {
        let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let first =
            lines.find(|line| !line.is_empty() && !line.starts_with(b"#")).unwrap_or_default();
        match first {
            [b'<', ..] => Self::Cpudata,
            [b'C', b'P', b'U', ..] | [b'0', ..] => Self::Raw,
            _ => Self::Tsv,
        }
    }
}

/// Records until the end or the first error.
struct Records<'a> {
    scanner: Scanner<'a>,
    form: Form,
    /// Of `cpuid -r`: a CPU has begun. Of `<cpudata>`: the element has begun.
    within: bool,
    done: bool,
}

impl Iterator for Records<'_> {
    type Item = Result<Record, DumpError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let record = match self.form {
            Form::Tsv => tsv::next(&mut self.scanner),
            Form::Raw => raw::next(&mut self.scanner, &mut self.within),
            Form::Cpudata => cpudata::next(&mut self.scanner, &mut self.within),
        };
        self.done = !matches!(record, Ok(Some(_)));
        let line = self.scanner.line();
        record.map_err(|fault| DumpError { line, fault }).transpose()
    }
}

impl CpuidSource for Dump<'_> {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Registers {
        self.records().fold(Registers::default(), |joined, record| match record {
            Record::Cpuid { leaf: l, subleaf: s, registers } if (l, s) == (leaf, subleaf) => {
                joined.or(registers)
            }
            _ => joined,
        })
    }

    fn msr(&self, index: u32) -> Option<u64> {
        let values = self.records().filter_map(|record| match record {
            Record::Msr { index: i, value } if i == index => Some(value),
            _ => None,
        });
        values.reduce(|joined, value| joined | value)
    }
}
