//! Lines of InstLatx64 and AIDA64: `CPUID 00000004: 1C004121-01C0003F-0000003F-00000000 [SL 00]` and
//! `MSR 0000010A: 0000-0000-0000-0069`, below a `------[ Logical CPU #0 ]------` for each CPU.
use super::scan::{Scanner, bare_number, digits, words};
use super::{Fault, Record, State};
use crate::source::Registers;

/// Ends where the second CPU begins.
pub(super) fn next(scanner: &mut Scanner<'_>, state: &mut State) -> Result<Option<Record>, Fault> {
    while let Some(line) = scanner.take_line() {
        if let Some(title) = title(line) {
            let is_cpu = title.windows(5).any(|window| window == b"CPU #");
            if is_cpu && state.within {
                return Ok(None);
            }
            state.foreign = !is_cpu;
        } else if let Some(record) = line.strip_prefix(b"CPUID ") {
            return cpuid(record, state);
        } else if let Some(record) = line.strip_prefix(b"MSR ") {
            if let Some(record) = msr(record)? {
                return Ok(Some(record));
            }
        } else if !line.is_empty() && !state.foreign && !line.starts_with(b"allcpu:") {
            return Err(Fault::Unknown);
        }
    }
    Ok(None)
}

/// Returns `true` for a line that only this form has.
pub(super) fn is_first(line: &[u8]) -> bool {
    title(line).is_some()
        || [&b"CPUID "[..], b"MSR "].iter().any(|word| {
            let rest = line.strip_prefix(*word).unwrap_or_default();
            rest.split(|byte| *byte == b':').next().is_some_and(|word| bare_number(word).is_ok())
        })
}

/// Returns the title of a line such as `------[ Versions ]------`.
fn title(line: &[u8]) -> Option<&[u8]> {
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
    let mut words = words(values);
    let mut numbers = words.next().ok_or(Fault::Missing)?.split(|byte| *byte == b'-');
    let mut number = || bare_number(numbers.next().ok_or(Fault::Missing)?);
    let registers = Registers { eax: number()?, ebx: number()?, ecx: number()?, edx: number()? };
    if numbers.next().is_some() || words.next().is_some_and(|word| !word.starts_with(b"[")) {
        return Err(Fault::Excess);
    }
    if leaf == 0 && state.within {
        return Ok(None);
    }
    let subleaf = state.subleaf(leaf, marked(values)?);
    Ok(Some(Record::Cpuid { leaf, subleaf, registers }))
}

/// Returns the subleaf of `[SL 01]`, if there is such a mark.
fn marked(values: &[u8]) -> Result<Option<u32>, Fault> {
    let at = values.windows(4).position(|window| window == b"[SL ");
    let Some(mark) = at.and_then(|at| values.get(at + 4..)) else { return Ok(None) };
    let end = mark.iter().position(|byte| *byte == b']').ok_or(Fault::Missing)?;
    bare_number(mark.get(..end).unwrap_or_default()).map(Some)
}

/// Returns `None` for an MSR that could not be read: `MSR 00000010: < FAILED >`.
fn msr(record: &[u8]) -> Result<Option<Record>, Fault> {
    let (index, values) = halves(record)?;
    let value = words(values).next().ok_or(Fault::Missing)?;
    if value.starts_with(b"<") {
        return Ok(None);
    }
    let count = value.iter().filter(|byte| **byte != b'-').count();
    let value = value.split(|byte| *byte == b'-').try_fold(0_u64, |value, group| {
        let shift = u32::try_from(group.len()).ok()?.checked_mul(4)?;
        Some(value.checked_shl(shift)? | digits(group)?)
    });
    match value {
        Some(value) if count == 16 => Ok(Some(Record::Msr { index: bare_number(index)?, value })),
        _ => Err(Fault::Number),
    }
}

fn halves(record: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let mut halves = record.splitn(2, |byte| *byte == b':');
    let first = halves.next().unwrap_or_default().trim_ascii();
    Ok((first, halves.next().ok_or(Fault::Missing)?))
}
