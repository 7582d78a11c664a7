//! Text as people paste it: encodings, blanks of word processors, quotes of mail, fences of Markdown and shell prompts.
//!
//! Every line stays a line, so that the numbers in messages are those of the file.

/// Returns the text in UTF-8 with plain blanks, and with empty lines in place of fences and prompts.
pub(super) fn plain(bytes: &[u8]) -> String {
    let text = decoded(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text.chars().filter_map(plain_character).collect();
    let is_quoted = text.lines().find(|line| !line.trim().is_empty());
    let is_quoted = is_quoted.is_some_and(|line| line.trim_start().starts_with('>'));
    let lines = text.split('\n').map(|line| undressed(line, is_quoted));
    lines.collect::<Vec<_>>().join("\n")
}

/// Decodes UTF-8 or UTF-16, with or without a byte order mark; anything else as Latin-1.
fn decoded(bytes: &[u8]) -> String {
    let latin = || bytes.iter().map(|byte| char::from(*byte)).collect();
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [first, 0, ..] if *first != 0 => utf16(bytes, u16::from_le_bytes),
        [0, first, ..] if *first != 0 => utf16(bytes, u16::from_be_bytes),
        _ => str::from_utf8(bytes).map_or_else(|_| latin(), String::from),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let decoded = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
    let decoded = decoded.map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER));
    // Half a character at the end is no text.
    decoded.chain((!rest.is_empty()).then_some(char::REPLACEMENT_CHARACTER)).collect()
}

/// Any blank becomes a space; marks that are not seen disappear.
fn plain_character(character: char) -> Option<char> {
    match character {
        '\n' | '\t' => Some(character),
        '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{ad}' => None,
        _ if character.is_whitespace() => Some(' '),
        _ => Some(character),
    }
}

/// Returns what the line holds besides its dress. In a mail, `>` alone is an empty line; in XML it ends a tag.
fn undressed(line: &str, is_quoted: bool) -> &str {
    let inner = line.trim_start_matches(['>', ' ', '\t']);
    let line = if is_quoted || !inner.is_empty() { inner } else { line };
    let line = if is_fence(line) { "" } else { line.trim_matches('`') };
    if is_markup(line) || is_prompt(line) { "" } else { line }
}

/// "```", maybe with the name of a language.
fn is_fence(line: &str) -> bool {
    line.starts_with("```") || line.starts_with("~~~")
}

/// A tag around code, as forums have it.
fn is_markup(line: &str) -> bool {
    const TAGS: [&str; 4] = ["code", "pre", "quote", "spoiler"];
    let ends = [('[', ']'), ('<', '>')];
    let inner = ends
        .iter()
        .find_map(|(open, close)| line.trim_end().strip_prefix(*open)?.strip_suffix(*close));
    inner.is_some_and(|inner| {
        let name = inner.strip_prefix('/').unwrap_or(inner);
        TAGS.iter().any(|tag| name.eq_ignore_ascii_case(tag))
    })
}

/// A shell's prompt, with or without a command behind it, or the command alone.
fn is_prompt(line: &str) -> bool {
    let line = line.trim();
    let is_command = ["cpuid -", "sudo "].iter().any(|start| line.starts_with(start));
    let is_windows = line.starts_with("PS ") || line.get(1..3) == Some(":\\");
    let mut ends = line.match_indices(['$', '#', '%', '❯', '➜']).filter(|(at, mark)| {
        line.get(at + mark.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    });
    let end = ends.next().map(|(at, _)| line.get(..at).unwrap_or_default());
    is_command || is_windows && line.contains('>') || end.is_some_and(is_before_prompt)
}

/// Nothing, a name of user and host, a directory, or a shell: `root@host:~`, `[root@host ~]`, `bash-5.2`.
fn is_before_prompt(text: &str) -> bool {
    const SHELLS: [&str; 4] = ["bash", "sh", "root", "zsh"];
    let text = text.trim();
    let word = text.split([' ', '-', ':']).next().unwrap_or_default();
    let is_place = text.starts_with(['~', '/']) && !text.contains(' ');
    // The table of caps record has comments, which are read as such.
    text.is_empty() || text.contains('@') || is_place || SHELLS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMPTS: [&str; 14] = [
        "$ cpuid -1 -r",
        "$",
        "# cpuid -r",
        "% cpuid -r",
        "user@host:~$ cpuid -r | head",
        "[root@host ~]# cpuid -1 -r",
        "root@host:/# ",
        "bash-5.2$ cpuid -r",
        "sh-5.1# exit",
        "~ # cpuid",
        "PS C:\\Users\\a> cpuid -r",
        "C:\\> cpuid",
        "❯ cpuid -r",
        "cpuid -1 -r",
    ];

    #[test]
    fn prompts_are_recognised_and_records_are_not() {
        for prompt in PROMPTS {
            assert!(is_prompt(prompt), "{prompt}");
        }
        for record in [
            "",
            "CPU 0:",
            "   0x00000001 0x00: eax=0x1 ebx=0x2 ecx=0x3 edx=0x4",
            "cpuid\t0x1\t0x0\t0x1\t0x2\t0x3\t0x4",
            "CPUID 00000000: 0000000D-756E6547-6C65746E-49656E69 [GenuineIntel]",
            "------[ Logical CPU #0 ]------",
            "basic_cpuid[0]=0000000d 756e6547 6c65746e 49656e69",
            "____ Logical CPU #0 ____",
            "<cpuid eax_in='0x1' eax='0x1' ebx='0x1' ecx='0x1' edx='0x1'/>",
            "CPU(s): 4",
        ] {
            assert!(!is_prompt(record), "{record}");
            assert_eq!(undressed(record, false).trim(), record.trim(), "{record}");
        }
    }

    #[test]
    fn lines_keep_their_numbers() {
        let dressed = "\u{feff}> ```\r\n>\r\n> > CPU\u{a0}0:\r\n> [/CODE]\r\n\r\n";
        assert_eq!(plain(dressed.as_bytes()), "\n\nCPU 0:\n\n\n");
        assert_eq!(plain(b"a\rb\xa0c"), "a\nb c");
    }

    #[test]
    fn half_a_character_is_not_dropped() {
        assert_eq!(plain(b"\xff\xfea\0\n\0b"), "a\n\u{fffd}");
    }
}
