//! `cpuid LEAF SUBLEAF EAX EBX ECX EDX` and `msr INDEX LOW HIGH`, between tabs or blanks; `#` begins a comment.
use super::scan::{Scanner, numbers, words};
use super::{Fault, Record};
use crate::source::Registers;

pub(super) fn next(scanner: &mut Scanner<'_>) -> Result<Option<Record>, Fault> {
    while let Some(line) = scanner.take_line() {
        if !line.is_empty() && !line.starts_with(b"#") {
            return record(line).map(Some);
        }
    }
    Ok(None)
}

fn record(line: &[u8]) -> Result<Record, Fault> {
    let mut words = words(line);
    match words.next() {
        Some(b"cpuid") => {
            let [leaf, subleaf, eax, ebx, ecx, edx] = numbers(words)?;
            Ok(Record::Cpuid { leaf, subleaf, registers: Registers { eax, ebx, ecx, edx } })
        }
        Some(b"msr") => {
            let [index, low, high] = numbers(words)?;
            Ok(Record::Msr { index, value: u64::from(low) | u64::from(high) << 32 })
        }
        _ => Err(Fault::Unknown),
    }
}
