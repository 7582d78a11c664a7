//! Lines and blanks.

/// White space as C sees it.
pub const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// Without the blanks in front.
pub fn trim_start(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|&&byte| is_blank(byte)).count();
    text.get(blanks..).unwrap_or(&[])
}

/// Without the blanks around.
pub fn trim(text: &[u8]) -> &[u8] {
    let text = trim_start(text);
    let blanks = text.iter().rev().take_while(|&&byte| is_blank(byte)).count();
    text.get(..text.len() - blanks).unwrap_or(&[])
}

/// Without the one newline at the end.
pub fn strip_newline(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\n").unwrap_or(text)
}

/// A text as C sees it: up to the first NUL. What a file holds behind it counts for its length alone.
pub fn c_string(bytes: &[u8]) -> &[u8] {
    memchr::memchr(0, bytes).and_then(|end| bytes.get(..end)).unwrap_or(bytes)
}

/// The value in a file that holds nothing else: its text as C sees it, without the one newline at the end.
pub fn value(bytes: &[u8]) -> &[u8] {
    strip_newline(c_string(bytes))
}

/// The lines as C sees them, each up to its first NUL.
pub fn c_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines(bytes).map(c_string)
}

/// The lines, without their newlines.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    strip_newline(text).split(|&byte| byte == b'\n')
}

/// Where `needle` begins in `text`.
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len().max(1)).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_value_ends_at_the_first_nul() {
        for text in ["0-3", "0-3\n", "0-3\n\0", "0-3\0", "0-3\0\n", "0-3\n\0\0x\n"] {
            assert_eq!(value(text.as_bytes()), b"0-3", "{text:?}");
        }
        assert_eq!(
            (value(b""), value(b"\0\n"), value(b"1\n\n")),
            (&b""[..], &b""[..], &b"1\n"[..])
        );
    }

    #[test]
    fn each_line_ends_at_its_own_nul() {
        let found: Vec<&[u8]> = c_lines(b"a\0b\nc\n\0\0").collect();
        assert_eq!(found, [&b"a"[..], b"c", b""]);
    }
}
