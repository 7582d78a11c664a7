//! Lines of InstLatx64 and AIDA64: `CPUID 00000004: 1C004121-01C0003F-0000003F-00000000 [SL 00]` and
//! `MSR 0000010A: 0000-0000-0000-0069`, below a `------[ Logical CPU #0 ]------` for each CPU.
use super::scan::{Scanner, bare_number};
use super::{Fault, Record, State};
use crate::source::Registers;

/// Ends where the second CPU begins.
pub(super) fn next(scanner: &mut Scanner<'_>, state: &mut State) -> Result<Option<Record>, Fault> {
    while let Some(line) = scanner.take_line() {
        if let Some(title) = title(line) {
            state.foreign = !title.windows(5).any(|window| window == b"CPU #");
            if state.within && !state.foreign {
                return Ok(None);
            }
        } else if let Some(record) = line.strip_prefix(b"CPUID ") {
            return cpuid(record, state);
        } else if let Some(record) = line.strip_prefix(b"MSR ") {
            if let Some(record) = msr(record)? {
                return Ok(Some(record));
            }
        } else if !(is_blank(line) || state.foreign) {
            return Err(Fault::Unknown);
        }
    }
    Ok(None)
}

/// Returns `true` for a line that only this form has.
pub(super) fn is_first(line: &[u8]) -> bool {
    title(line).is_some()
        || line.starts_with(b"allcpu:")
        || [&b"CPUID "[..], b"MSR "].iter().any(|word| {
            let record = line.strip_prefix(*word).and_then(|rest| halves(rest).ok());
            record.is_some_and(|(index, _)| index.len() == 8 && bare_number(index).is_ok())
        })
}

fn is_blank(line: &[u8]) -> bool {
    line.is_empty() || line.starts_with(b"#") || line.starts_with(b"allcpu:")
}

/// Returns the title of a line such as `------[ Versions ]------`, or the line `CPUID Registers (CPU #1):` of a report.
fn title(line: &[u8]) -> Option<&[u8]> {
    if line.starts_with(b"CPUID Registers") {
        return Some(line);
    }
    let inner = line.strip_prefix(b"---")?.strip_suffix(b"---")?;
    let dashes = |byte: &u8| *byte == b'-';
    let start = inner.iter().position(|byte| !dashes(byte))?;
    let end = inner.iter().rposition(|byte| !dashes(byte))?;
    inner.get(start..=end)?.strip_prefix(b"[")?.strip_suffix(b"]")
}

/// A second leaf 0 is another CPU's.
fn cpuid(record: &[u8], state: &mut State) -> Result<Option<Record>, Fault> {
    let (leaf, values) = halves(record)?;
    let leaf = bare_number(leaf)?;
    let (numbers, marks) = marks_apart(values);
    let mut numbers = numbers.split(is_between).filter(|number| !number.is_empty());
    let mut number = || bare_number(numbers.next().ok_or(Fault::Missing)?);
    let registers = Registers { eax: number()?, ebx: number()?, ecx: number()?, edx: number()? };
    if numbers.next().is_some() {
        return Err(Fault::Excess);
    }
    if leaf == 0 && state.within {
        return Ok(None);
    }
    let subleaf = state.subleaf(leaf, marked(marks)?);
    Ok(Some(Record::Cpuid { leaf, subleaf, registers }))
}

/// Returns the numbers, and the marks in brackets after them.
fn marks_apart(values: &[u8]) -> (&[u8], &[u8]) {
    let end = values.iter().position(|byte| *byte == b'[').unwrap_or(values.len());
    values.split_at_checked(end).unwrap_or((values, b""))
}

fn is_between(byte: &u8) -> bool {
    *byte == b'-' || byte.is_ascii_whitespace()
}

/// Returns the subleaf of `[SL 01]`, if there is such a mark.
fn marked(marks: &[u8]) -> Result<Option<u32>, Fault> {
    let at = marks.windows(4).position(|window| window == b"[SL ");
    let Some(mark) = at.and_then(|at| marks.get(at + 4..)) else { return Ok(None) };
    let end = mark.iter().position(|byte| *byte == b']').ok_or(Fault::Missing)?;
    bare_number(mark.get(..end).unwrap_or_default()).map(Some)
}

/// Returns `None` for an MSR that could not be read: `MSR 00000010: < FAILED >`.
fn msr(record: &[u8]) -> Result<Option<Record>, Fault> {
    let (index, values) = halves(record)?;
    let (value, _) = marks_apart(values);
    if value.trim_ascii().starts_with(b"<") {
        return Ok(None);
    }
    let count = value.iter().filter(|byte| !is_between(byte)).count();
    let value = value
        .iter()
        .filter(|byte| !is_between(byte))
        .try_fold(0, |value, digit| Some(value << 4 | u64::from(char::from(*digit).to_digit(16)?)));
    match value {
        Some(value) if count == 16 => Ok(Some(Record::Msr { index: bare_number(index)?, value })),
        _ => Err(Fault::Number),
    }
}

/// Returns the number of a leaf or an MSR, and what follows it and a colon or blanks.
fn halves(record: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let end = record.iter().position(|byte| *byte == b':' || byte.is_ascii_whitespace());
    let (index, rest) = end.and_then(|end| record.split_at_checked(end)).ok_or(Fault::Missing)?;
    Ok((index, rest.strip_prefix(b":").unwrap_or(rest)))
}
