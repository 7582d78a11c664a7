//! Numbers, as libvirt reads them from a file of one line.

use super::line::trim_start;

/// A signed number: optional blanks, an optional sign, digits and nothing else.
pub fn signed(text: &[u8]) -> Option<i32> {
    let (negative, digits) = sign(trim_start(text));
    let magnitude = i64::try_from(decimal(digits)?).ok()?;
    i32::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// An unsigned number: as [`signed`], without `-`.
pub fn unsigned(text: &[u8]) -> Option<u64> {
    match sign(trim_start(text)) {
        (false, digits) => decimal(digits),
        (true, _) => None,
    }
}

/// An unsigned number with a unit, in bytes: none is KiB, `K` and `KiB` are 1024, `KB` is 1000, `b` and `bytes` are 1.
pub fn scaled(text: &[u8]) -> Option<u64> {
    let (negative, rest) = sign(trim_start(text));
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, suffix) = rest.split_at_checked(digits)?;
    let number = if negative { None } else { decimal(digits) };
    number?.checked_mul(unit_bytes(suffix)?)
}

fn unit_bytes(suffix: &[u8]) -> Option<u64> {
    if suffix.is_empty() {
        return Some(1024);
    }
    if [b"b".as_slice(), b"byte", b"bytes"].iter().any(|unit| suffix.eq_ignore_ascii_case(unit)) {
        return Some(1);
    }
    let (letter, rest) = suffix.split_first()?;
    let power = b"kmgtpe".iter().position(|unit| unit.eq_ignore_ascii_case(letter))? as u32 + 1;
    match rest {
        [] => Some(1024_u64.pow(power)),
        [b'b' | b'B'] => Some(1000_u64.pow(power)),
        [b'i' | b'I', b'b' | b'B'] => Some(1024_u64.pow(power)),
        _ => None,
    }
}

/// Digits and nothing else, at least one.
pub fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

/// The digits that `text` begins with, and the rest. `None` without a digit.
pub fn leading_decimal(text: &[u8]) -> Option<(u64, &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(count)?;
    Some((decimal(digits)?, rest))
}

/// A number as C writes it, with what follows ignored: `0x` is hexadecimal, a leading `0` octal. A negative one wraps at 32
/// bits.
pub fn c_unsigned(text: &[u8]) -> Option<u32> {
    let (negative, rest) = sign(trim_start(text));
    let (magnitude, _) = magnitude(rest)?;
    let magnitude = u32::try_from(magnitude?).ok()?;
    Some(if negative { magnitude.wrapping_neg() } else { magnitude })
}

/// The number as C writes it that `text` begins with, blanks and a sign before it, and the rest: `strtoull` of base 0. A
/// negative one wraps, and one that is too large is the largest. `None` without a digit.
pub fn c_number(text: &[u8]) -> Option<(u64, &[u8])> {
    let (negative, digits) = sign(trim_start(text));
    let (magnitude, rest) = magnitude(digits)?;
    let number = magnitude.map(|number| if negative { number.wrapping_neg() } else { number });
    Some((number.unwrap_or(u64::MAX), rest))
}

/// The digits that `text` begins with, and the rest. The inner `None` is a number of more than 64 bits.
fn magnitude(text: &[u8]) -> Option<(Option<u64>, &[u8])> {
    match text {
        [b'0', b'x' | b'X', first, ..] if first.is_ascii_hexdigit() => leading(text.get(2..)?, 16),
        [b'0', ..] => leading(text, 8),
        _ => leading(text, 10),
    }
}

/// As [`magnitude`], of this radix.
fn leading(text: &[u8], radix: u32) -> Option<(Option<u64>, &[u8])> {
    let digit = |byte: &u8| char::from(*byte).to_digit(radix);
    let count = text.iter().take_while(|byte| digit(byte).is_some()).count();
    let (digits, rest) = text.split_at_checked(count).filter(|_| count > 0)?;
    let number = digits.iter().filter_map(digit).try_fold(0_u64, |number, digit| {
        number.checked_mul(radix.into())?.checked_add(digit.into())
    });
    Some((number, rest))
}

/// Whether the text begins with `-`, and what follows its sign.
pub(super) fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// A number behind which a line ends: how the kernel writes page counts. A sign is allowed, and a negative number wraps.
pub fn decimal_line(text: &[u8]) -> Option<u64> {
    let (negative, digits) = sign(trim_start(text));
    let (number, rest) = leading_decimal(digits)?;
    let number = if negative { number.wrapping_neg() } else { number };
    rest.starts_with(b"\n").then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::ToString, vec::Vec};

    #[test]
    fn numbers_are_whole() {
        assert_eq!(signed(b" -1"), Some(-1));
        assert_eq!(signed(b"+7"), Some(7));
        assert_eq!(signed(b"2147483648"), None);
        assert_eq!(signed(b"-2147483648"), Some(i32::MIN));
        assert_eq!(
            (signed(b""), signed(b"-"), signed(b"1 "), signed(b"1x")),
            (None, None, None, None)
        );
        assert_eq!((unsigned(b"-0"), unsigned(b"+1")), (None, Some(1)));
        assert_eq!(unsigned(b"18446744073709551616"), None);
    }

    #[test]
    fn units_are_powers() {
        assert_eq!(scaled(b"8192K"), Some(8192 << 10));
        assert_eq!(scaled(b"12345"), Some(12345 << 10));
        assert_eq!(scaled(b"3KB"), Some(3000));
        assert_eq!(scaled(b"3kiB"), Some(3 << 10));
        assert_eq!(scaled(b"5bytes"), Some(5));
        assert_eq!(
            (scaled(b"K"), scaled(b"1KK"), scaled(b"16E"), scaled(b"-1K")),
            (None, None, None, None)
        );
    }

    #[test]
    fn c_numbers_ignore_what_follows() {
        assert_eq!(c_unsigned(b" 0x1000065\n"), Some(16_777_317));
        assert_eq!(c_unsigned(b" 0x1234garbage"), Some(4660));
        assert_eq!(c_unsigned(b"-1"), Some(u32::MAX));
        assert_eq!(c_unsigned(b"010"), Some(8));
        assert_eq!(c_unsigned(b"0xz"), Some(0));
        assert_eq!((c_unsigned(b"x"), c_unsigned(b"4294967296")), (None, None));
    }

    #[test]
    fn c_numbers_end_where_their_digits_do() {
        assert_eq!(c_number(b" 10 21"), Some((10, &b" 21"[..])));
        assert_eq!(c_number(b"0x1f,"), Some((31, &b","[..])));
        assert_eq!(
            (c_number(b"010"), c_number(b"-1")),
            (Some((8, &b""[..])), Some((u64::MAX, &b""[..])))
        );
        assert_eq!(c_number(b"99999999999999999999x"), Some((u64::MAX, &b"x"[..])));
        assert_eq!((c_number(b""), c_number(b"\n"), c_number(b"+x")), (None, None, None));
    }

    #[test]
    fn page_counts_end_their_line() {
        assert_eq!(decimal_line(b"512\n"), Some(512));
        assert_eq!(decimal_line(b" +512\n\0\0"), Some(512));
        assert_eq!((decimal_line(b"-1\n"), decimal_line(b"512\0\n")), (Some(u64::MAX), None));
        assert_eq!(
            (decimal_line(b"512"), decimal_line(b"512 \n"), decimal_line(b"\n")),
            (None, None, None)
        );
    }

    proptest! {
        #[test]
        fn numbers_read_back(number: i32, unsigned_number: u64) {
            prop_assert_eq!(signed(number.to_string().as_bytes()), Some(number));
            prop_assert_eq!(unsigned(format!("\t{unsigned_number}").as_bytes()), Some(unsigned_number));
        }

        #[test]
        fn any_bytes_are_a_number_or_none(bytes: Vec<u8>) {
            let _ = (signed(&bytes), unsigned(&bytes), scaled(&bytes), c_unsigned(&bytes), c_number(&bytes), decimal_line(&bytes));
        }
    }
}
