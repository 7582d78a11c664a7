//! The text of `cpuid -r`: a `CPU` line for each processor and below it a line for each subleaf.
use super::form::{decoded, is_decoded};
use super::scan::{Scanner, number, words};
use super::{Fault, Record, State};
use crate::source::Registers;

/// Ends where the second CPU begins.
pub(super) fn next(scanner: &mut Scanner<'_>, state: &mut State) -> Result<Option<Record>, Fault> {
    while let Some(line) = scanner.take_line() {
        if is_heading(line) {
            if core::mem::replace(&mut state.within, true) {
                return Ok(None);
            }
        } else if !line.is_empty() && !is_banner(line) {
            state.within = true;
            return record(line).map(Some);
        }
    }
    Ok(None)
}

/// `CPU:` or `CPU 0:`, and nothing else.
pub(super) fn is_heading(line: &[u8]) -> bool {
    let number = line.strip_prefix(b"CPU").and_then(|rest| rest.strip_suffix(b":"));
    number.is_some_and(|number| number.trim_ascii().iter().all(u8::is_ascii_digit))
}

/// A comment, or the first line of older versions: `Disclaimer: cpuid may not support decoding of all cpuid registers.`
pub(super) fn is_banner(line: &[u8]) -> bool {
    line.starts_with(b"Disclaimer:") || line.starts_with(b"#")
}

/// `0x00000001 0x00: eax=0x... ebx=0x... ecx=0x... edx=0x...`
fn record(line: &[u8]) -> Result<Record, Fault> {
    if !line.starts_with(b"0") {
        return Err(if is_decoded(line) { decoded() } else { Fault::Unknown });
    }
    let mut halves = line.splitn(2, |byte| *byte == b':');
    let mut place = words(halves.next().unwrap_or_default());
    let mut values = words(halves.next().ok_or(Fault::Unknown)?);
    let leaf = number(place.next().ok_or(Fault::Missing)?)?;
    let subleaf = place.next().map_or(Ok(0), number)?;
    let registers = Registers {
        eax: value(&mut values, b"eax=")?,
        ebx: value(&mut values, b"ebx=")?,
        ecx: value(&mut values, b"ecx=")?,
        edx: value(&mut values, b"edx=")?,
    };
    match place.next().or_else(|| values.next()) {
        Some(_) => Err(Fault::Excess),
        None => Ok(Record::Cpuid { leaf, subleaf, registers }),
    }
}

fn value<'a>(words: &mut impl Iterator<Item = &'a [u8]>, name: &[u8]) -> Result<u32, Fault> {
    let word = words.next().ok_or(Fault::Missing)?;
    number(word.strip_prefix(name).ok_or(Fault::Unknown)?)
}
