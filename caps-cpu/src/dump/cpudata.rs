//! `<cpudata arch='x86'>` with `<cpuid/>` and `<msr/>` inside. Comments and a declaration are passed over, all else is refused.
use super::scan::{Scanner, number};
use super::{Fault, Record, State};
use crate::source::Registers;

pub(super) fn next(scanner: &mut Scanner<'_>, state: &mut State) -> Result<Option<Record>, Fault> {
    let within = &mut state.within;
    loop {
        let tag = match next_tag(scanner)? {
            Some(tag) => tag,
            None if *within => return Err(Fault::Unfinished),
            None => return Ok(None),
        };
        match (split_name(tag), *within) {
            ((b"cpudata", attributes), false) => {
                architecture(attributes)?;
                *within = true;
            }
            ((b"cpuid", attributes), true) => return cpuid(attributes).map(Some),
            ((b"msr", attributes), true) => return msr(attributes).map(Some),
            ((b"/cpudata", b""), true) => return end(scanner),
            _ => return Err(Fault::Xml),
        }
    }
}

/// Nothing may follow the element.
fn end(scanner: &mut Scanner<'_>) -> Result<Option<Record>, Fault> {
    next_tag(scanner)?.map_or(Ok(None), |_| Err(Fault::Xml))
}

/// What stands between the next `<` and its `>`.
fn next_tag<'a>(scanner: &mut Scanner<'a>) -> Result<Option<&'a [u8]>, Fault> {
    loop {
        scanner.skip_blanks();
        match scanner.rest() {
            [] => return Ok(None),
            [b'<', b'!', b'-', b'-', ..] => pass(scanner, b"-->")?,
            [b'<', b'?', ..] => pass(scanner, b"?>")?,
            [b'<', ..] => break,
            _ => return Err(Fault::Xml),
        }
    }
    scanner.take(1);
    scanner.take_until(b">").map(|tag| Some(tag.trim_ascii())).ok_or(Fault::Unfinished)
}

fn pass(scanner: &mut Scanner<'_>, end: &[u8]) -> Result<(), Fault> {
    scanner.take_until(end).map(|_| ()).ok_or(Fault::Unfinished)
}

fn split_name(tag: &[u8]) -> (&[u8], &[u8]) {
    let end = tag
        .iter()
        .skip(1)
        .position(|byte| byte.is_ascii_whitespace() || *byte == b'/')
        .map(|at| at + 1);
    let (name, rest) = tag.split_at_checked(end.unwrap_or(tag.len())).unwrap_or((tag, &[]));
    (name, rest.trim_ascii())
}

fn architecture(attributes: &[u8]) -> Result<(), Fault> {
    let [arch] = values(attributes, [b"arch"])?;
    if arch == Some(b"x86") { Ok(()) } else { Err(Fault::Arch) }
}

/// A subleaf that is not named is 0.
fn cpuid(attributes: &[u8]) -> Result<Record, Fault> {
    let names: [&[u8]; 6] = [b"eax_in", b"ecx_in", b"eax", b"ebx", b"ecx", b"edx"];
    let [leaf, subleaf, eax, ebx, ecx, edx] = values(empty_element(attributes)?, names)?;
    let registers = Registers {
        eax: present(eax)?,
        ebx: present(ebx)?,
        ecx: present(ecx)?,
        edx: present(edx)?,
    };
    Ok(Record::Cpuid { leaf: present(leaf)?, subleaf: subleaf.map_or(Ok(0), number)?, registers })
}

fn msr(attributes: &[u8]) -> Result<Record, Fault> {
    let [index, low, high] = values(empty_element(attributes)?, [b"index", b"eax", b"edx"])?;
    let value = u64::from(present(low)?) | u64::from(present(high)?) << 32;
    Ok(Record::Msr { index: present(index)?, value })
}

fn present(value: Option<&[u8]>) -> Result<u32, Fault> {
    number(value.ok_or(Fault::Missing)?)
}

fn empty_element(attributes: &[u8]) -> Result<&[u8], Fault> {
    attributes.strip_suffix(b"/").map(<[u8]>::trim_ascii_end).ok_or(Fault::Xml)
}

/// The values of these attributes, in any order, each at most once; any other is refused.
fn values<'a, const N: usize>(
    mut text: &'a [u8],
    names: [&[u8]; N],
) -> Result<[Option<&'a [u8]>; N], Fault> {
    let mut values = [None; N];
    while !text.is_empty() {
        let (name, value, rest) = attribute(text).ok_or(Fault::Xml)?;
        let at = names.iter().position(|known| *known == name).ok_or(Fault::Excess)?;
        let slot = values.get_mut(at).ok_or(Fault::Excess)?;
        if slot.replace(value).is_some() {
            return Err(Fault::Excess);
        }
        text = rest;
    }
    Ok(values)
}

/// `name='value'` with either quote, then the rest, from which a blank must part it.
fn attribute(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let equals = text.iter().position(|byte| *byte == b'=')?;
    let (name, rest) =
        (text.get(..equals)?.trim_ascii_end(), text.get(equals + 1..)?.trim_ascii_start());
    let (quote, rest) = rest.split_first().filter(|(quote, _)| matches!(quote, b'\'' | b'"'))?;
    let close = rest.iter().position(|byte| byte == quote)?;
    let (value, rest) = (rest.get(..close)?, rest.get(close + 1..)?);
    let parted = rest.first().is_none_or(u8::is_ascii_whitespace);
    parted.then(|| (name, value, rest.trim_ascii_start()))
}
