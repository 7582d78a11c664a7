//! The text of a dump from a place on, and numbers in it.
use super::Fault;

/// What is left of a text, and the line that was reached.
pub(super) struct Scanner<'a> {
    rest: &'a [u8],
    line: usize,
    /// Newlines passed since the line was named; the next piece lies behind them.
    passed: usize,
}

impl<'a> Scanner<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self { rest: text, line: 1, passed: 0 }
    }

    /// The line, from 1, where the piece taken last begins.
    pub(super) const fn line(&self) -> usize {
        self.line
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next line, trimmed; `None` at the end.
    pub(super) fn take_line(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end =
            self.rest.iter().position(|byte| *byte == b'\n').map_or(self.rest.len(), |at| at + 1);
        Some(self.take(end).trim_ascii())
    }

    /// The next `count` bytes, or all that is left.
    pub(super) fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or((self.rest, &[]));
        self.rest = rest;
        self.line += self.passed;
        self.passed = taken.iter().filter(|byte| **byte == b'\n').count();
        taken
    }

    pub(super) fn skip_blanks(&mut self) {
        let count = self.rest.len() - self.rest.trim_ascii_start().len();
        self.take(count);
        self.line += self.passed;
        self.passed = 0;
    }

    /// What stands before `end`; `end` itself is passed too.
    pub(super) fn take_until(&mut self, end: &[u8]) -> Option<&'a [u8]> {
        let at = self.rest.windows(end.len()).position(|window| window == end)?;
        let piece = self.take(at + end.len());
        piece.get(..at)
    }
}

/// A number of 32 bits: `0x` and one to eight digits.
pub(super) fn number(text: &[u8]) -> Result<u32, Fault> {
    let digits = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X"));
    bare_number(digits.ok_or(Fault::Number)?)
}

/// A number of 32 bits: one to eight hexadecimal digits.
pub(super) fn bare_number(text: &[u8]) -> Result<u32, Fault> {
    if text.is_empty() || text.len() > 8 {
        return Err(Fault::Number);
    }
    text.iter().try_fold(0, |number, digit| {
        let digit = char::from(*digit).to_digit(16).ok_or(Fault::Number)?;
        Ok(number << 4 | digit)
    })
}

/// Exactly as many numbers as asked for.
pub(super) fn numbers<'a, const N: usize>(
    mut words: impl Iterator<Item = &'a [u8]>,
) -> Result<[u32; N], Fault> {
    let mut numbers = [0; N];
    for slot in &mut numbers {
        *slot = number(words.next().ok_or(Fault::Missing)?)?;
    }
    words.next().map_or(Ok(numbers), |_| Err(Fault::Excess))
}

/// Words between blanks.
pub(super) fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_hexadecimal_and_fit() {
        assert_eq!(number(b"0xDeadBeef"), Ok(0xdead_beef));
        for bad in ["", "0x", "12", "0x123456789", "0x-1", "0x 1"] {
            assert_eq!(number(bad.as_bytes()), Err(Fault::Number), "{bad}");
        }
    }

    #[test]
    fn the_line_is_that_of_the_last_piece() {
        let mut scanner = Scanner::new(b"a\nb\n\nc");
        let mut lines = std::vec::Vec::new();
        while let Some(line) = scanner.take_line() {
            lines.push((scanner.line(), line));
        }
        assert_eq!(lines, [(1, b"a".as_slice()), (2, b"b"), (3, b""), (4, b"c")]);
    }
}
