//! Extracts the lines of prose from a file.

use regex::Regex;
use std::path::{Path, PathBuf};

/// A line that people read. Code in backticks is replaced by `x`.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) file: PathBuf,
    pub(super) number: usize,
    pub(super) text: String,
    /// `true` for the first line of a documentation comment or a paragraph.
    pub(super) opens: bool,
}

impl Line {
    fn new(number: usize, text: &str, opens: bool) -> Self {
        Self { file: PathBuf::new(), number, text: without_code(text), opens }
    }

    pub(super) fn in_file(self, file: &Path) -> Self {
        Self { file: file.to_owned(), ..self }
    }
}

type Reader = fn(&str) -> Box<dyn Iterator<Item = Line>>;

/// Returns the reader of a kind of file by its ending, or `None` for a file without prose.
pub(super) fn reader(path: &Path) -> Option<Reader> {
    match path.extension()?.to_str()? {
        "rs" => Some(|text| Box::new(rust(text))),
        "md" => Some(|text| Box::new(markdown(text))),
        _ => None,
    }
}

/// Returns the comments of a Rust file, then its string literals of at least three words. Test modules are left out.
pub(super) fn rust(text: &str) -> impl Iterator<Item = Line> + use<> {
    let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
    comments(text).into_iter().chain(messages(text))
}

fn comments(text: &str) -> Vec<Line> {
    let (mut lines, mut fenced, mut before) = (Vec::new(), false, None);
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_start();
        let kind = ["///", "//!", "//"].into_iter().find(|kind| line.starts_with(kind));
        let opens = kind.is_some_and(|kind| kind != "//") && before != kind;
        before = kind;
        let comment = kind.map_or("", |kind| line[kind.len()..].trim());
        let fence = comment.starts_with("```");
        fenced = kind.is_some() && fenced != fence;
        if !comment.is_empty() && !fence && !fenced {
            lines.push(Line::new(number, comment, opens));
        }
    }
    lines
}

/// Returns the literals that read as sentences. The number of the line is that of the literal's begin.
fn messages(text: &str) -> Vec<Line> {
    let literal = Regex::new(r#"(?s)"((?:[^"\\]|\\.)*)""#).expect("the pattern is a constant");
    let code = code_only(text);
    let literals = literal.captures_iter(&code).filter_map(|found| found.get(1));
    let sentences = literals.filter(|literal| literal.as_str().split_whitespace().count() >= 3);
    let lines = sentences.flat_map(|literal| {
        let first = code[..literal.start()].matches('\n').count() + 1;
        (first..).zip(literal.as_str().lines()).map(|(number, line)| Line::new(number, line, false))
    });
    lines.collect()
}

/// Returns the text without what confuses quotes: comments, raw strings and character literals. Lines keep their numbers.
fn code_only(text: &str) -> String {
    let confusing = Regex::new(r##"(?s)r#".*?"#|b?'\\?"'"##).expect("the pattern is a constant");
    let newlines = |found: &regex::Captures<'_>| "\n".repeat(found[0].matches('\n').count());
    let text = confusing.replace_all(text, newlines);
    let code = text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    code.collect::<Vec<_>>().join("\n")
}

/// Returns the lines of a Markdown file outside of code blocks.
fn markdown(text: &str) -> impl Iterator<Item = Line> + use<> {
    let (mut lines, mut fenced, mut opens) = (Vec::new(), false, true);
    for (number, line) in (1..).zip(text.lines()) {
        let fence = line.trim_start().starts_with("```");
        fenced = fenced != fence;
        let prose = !fenced && !fence && !line.starts_with("    ") && !line.trim().is_empty();
        if prose {
            lines.push(Line::new(number, line, opens));
        }
        opens = !prose;
    }
    lines.into_iter()
}

fn without_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 0 { part } else { "x" }).collect()
}
