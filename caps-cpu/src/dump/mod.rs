//! Recorded registers, in any of five forms that are recognised by their first line.
//!
//! | form | first line | a record |
//! |---|---|---|
//! | TSV | `cpuid` or `msr`, maybe after `#` lines | `cpuid LEAF SUBLEAF EAX EBX ECX EDX`, `msr INDEX LOW HIGH` |
//! | `cpuid -r` | `CPU 0:` or `CPU:`, maybe after a disclaimer | `0x00000001 0x00: eax=0x... ebx=0x... ecx=0x... edx=0x...` |
//! | `<cpudata>` | `<` | `<cpuid eax_in='' ecx_in='' eax='' ebx='' ecx='' edx=''/>`, `<msr index='' eax='' edx=''/>` |
//! | InstLatx64, AIDA64 | `CPUID`, `MSR` or `------[ title ]------` | `CPUID 00000007: EAX-EBX-ECX-EDX [SL 00]`, `MSR 0000010A: 0000-0000-0000-0069` |
//! | libcpuid | `version=`, `basic_cpuid[0]=` | `basic_cpuid[1]=EAX EBX ECX EDX`, `ext_cpuid[]`, `intel_fn4[]` and others |
//!
//! Numbers are hexadecimal; in the first three forms with `0x`. Of several CPUs the first one counts. InstLatx64 numbers
//! subleaves of a leaf by their order if they have no `[SL 00]`.
mod aida;
mod cpudata;
mod form;
mod libcpuid;
mod missing;
mod raw;
mod scan;
mod tsv;

use core::fmt;

use crate::source::{CpuidSource, Registers};
pub use form::Form;
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
    /// Form that the dump is read as; `None` if the first line is of no form.
    pub form: Option<Form>,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It does not begin like a line of any form.
    Unknown,
    /// It is of this form, which is not read.
    Foreign(&'static str),
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
    /// It is a report without registers.
    NoRecord,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Foreign(name) => {
                return write!(f, "this is {name}, not a CPUID dump that caps reads");
            }
            Self::Unknown => "not a line of a CPUID dump",
            Self::Number => "not a hexadecimal number",
            Self::Missing => "a value is missing",
            Self::Excess => "more than belongs to a record",
            Self::Xml => "not the XML of a <cpudata>",
            Self::Arch => "not the data of an x86 CPU",
            Self::Unfinished => "the <cpudata> is not finished",
            Self::Empty => "nothing to read",
            Self::NoRecord => "no registers",
        })
    }
}

impl DumpError {
    /// Returns the sentence without the line, for a message that begins with file and line.
    pub fn sentence(&self) -> impl fmt::Display {
        Sentence(*self)
    }
}

struct Sentence(DumpError);

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(DumpError { form, fault, .. }) = self;
        match (form, fault) {
            (None, _) | (_, Fault::Foreign(_) | Fault::Xml | Fault::Arch | Fault::Unfinished) => {
                fault.fmt(f)
            }
            (Some(form), fault) => write!(f, "{fault}, in {form}"),
        }
    }
}

impl fmt::Display for DumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.sentence())
    }
}

impl core::error::Error for DumpError {}

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
            return Err(DumpError { line: 1, form: None, fault: Fault::Empty });
        }
        let (line, first) = first_line(text);
        let form = Form::of(first).map_err(|fault| DumpError { line, form: None, fault })?;
        let dump = Self { text, form };
        if let Some(error) = dump.try_records().find_map(Result::err) {
            return Err(error);
        }
        // A report may be about anything; the other forms without a record are of a processor without CPUID.
        let is_report = matches!(form, Form::Aida | Form::Libcpuid);
        if is_report && dump.records().next().is_none() {
            return Err(DumpError { line, form: Some(form), fault: Fault::NoRecord });
        }
        Ok(dump)
    }

    /// All records, in the order of the dump.
    pub fn records(&self) -> impl Iterator<Item = Record> + use<'a> {
        self.try_records().map_while(Result::ok)
    }

    fn try_records(&self) -> Records<'a> {
        let (scanner, state) = (Scanner::new(self.text), State::default());
        Records { scanner, form: self.form, state, done: false }
    }
}

/// Returns the first line that is neither blank nor a comment, and its number; the last number and nothing if there is none.
fn first_line(text: &[u8]) -> (usize, &[u8]) {
    let mut scanner = Scanner::new(text);
    while let Some(line) = scanner.take_line() {
        if !line.is_empty() && !line.starts_with(b"#") {
            return (scanner.line(), line);
        }
    }
    (scanner.line(), b"")
}

/// State of a form between its records.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// A CPU, or the element `<cpudata>`, has begun.
    within: bool,
    /// In a section of a report that is not about CPUID.
    foreign: bool,
    /// Leaf and subleaf of the last record, if its subleaf was not marked.
    unmarked: Option<(u32, u32)>,
}

impl State {
    /// Returns the subleaf of a record of `leaf`: the `marked` one, or one more than that of the record before.
    fn subleaf(&mut self, leaf: u32, marked: Option<u32>) -> u32 {
        self.within = true;
        let next = match self.unmarked {
            Some((last, subleaf)) if last == leaf => subleaf.saturating_add(1),
            _ => 0,
        };
        self.unmarked = marked.is_none().then_some((leaf, next));
        marked.unwrap_or(next)
    }
}

/// Records until the end or the first error.
struct Records<'a> {
    scanner: Scanner<'a>,
    form: Form,
    state: State,
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
            Form::Raw => raw::next(&mut self.scanner, &mut self.state),
            Form::Cpudata => cpudata::next(&mut self.scanner, &mut self.state),
            Form::Aida => aida::next(&mut self.scanner, &mut self.state),
            Form::Libcpuid => libcpuid::next(&mut self.scanner, &mut self.state),
        };
        self.done = !matches!(record, Ok(Some(_)));
        let line = self.scanner.line();
        let form = Some(self.form);
        record.map_err(|fault| DumpError { line, form, fault }).transpose()
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
