//! `caps explain`: where each part of the document comes from.

use crate::emulators::{Emulators, sentence};
use crate::{Arguments, Failure, Status, document, host, output, warn};
use caps_core::Caps;
use caps_linux::{Observer, Outcome, Path, Report, Topic};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// What was asked, by topic: files that differ in numbers only are one row.
#[derive(Default)]
struct Asked {
    report: Report,
    /// Topics that the document has something of.
    filled: BTreeSet<Topic>,
    rows: BTreeMap<(Topic, Rank, String), u32>,
}

/// Outcomes in the order in which they are shown; the last ones matter most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Filled,
    Absent,
    Denied,
    Odd,
    Failed,
}

impl Observer for Asked {
    fn note(&mut self, topic: Topic, path: &Path, outcome: Outcome) {
        self.report.note(topic, path, outcome);
        let rank = match outcome {
            Outcome::Filled => Rank::Filled,
            Outcome::Denied(_) => Rank::Denied,
            Outcome::Odd => Rank::Odd,
            Outcome::Failed(_) => Rank::Failed,
            _ => Rank::Absent,
        };
        let shown = if rank >= Rank::Denied {
            format!("{} ({outcome})", text(path))
        } else {
            pattern(&text(path))
        };
        *self.rows.entry((topic, rank, shown)).or_default() += 1;
    }
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(path.as_bytes()).into_owned()
}

/// Numbers in sysfs become `*`, so that the same file of each CPU is the same row.
fn pattern(path: &str) -> String {
    if !path.starts_with("/sys/") {
        return path.into();
    }
    let mut pattern = String::new();
    for letter in path.chars() {
        match letter {
            '0'..='9' if pattern.ends_with('*') => {}
            '0'..='9' => pattern.push('*'),
            _ => pattern.push(letter),
        }
    }
    pattern
}

pub(crate) fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let mut asked = Asked::default();
    let made = host::with(arguments, |host| {
        let emulators = Emulators::wanted(arguments, host)?;
        emulators.iter().for_each(|emulators| asked.note_emulators(emulators));
        let emulators = emulators.as_ref();
        let filled = document::visit(arguments, host, emulators, &mut asked, |caps| {
            Ok(Topic::ALL.into_iter().filter(|topic| has(caps, *topic)).collect())
        })?;
        asked.filled = filled;
        Ok(emulators.map_or(Status::Complete, Emulators::status))
    });
    if asked.rows.is_empty() {
        return made;
    }
    output::to(arguments.output.as_deref(), |writer| asked.print(writer))?;
    Ok(made.unwrap_or_else(incomplete))
}

/// No document can be made: the topics after the failure are missing.
fn incomplete(failure: Failure) -> Status {
    warn(failure);
    Status::Incomplete
}

/// Whether the document has something of a topic.
fn has(caps: &Caps<'_>, topic: Topic) -> bool {
    match topic {
        Topic::Uuid => caps.uuid().is_some_and(|uuid| uuid.is_valid()),
        Topic::Cpu | Topic::CpuTopology => caps.cpu().is_some(),
        Topic::PageSizes => caps.page_sizes().next().is_some(),
        Topic::Numa => caps.cell_count().is_some(),
        Topic::Cache => caps.banks().next().is_some(),
        Topic::Resctrl => has_resctrl(caps),
        Topic::Security => caps.secmodels().next().is_some(),
        Topic::Guests => caps.guests().next().is_some(),
        // These elements are always there.
        _ => true,
    }
}

fn has_resctrl(caps: &Caps<'_>) -> bool {
    let controlled = caps.banks().any(|bank| caps.controls(bank.level).next().is_some());
    let monitors = [caps.cache_monitor(), caps.bandwidth_monitor(), caps.energy_monitor()];
    controlled || caps.bandwidth_control().is_some() || monitors.iter().any(Option::is_some)
}

impl Asked {
    fn note_emulators(&mut self, emulators: &Emulators) {
        let (roster, known_from) = emulators.roster();
        for emulator in roster.roster().emulators().iter() {
            let path = Path::new(&[&emulator.file.path]);
            match sentence(&emulator) {
                None => self.note(Topic::Guests, &path, Outcome::Filled),
                Some(row) => {
                    self.report.note(Topic::Guests, &path, Outcome::Odd);
                    *self.rows.entry((Topic::Guests, Rank::Odd, row)).or_default() += 1;
                }
            }
        }
        if let Some(file) = known_from {
            let row = format!("{} (known from before)", file.display());
            *self.rows.entry((Topic::Guests, Rank::Filled, row)).or_default() += 1;
        }
    }

    /// A topic in one word or two. Sources that were read and came to nothing leave it out of the document.
    fn outcome(&self, topic: Topic) -> String {
        match self.report.tally(topic).outcome() {
            Outcome::Filled if !self.filled.contains(&topic) => "left out".into(),
            outcome => outcome.to_string(),
        }
    }

    fn print(&self, writer: &mut dyn Write) -> io::Result<()> {
        for topic in Topic::ALL {
            writeln!(writer, "{:<18}{}", topic.name(), self.outcome(topic))?;
            for ((of, rank, path), count) in &self.rows {
                if *of == topic {
                    print_row(writer, *rank, path, *count)?;
                }
            }
        }
        Ok(())
    }
}

fn print_row(writer: &mut dyn Write, rank: Rank, path: &str, count: u32) -> io::Result<()> {
    let word = match rank {
        Rank::Filled => "from",
        Rank::Absent => "absent",
        Rank::Denied => "denied",
        Rank::Odd => "odd",
        Rank::Failed => "failed",
    };
    writeln!(writer, "  {word:<6}{count:>4} {path}")
}
