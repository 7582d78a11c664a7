//! Raw data of libcpuid: `basic_cpuid[0]=0000000d 756e6547 6c65746e 49656e69`, `ext_cpuid[1]=...`, `intel_fn4[0]=...`.
use super::scan::{Scanner, bare_number, words};
use super::{Fault, Record, State};
use crate::source::Registers;

/// Tables of which the index is added to a leaf.
const LEAVES: [(&[u8], u32); 2] = [(b"basic_cpuid", 0), (b"ext_cpuid", 0x8000_0000)];
/// Tables of which the index is a subleaf.
const SUBLEAVES: [(&[u8], u32); 5] = [
    (b"intel_fn4", 4),
    (b"intel_fn11", 0xb),
    (b"intel_fn12h", 0x12),
    (b"intel_fn14h", 0x14),
    (b"amd_fn8000001dh", 0x8000_001d),
];

/// Ends where the second CPU begins.
pub(super) fn next(scanner: &mut Scanner<'_>, state: &mut State) -> Result<Option<Record>, Fault> {
    while let Some(line) = scanner.take_line() {
        if is_heading(line) {
            if state.within {
                return Ok(None);
            }
        } else if !line.is_empty() && !is_comment(line) {
            let record = record(line)?;
            if matches!(record, Record::Cpuid { leaf: 0, .. })
                && core::mem::replace(&mut state.within, true)
            {
                return Ok(None);
            }
            state.within = true;
            return Ok(Some(record));
        }
    }
    Ok(None)
}

/// Returns `true` for a line that only this form has.
pub(super) fn is_first(line: &[u8]) -> bool {
    is_heading(line) || table(line).is_some() || line.starts_with(b"version=")
}

/// `____ Logical CPU #0 ____`
fn is_heading(line: &[u8]) -> bool {
    line.starts_with(b"____") && line.windows(13).any(|window| window == b"Logical CPU #")
}

fn is_comment(line: &[u8]) -> bool {
    [&b"#"[..], b"version=", b"build_date="].iter().any(|start| line.starts_with(start))
}

/// Returns name, index and value of `name[index]=value`.
fn table(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let open = line.iter().position(|byte| *byte == b'[')?;
    let close = line.iter().position(|byte| *byte == b']')?;
    let (name, index) = (line.get(..open)?, line.get(open.checked_add(1)?..close)?);
    let is_known = LEAVES.iter().chain(&SUBLEAVES).any(|(known, _)| *known == name);
    let value = line.get(close..)?.strip_prefix(b"]=")?;
    is_known.then_some((name, index, value))
}

fn record(line: &[u8]) -> Result<Record, Fault> {
    let (name, index, value) = table(line).ok_or(Fault::Unknown)?;
    let index = decimal(index).ok_or(Fault::Number)?;
    let place = |tables: &[(&[u8], u32)]| {
        tables.iter().find(|(known, _)| *known == name).map(|(_, leaf)| *leaf)
    };
    let leaf = place(&LEAVES).map(|first| (first | index, 0));
    let subleaf = || place(&SUBLEAVES).map(|leaf| (leaf, index));
    let (leaf, subleaf) = leaf.or_else(subleaf).ok_or(Fault::Unknown)?;
    let mut words = words(value);
    let mut number = || bare_number(words.next().ok_or(Fault::Missing)?);
    let registers = Registers { eax: number()?, ebx: number()?, ecx: number()?, edx: number()? };
    match words.next() {
        Some(_) => Err(Fault::Excess),
        None => Ok(Record::Cpuid { leaf, subleaf, registers }),
    }
}

/// An index: a decimal number of at most three digits.
fn decimal(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 3 {
        return None;
    }
    text.iter().try_fold(0_u32, |number, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit)
    })
}
