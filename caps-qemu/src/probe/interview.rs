//! What an emulator is asked, and when it has said enough.
//!
//! QEMU lists its machines in the order of a hash table. libvirt has it list all types first, and that loads every module; with
//! their types the table may grow, and then the machines stand in another order. Loading takes more than half as long as all
//! the rest, and seldom changes anything: so the types that are there without modules are counted first, with the modules
//! kept shut, and only an emulator whose table is about to grow is started again and asked as libvirt does.

use super::talk::{Answer, Question};
use crate::facts::order_is_settled;
use crate::query::{Query, TCG};
use crate::rejection::Rejection;
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// An emulator that listens.
pub(super) trait Emulator {
    /// The answers to all of `questions`.
    fn ask(&mut self, questions: &[Question]) -> Result<Vec<Answer>, Rejection>;

    /// As [`ask`](Self::ask), without waiting for long; `None` if anything is odd.
    fn ask_briefly(&mut self, questions: &[Question]) -> Option<Vec<Answer>>;

    /// How many descriptors are free below the highest that it has open; `None` if that cannot be told.
    fn gaps(&mut self) -> Option<usize>;

    /// Keeps it from opening any file from now on, if it has no gaps: whether that succeeded.
    fn shut(&mut self) -> bool;
}

/// Whether an emulator may be asked in a way that leaves it of no use for other questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    First,
    Last,
}

/// Why an interview ends without a transcript.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    Rejected(Rejection),
    /// It has to be started again, for the last time.
    Spoiled,
}

impl From<Rejection> for Broken {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// What is asked first, machines last.
const ASKED: [Query; 6] = [
    Query::Version,
    Query::Target,
    Query::Accelerators,
    Query::Kvm,
    Query::TcgProperties,
    Query::Machines,
];

/// At most so many types are in modules. Those of QEMU 7.2 have 31, and those of 10.0 have 33.
const MOST_IN_MODULES: usize = 64;
/// And at most this part of those that are there without: in both versions it is never a fourteenth.
const PART_IN_MODULES: usize = 8;
/// More gaps are none of an emulator's.
const MAX_GAPS: usize = 8;

/// The answers of an emulator, in lines of a recording.
pub(super) fn interview(emulator: &mut impl Emulator, start: Start) -> Result<Vec<u8>, Broken> {
    let questions = ASKED.map(question);
    let mut answers = emulator.ask(&questions)?;
    let text = recording(&questions, &answers);
    if order_is_settled(&text) || start == Start::First && stays(emulator)? {
        return Ok(text);
    }
    // Whatever is asked for, all modules are loaded; a short answer takes the least time.
    let types = Question::new(Query::Types.command(), "{\"implements\":\"accel\"}");
    let again = emulator.ask(&[types, question(Query::Machines)])?;
    answers.pop();
    answers.extend(again.into_iter().next_back());
    Ok(recording(&questions, &answers))
}

/// Whether the order of machines stays as it is when all modules are loaded; false if that could not be told, and the emulator
/// is as it was.
fn stays(emulator: &mut impl Emulator) -> Result<bool, Broken> {
    let Some(gaps) = emulator.gaps().filter(|&gaps| gaps <= MAX_GAPS) else { return Ok(false) };
    let fillers: Vec<_> = (0..gaps).map(filler).collect();
    if gaps > 0 {
        emulator.ask_briefly(&fillers).ok_or(Broken::Spoiled)?;
    }
    if !emulator.shut() {
        return Ok(false);
    }
    match types(emulator) {
        Some(types) if !may_grow(types) => Ok(true),
        _ => Err(Broken::Spoiled),
    }
}

/// How many types there are; `None` if it does not say.
fn types(emulator: &mut impl Emulator) -> Option<usize> {
    let question = Question::new(Query::Types.command(), "{\"abstract\":true}");
    match emulator.ask_briefly(&[question])?.as_slice() {
        [Answer::Returned(list)] => {
            serde_json::from_str(list).map(|all: Vec<IgnoredAny>| all.len()).ok()
        }
        _ => None,
    }
}

/// Whether the types of modules may make a table grow that has so many.
fn may_grow(types: usize) -> bool {
    let in_modules = (types / PART_IN_MODULES).min(MOST_IN_MODULES);
    growths(types) != growths(types + in_modules)
}

/// How often GLib's hash table has grown when it holds so many: it doubles as soon as what it holds and a sixteenth of that
/// would fill it, and its sizes are powers of two.
fn growths(types: usize) -> Option<u32> {
    (types + types / 16).checked_ilog2()
}

/// Has the emulator open a file, which takes the lowest descriptor that is free.
fn filler(index: usize) -> Question {
    let arguments = format!(
        "{{\"id\":\"f{index}\",\"backend\":{{\"type\":\"file\",\"data\":{{\"out\":\"/dev/null\"}}}}}}"
    );
    Question { command: "chardev-add", arguments: Cow::Owned(arguments) }
}

fn question(query: Query) -> Question {
    let arguments = match query {
        Query::TcgProperties => Cow::Owned(format!("{{\"typename\":\"{TCG}\"}}")),
        _ => Cow::Borrowed(""),
    };
    Question { command: query.command(), arguments }
}

fn recording(questions: &[Question], answers: &[Answer]) -> Vec<u8> {
    let lines = questions.iter().zip(answers);
    let lines = lines.map(|(question, answer)| {
        format!("{{\"probe\":\"first\",{}{}}}\n", question.members(), answer.member())
    });
    lines.collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Replies;

    /// Says what it is asked, and how it is.
    struct Double {
        asked: Vec<String>,
        gaps: Option<usize>,
        can_be_shut: bool,
        refuses: bool,
        /// How many types it lists; `None` if it says nothing any more when it is shut.
        types: Option<usize>,
        machines: [&'static str; 2],
    }

    const ORDER: [&str; 2] = [
        r#"[{"name":"a"},{"name":"b"},{"name":"c","is-default":true}]"#,
        r#"[{"name":"b"},{"name":"a"},{"name":"c","is-default":true}]"#,
    ];

    impl Double {
        fn with(types: usize) -> Self {
            let types = Some(types);
            let (asked, gaps, machines) = (Vec::new(), Some(2), ORDER);
            Self { asked, gaps, can_be_shut: true, refuses: false, types, machines }
        }

        fn answer(&mut self, question: &Question) -> String {
            let line = format!("{{{}\"id\":0}}", question.members());
            serde_json::from_str::<IgnoredAny>(&line).expect(&line);
            let is_again = self.asked.contains(&question.members());
            self.asked.push(question.members());
            match question.command {
                "chardev-add" => self.gaps = self.gaps.and_then(|gaps| gaps.checked_sub(1)),
                "query-target" => return r#"{"arch":"mips64"}"#.to_owned(),
                "query-machines" => return self.machines[usize::from(is_again)].to_owned(),
                "qom-list-types" => {
                    return format!("[{}]", vec!["{}"; self.types.unwrap_or(0)].join(","));
                }
                _ => {}
            }
            "{}".to_owned()
        }

        /// How often it was asked this.
        fn count(&self, command: &str) -> usize {
            self.asked.iter().filter(|members| members.contains(command)).count()
        }
    }

    impl Emulator for Double {
        fn ask(&mut self, questions: &[Question]) -> Result<Vec<Answer>, Rejection> {
            let answer = if self.refuses { Answer::Refused } else { Answer::Returned };
            Ok(questions.iter().map(|question| answer(self.answer(question))).collect())
        }

        fn ask_briefly(&mut self, questions: &[Question]) -> Option<Vec<Answer>> {
            self.types?;
            self.ask(questions).ok()
        }

        fn gaps(&mut self) -> Option<usize> {
            self.gaps
        }

        fn shut(&mut self) -> bool {
            self.can_be_shut && self.gaps == Some(0)
        }
    }

    /// The order of machines in a transcript with everything else in it.
    fn order(said: Result<Vec<u8>, Broken>) -> Result<usize, Broken> {
        let text = String::from_utf8(said?).unwrap();
        assert_eq!(text.lines().count(), ASKED.len());
        let order = ORDER.iter().position(|machines| text.contains(machines));
        Ok(order.unwrap())
    }

    #[test]
    fn refusals_are_recorded() {
        let mut double = Double { refuses: true, ..Double::with(0) };
        let text = interview(&mut double, Start::First).unwrap();
        let replies = Replies::read(&text).unwrap();
        for query in ASKED {
            assert_eq!(replies.needed::<u8>(query), Err(Rejection::Refused(query)));
        }
    }

    #[test]
    fn order_that_is_settled_is_not_asked_for() {
        let machines = r#"[{"name":"a"},{"name":"none"}]"#;
        let mut double = Double { machines: [machines; 2], ..Double::with(0) };
        interview(&mut double, Start::First).unwrap();
        assert_eq!(double.asked.len(), ASKED.len());
    }

    #[test]
    fn modules_are_loaded_only_where_a_table_may_grow() {
        let mut far = Double::with(300);
        assert_eq!(order(interview(&mut far, Start::First)), Ok(0));
        assert_eq!((far.count("chardev-add"), far.count("\"abstract\":true")), (2, 1));
        let mut near = Double::with(477);
        assert_eq!(interview(&mut near, Start::First), Err(Broken::Spoiled));
        let mut near = Double::with(477);
        assert_eq!(order(interview(&mut near, Start::Last)), Ok(1));
        assert_eq!((near.count("chardev-add"), near.count("\"implements\":\"accel\"")), (0, 1));
    }

    #[test]
    fn what_cannot_be_shut_loads_its_modules() {
        for gaps in [None, Some(MAX_GAPS + 1)] {
            let mut double = Double { gaps, ..Double::with(300) };
            assert_eq!(order(interview(&mut double, Start::First)), Ok(1));
            assert_eq!(double.count("chardev-add"), 0);
        }
        let mut double = Double { can_be_shut: false, ..Double::with(300) };
        assert_eq!(order(interview(&mut double, Start::First)), Ok(1));
    }

    #[test]
    fn what_falls_silent_is_started_again() {
        for gaps in [0, 2] {
            let mut double = Double { types: None, gaps: Some(gaps), ..Double::with(0) };
            assert_eq!(interview(&mut double, Start::First), Err(Broken::Spoiled));
        }
    }

    /// Types of Debian's emulators of 7.2 and 10.0 without their modules and with them, and whether the order of machines changes.
    #[test]
    fn tables_grow_as_they_were_seen_to() {
        let seen = [
            (129, 135, false),   // cris
            (213, 222, false),   // m68k
            (242, 254, false),   // m68k 10.0
            (406, 433, false),   // hppa
            (432, 462, false),   // or1k 10.0
            (450, 470, false),   // mips
            (464, 487, true),    // loongarch64 10.0
            (477, 497, true),    // mips64
            (477, 500, true),    // sparc64 10.0
            (486, 509, false),   // mips 10.0
            (722, 753, false),   // x86_64
            (816, 849, false),   // x86_64 10.0
            (874, 894, false),   // ppc
            (1334, 1357, false), // aarch64 10.0
        ];
        for (without, with, is_changed) in seen {
            assert_eq!(growths(without) != growths(with), is_changed, "{without}");
            assert!(may_grow(without) || !is_changed, "{without}");
            assert!(with - without <= MOST_IN_MODULES / 2 + 1, "{without}");
            assert!((with - without) * 14 <= without, "{without}");
        }
        assert!(!may_grow(722) && !may_grow(874) && may_grow(0x1_0000 * 16 / 17 - 1));
    }
}
