//! `cargo xtask prose`: checks the wording of comments, Markdown, help texts and messages.
//!
//! The check counts three habits that make text hard to read for strangers, and fails above a limit for each. It is a
//! floor: a sentence that passes may still be a bad one.

mod text;

use crate::chore::{Done, root};
use regex::Regex;
use std::fs;
use std::path::{Path, PathBuf};
use text::Line;

/// Folders whose Rust files are not checked: their readers know the code.
const SKIPPED: [&str; 6] = ["target", ".git", "tests", "benches", "examples", "fuzz"];

/// A habit, and the limit on its share of all lines or openings.
struct Rule {
    name: &'static str,
    pattern: &'static str,
    /// Counts only the first line of each comment or paragraph.
    openings: bool,
    /// The limit is a number of matches per this many lines.
    per: usize,
    limit: usize,
}

const RULES: [Rule; 3] = [
    Rule {
        name: "words of speech for programs and data",
        pattern: r"\b(say|says|said|saying|tell|tells|told|telling|ask|asks|asked|asking|know|knows|known|knew|hear|hears|heard)\b",
        openings: false,
        per: 100,
        limit: 2,
    },
    Rule {
        name: "noun clauses as openings",
        pattern: r"^(what|whether|those|where|how|as|of|that|who|which|whose|whatever)\b",
        openings: true,
        per: 100,
        limit: 3,
    },
    Rule {
        name: "turns that are not idiomatic",
        pattern: concat!(
            r"\b((is|are|was|were|be|becomes?) (another|others)\b|of the (caller|user|reader|host|kernel|emulator|other)'s\b",
            r"|made up\b|come what may|one (behind|after) the other|or other\b|content with|makes? (no )?sense\b",
            r"|(is|are|was|were) to be\b|may be had|nobody\b|somebody\b|lies? (where|behind|before|in|at)\b|as a rule\b",
            r"|no word\b|not a word\b|whatever (it|they|that)\b|what(ever)? else\b|ever so\b|by and by",
            r"|(it|that|this) is (what|where|who|how)\b|wants?\b|believes?\b|thinks?\b|have (its|their) way",
            r"|stands? (there|where|in|beside|before|behind|for itself)\b)"
        ),
        openings: false,
        per: 1000,
        limit: 10,
    },
];

/// Checks all texts of the repository. Prints each match if `verbose`.
pub(crate) fn run(verbose: bool) -> Done {
    let mut lines = Vec::new();
    collect(&root(), &mut lines)?;
    let exceeded = RULES.map(|rule| measure(&rule, &lines, verbose));
    match exceeded.iter().flatten().count() {
        0 => Ok(()),
        count => Err(format!(
            "prose: {count} of {} limits exceeded; see `cargo xtask prose -v`",
            RULES.len()
        )),
    }
}

/// Prints the share of lines that `rule` matches. Returns its name if the share exceeds the limit.
fn measure(rule: &Rule, lines: &[Line], verbose: bool) -> Option<&'static str> {
    let pattern = Regex::new(&format!("(?i){}", rule.pattern)).expect("the patterns are constants");
    let (mut total, mut matches) = (0, 0);
    for line in lines.iter().filter(|line| line.opens || !rule.openings) {
        total += 1;
        let count = pattern.find_iter(&line.text).count();
        matches += count;
        if verbose && count > 0 {
            println!("{}:{}: {}", line.file.display(), line.number, line.text);
        }
    }
    let Rule { name, per, limit, .. } = *rule;
    let share = (matches * per) as f64 / total.max(1) as f64;
    println!("prose: {name}: {share:.1} per {per} lines of {total}; the limit is {limit}");
    (share >= limit as f64).then_some(name)
}

/// Adds the lines of all Rust and Markdown files below `directory`, in order of their names.
fn collect(directory: &Path, lines: &mut Vec<Line>) -> Done {
    for path in entries(directory)? {
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && !SKIPPED.iter().any(|skipped| name == *skipped) {
            collect(&path, lines)?;
        } else if let Some(read) = text::reader(&path) {
            let text = fs::read_to_string(&path)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            lines.extend(read(&text).map(|line| line.in_file(&path)));
        }
    }
    Ok(())
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error| format!("{}: {error}", directory.display());
    let entries = fs::read_dir(directory).map_err(failed)?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(rule: usize, text: &str) -> bool {
        let lines: Vec<_> = text::rust(text).collect();
        measure(&RULES[rule], &lines, false).is_some()
    }

    #[test]
    fn each_rule_reports_its_habit() {
        assert!(share(0, "/// Tells the number of cells."));
        assert!(share(1, "/// Whether there is a cell."));
        assert!(share(2, "/// The cells are made up."));
        let fine = "/// Returns the number of cells.";
        assert!((0..RULES.len()).all(|rule| !share(rule, fine)));
    }

    #[test]
    fn code_is_not_prose() {
        let code = "/// ```\n/// what(tell)\n/// ```\n/// Returns `told`.\nlet told = 1; // `ask`";
        assert!((0..RULES.len()).all(|rule| !share(rule, code)));
    }

    #[test]
    fn messages_are_prose() {
        assert!(share(0, "fn f() { println!(\"the kernel tells nothing\"); }"));
    }
}
