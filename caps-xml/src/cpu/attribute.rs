//! Attributes as libvirt reads them: words of a list, and decimal numbers.

use super::refusal::{Class, Message, Place, Refusal};
use crate::read::{Attributes, Text};

const UNSIGNED: &str = " Expected non-negative integer value";
const SIGNED: &str = " Expected integer value";
const NOT_NEGATIVE: &str = " Expected non-negative value";

/// Attributes of one element, whose name the refusals contain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    pub(super) element: &'static str,
    pub(super) attributes: Attributes<'a>,
}

impl<'a> Values<'a> {
    pub(super) fn get(&self, attribute: &str) -> Option<Text<'a>> {
        self.attributes.value(attribute)
    }

    /// Returns the value, which must be absent or one of `words`.
    pub(super) fn word(
        &self,
        attribute: &'static str,
        words: &[&str],
    ) -> Result<Option<Text<'a>>, Refusal<'a>> {
        match self.get(attribute) {
            Some(value) if !words.iter().any(|word| value == *word) => {
                Err(self.invalid(attribute, value, ""))
            }
            value => Ok(value),
        }
    }

    pub(super) fn required_word(
        &self,
        attribute: &'static str,
        words: &[&str],
    ) -> Result<(), Refusal<'a>> {
        match self.word(attribute, words)? {
            Some(_) => Ok(()),
            None => Err(self.missing(attribute)),
        }
    }

    /// Returns the number, of at most `max`; `None` if the attribute is absent.
    pub(super) fn unsigned(
        &self,
        attribute: &'static str,
        max: u64,
    ) -> Result<Option<u64>, Refusal<'a>> {
        let Some(value) = self.get(attribute) else { return Ok(None) };
        let number = decimal(value).and_then(|number| u64::try_from(number).ok());
        match number.filter(|number| *number <= max && !has_minus(value)) {
            Some(number) => Ok(Some(number)),
            None => Err(self.invalid(attribute, value, UNSIGNED)),
        }
    }

    /// As [`unsigned`](Self::unsigned), and the attribute must be present.
    pub(super) fn required(&self, attribute: &'static str, max: u64) -> Result<u64, Refusal<'a>> {
        self.unsigned(attribute, max)?.ok_or_else(|| self.missing(attribute))
    }

    /// Checks a number of 32 bits that must not be 0.
    pub(super) fn positive(&self, attribute: &'static str) -> Result<(), Refusal<'a>> {
        self.required(attribute, u32::MAX.into())?;
        self.optional_positive(attribute)
    }

    pub(super) fn optional_positive(&self, attribute: &'static str) -> Result<(), Refusal<'a>> {
        match self.unsigned(attribute, u32::MAX.into())? {
            Some(0) => Err(self.refuse(Message::Zero(self.place(attribute)))),
            _ => Ok(()),
        }
    }

    /// Returns a number of libvirt's type `int` that must not be negative.
    pub(super) fn natural(&self, attribute: &'static str) -> Result<Option<u32>, Refusal<'a>> {
        let Some(value) = self.get(attribute) else { return Ok(None) };
        let number = decimal(value).and_then(|number| i32::try_from(number).ok());
        let number = number.ok_or_else(|| self.invalid(attribute, value, SIGNED))?;
        let natural = u32::try_from(number);
        natural.map(Some).map_err(|_| self.invalid(attribute, value, NOT_NEGATIVE))
    }

    fn invalid(
        &self,
        attribute: &'static str,
        value: Text<'a>,
        expected: &'static str,
    ) -> Refusal<'a> {
        self.refuse(Message::Invalid { place: self.place(attribute), value, expected })
    }

    fn missing(&self, attribute: &'static str) -> Refusal<'a> {
        self.refuse(Message::Missing(self.place(attribute)))
    }

    const fn refuse(&self, message: Message<'a>) -> Refusal<'a> {
        Refusal { class: Class::Xml, message }
    }

    const fn place(&self, attribute: &'static str) -> Place {
        Place { element: self.element, attribute }
    }
}

/// Parses a decimal number as `strtol` does: blanks and a sign may lead it, nothing may follow it.
pub(super) fn decimal(text: Text<'_>) -> Option<i128> {
    let blanks = text.chars().take_while(|c| c.is_ascii_whitespace() || *c == '\x0b').count();
    let sign = text.chars().nth(blanks).filter(|c| matches!(c, '+' | '-'));
    let mut digits = text.chars().skip(blanks).skip(sign.iter().count());
    let first = i128::from(digits.next()?.to_digit(10)?);
    let number = digits.try_fold(first, |number, c| {
        let digit = i128::from(c.to_digit(10)?);
        number.checked_mul(10)?.checked_add(digit).filter(|number| *number <= u64::MAX.into())
    })?;
    number.checked_mul(if sign == Some('-') { -1 } else { 1 })
}

/// Returns `true` if the number has a minus sign: libvirt refuses even `-0` where a number is unsigned.
pub(super) fn has_minus(text: Text<'_>) -> bool {
    text.chars().any(|c| c == '-')
}
