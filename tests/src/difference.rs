//! A comparison that tells where two documents part.

use std::fmt::Write;

/// Lines of each side that a message shows.
const SHOWN_LINES: usize = 12;

/// Asserts that `actual` is `expected`, byte for byte.
///
/// # Panics
/// Where it is not, with the lines that differ.
#[track_caller]
pub fn assert_same(name: &str, expected: &[u8], actual: &[u8]) {
    if let Some(difference) = difference(name, expected, actual) {
        panic!("{difference}");
    }
}

/// What to say of two texts that differ: the lines between their common beginning and their common end.
pub fn difference(name: &str, expected: &[u8], actual: &[u8]) -> Option<String> {
    if expected == actual {
        return None;
    }
    let (expected, actual) = (lines(expected), lines(actual));
    let common = |pair: &(&String, &String)| pair.0 == pair.1;
    let start = expected.iter().zip(&actual).take_while(common).count();
    let (expected, actual) = (&expected[start..], &actual[start..]);
    let end = expected.iter().rev().zip(actual.iter().rev()).take_while(common).count();
    let mut message = format!("{name} differs from line {}:\n", start + 1);
    shown(&mut message, '-', &expected[..expected.len() - end]);
    shown(&mut message, '+', &actual[..actual.len() - end]);
    Some(message)
}

/// Lines with their ends, so that a missing newline is a difference.
fn lines(text: &[u8]) -> Vec<String> {
    text.split_inclusive(|&byte| byte == b'\n')
        .map(|line| line.escape_ascii().to_string())
        .collect()
}

fn shown(message: &mut String, sign: char, lines: &[String]) {
    for line in lines.iter().take(SHOWN_LINES) {
        let _ = writeln!(message, "{sign}{}", line.strip_suffix("\\n").unwrap_or(line));
    }
    if lines.len() > SHOWN_LINES {
        let _ = writeln!(message, "{sign}... and {} lines more", lines.len() - SHOWN_LINES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(difference("a", b"x\n", b"x\n"), None);
        let message = difference("a", b"x\ny\nz\n", b"x\nw\nz\n").unwrap();
        assert_eq!(message, "a differs from line 2:\n-y\n+w\n");
        assert_eq!(difference("a", b"x\n", b"x").unwrap(), "a differs from line 1:\n-x\n+x\n");
    }
}
