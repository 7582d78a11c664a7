//! The text of `cpuid -r`: a `CPU` line for each processor and below it a line for each subleaf.
use super::scan::{Scanner, number, words};
use super::{Fault, Record};
use crate::source::Registers;

/// Ends where the second CPU begins.
pub(super) fn next(scanner: &mut Scanner<'_>, within: &mut bool) -> Result<Option<Record>, Fault> {
    while let Some(line) = scanner.take_line() {
        if line.starts_with(b"CPU") {
            if core::mem::replace(within, true) {
                return Ok(None);
            }
        } else if !line.is_empty() {
            *within = true;
            return record(line).map(Some);
        }
    }
    Ok(None)
}

/// `0x00000001 0x00: eax=0x... ebx=0x... ecx=0x... edx=0x...`
fn record(line: &[u8]) -> Result<Record, Fault> {
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
