//! References: the five predefined entities, and characters by number.

use super::cursor::{is_allowed, is_name_char};
use super::error::{Kind, ReadError};

/// Checks every reference in `text`, which stands at offset `at` of the document.
pub(super) fn check(text: &str, at: usize) -> Result<(), ReadError> {
    let mut rest = text;
    while let Some((_, reference)) = rest.split_once('&') {
        let offset = text.len().saturating_sub(reference.len()).saturating_sub(1);
        let (_, behind) =
            decode(reference).map_err(|kind| ReadError::new(at.saturating_add(offset), kind))?;
        rest = behind;
    }
    Ok(())
}

/// The character that a reference stands for, and the text behind it; `text` begins behind the reference's `&`.
pub(super) fn decode(text: &str) -> Result<(char, &str), Kind> {
    let (name, behind) = text.split_once(';').ok_or(Kind::Ampersand)?;
    let character = match name.strip_prefix('#') {
        Some(number) => numbered(number).ok_or(Kind::CharacterReference)?,
        None => named(name)?,
    };
    Ok((character, behind))
}

fn named(name: &str) -> Result<char, Kind> {
    match name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ if !name.is_empty() && name.chars().all(is_name_char) => Err(Kind::UnknownEntity),
        _ => Err(Kind::Ampersand),
    }
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix('x') {
        Some(digits) => parse(digits, 16),
        None => parse(number, 10),
    };
    code.and_then(char::from_u32).filter(|&c| is_allowed(c))
}

/// Digits only, without a sign; none at all are 0, which is no allowed character either.
fn parse(digits: &str, radix: u32) -> Option<u32> {
    let add = |code: u32, c: char| code.checked_mul(radix)?.checked_add(c.to_digit(radix)?);
    digits.chars().try_fold(0, add)
}
