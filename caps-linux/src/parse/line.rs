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

/// The lines, without their newlines.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    strip_newline(text).split(|&byte| byte == b'\n')
}

/// Where `needle` begins in `text`.
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len().max(1)).position(|window| window == needle)
}
