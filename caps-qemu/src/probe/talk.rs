//! The talk with one emulator, apart from how its bytes come.

use crate::facts::order_is_settled;
use crate::query::{Query, TCG};
use crate::rejection::Rejection;
use crate::reply::MAX_REPLY_BYTES;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What is asked first.
const ASKED: [Query; 6] = [
    Query::Version,
    Query::Target,
    Query::Accelerators,
    Query::Kvm,
    Query::TcgProperties,
    Query::Machines,
];

/// What is asked next where the order of machines is not settled. libvirt asks for all types before it asks for machines, and
/// that makes the emulator load every module; with the types in them its tables may grow, and then all of it stands in another
/// order. As it takes half as long again, it is done only where there is an order.
const ASKED_AGAIN: [Query; 2] = [Query::Types, Query::Machines];

const HELLO: &str = "{\"execute\":\"qmp_capabilities\"}\n";

/// Everything that is said to an emulator first, at once: it answers in order.
pub(super) fn questions() -> String {
    [HELLO.to_owned()].into_iter().chain(ASKED.map(question)).collect()
}

/// Everything that is said to it then.
pub(super) fn more_questions() -> String {
    ASKED_AGAIN.map(question).concat()
}

fn question(query: Query) -> String {
    let (command, arguments) = (query.command(), arguments(query));
    format!("{{\"execute\":\"{command}\",{arguments}\"id\":\"{command}\"}}\n")
}

fn arguments(query: Query) -> String {
    match query {
        Query::TcgProperties => format!("\"arguments\":{{\"typename\":\"{TCG}\"}},"),
        // Whatever is asked for, all modules are loaded; what they are is not needed, and takes time to say.
        Query::Types => "\"arguments\":{\"implements\":\"accel\"},".to_owned(),
        _ => String::new(),
    }
}

/// What comes next in a talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The emulator has more to say.
    Listen,
    /// It is to be asked [`more_questions`].
    AskMore,
    /// All is said.
    Done,
}

/// A line from the emulator: greeting, answer or event.
#[derive(Deserialize)]
struct Line<'t> {
    #[serde(borrow)]
    id: Option<Cow<'t, str>>,
    #[serde(borrow, rename = "return")]
    returned: Option<&'t RawValue>,
    #[serde(borrow)]
    error: Option<&'t RawValue>,
}

/// What an emulator has said so far.
#[derive(Debug, Default)]
pub(super) struct Talk {
    /// The beginning of a line.
    pending: Vec<u8>,
    bytes: usize,
    lines: u32,
    /// Answers that are kept, each a line of a recording.
    first: Vec<(Query, String)>,
    /// The same of the questions that came next, if they were asked.
    again: Option<Vec<(Query, String)>>,
}

impl Talk {
    /// Takes what the emulator said next.
    pub(super) fn hear(&mut self, bytes: &[u8]) -> Result<Turn, Rejection> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > MAX_REPLY_BYTES {
            return Err(Rejection::TooMuch);
        }
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.pending.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.line()?;
            }
        }
        Ok(self.turn())
    }

    fn turn(&mut self) -> Turn {
        match &self.again {
            Some(answers) if answers.len() == ASKED_AGAIN.len() => Turn::Done,
            None if self.first.len() == ASKED.len() => self.next_round(),
            _ => Turn::Listen,
        }
    }

    fn next_round(&mut self) -> Turn {
        if order_is_settled(&self.transcript()) {
            return Turn::Done;
        }
        self.again = Some(Vec::new());
        Turn::AskMore
    }

    /// The answers in lines of JSON: of the machines the last.
    pub(super) fn transcript(&self) -> Vec<u8> {
        let machines = self.again.iter().flatten().filter(|(query, _)| *query == Query::Machines);
        let lines = machines.chain(&self.first).map(|(_, line)| line.as_str());
        lines.collect::<String>().into_bytes()
    }

    fn line(&mut self) -> Result<(), Rejection> {
        self.lines = self.lines.saturating_add(1);
        let text = std::mem::take(&mut self.pending);
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        let line = serde_json::from_slice::<Line<'_>>(&text);
        self.keep(&line.map_err(|_| Rejection::Garbage { line: self.lines })?);
        Ok(())
    }

    /// Keeps the first answer to each question of a round.
    fn keep(&mut self, line: &Line<'_>) {
        let (asked, answers) = match &mut self.again {
            Some(answers) => (&ASKED_AGAIN[..], answers),
            None => (&ASKED[..], &mut self.first),
        };
        let asked = asked.iter().find(|query| line.id.as_deref() == Some(query.command()));
        if let (Some(&query), Some(answer)) = (asked, line.answer())
            && !answers.iter().any(|(answered, _)| *answered == query)
        {
            answers.push((query, recorded(query, answer)));
        }
    }
}

impl<'t> Line<'t> {
    /// The answer and what it is called, if this line is one.
    fn answer(&self) -> Option<(&'static str, &'t RawValue)> {
        let returned = self.returned.map(|value| ("return", value));
        self.error.map(|value| ("error", value)).or(returned)
    }
}

/// A line of a recording.
fn recorded(query: Query, (word, value): (&str, &RawValue)) -> String {
    let (command, arguments) = (query.command(), arguments(query));
    format!("{{\"probe\":\"first\",\"execute\":\"{command}\",{arguments}\"{word}\":{value}}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Replies;
    use proptest::prelude::*;

    #[test]
    fn answers_become_a_recording() {
        let mut talk = Talk::default();
        let said = b"{\"QMP\": {}}\r\n{\"return\": {}}\n{\"event\": \"STOP\"}\n\n";
        assert_eq!(talk.hear(said), Ok(Turn::Listen));
        for query in ASKED {
            let answer = format!("{{\"error\": {{}}, \"id\": \"{query}\"}}\n");
            let (begin, end) = answer.split_at(7);
            let turn = if query == Query::Machines { Turn::Done } else { Turn::Listen };
            assert_eq!(talk.hear(begin.as_bytes()), Ok(Turn::Listen));
            assert_eq!(talk.hear(end.as_bytes()), Ok(turn));
            assert_eq!(talk.hear(answer.as_bytes()), Ok(turn));
        }
        let transcript = talk.transcript();
        assert_eq!(transcript.split(|&byte| byte == b'\n').count(), ASKED.len() + 1);
        let replies = Replies::read(&transcript).unwrap();
        for query in ASKED {
            assert_eq!(replies.needed::<u8>(query), Err(Rejection::Refused(query)));
        }
    }

    /// Where there is an order, the one after all types were asked for counts.
    #[test]
    fn machines_are_asked_for_again() {
        let answer =
            |query: Query, text: &str| format!("{{\"return\":{text},\"id\":\"{query}\"}}\n");
        let machines = |names: [&str; 3]| {
            let names = names.map(|name| format!("{{\"name\":\"{name}\"}}")).join(",");
            answer(Query::Machines, &format!("[{names}]"))
        };
        let first = |machines: &str| {
            let others = ASKED.iter().filter(|&&query| query != Query::Machines);
            let others = others.map(|&query| match query {
                Query::Target => answer(query, "{\"arch\":\"sh4\"}"),
                query => answer(query, "{}"),
            });
            others.collect::<String>() + machines
        };
        let mut talk = Talk::default();
        assert_eq!(talk.hear(first(&machines(["shix", "none", "r2d"])).as_bytes()), Ok(Turn::Done));
        let mut talk = Talk::default();
        assert_eq!(talk.hear(first(&machines(["a", "b", "shix"])).as_bytes()), Ok(Turn::AskMore));
        assert_eq!(talk.hear(answer(Query::Types, "[]").as_bytes()), Ok(Turn::Listen));
        assert_eq!(talk.hear(machines(["b", "a", "shix"]).as_bytes()), Ok(Turn::Done));
        let transcript = talk.transcript();
        let said: serde_json::Value =
            Replies::read(&transcript).unwrap().needed(Query::Machines).unwrap();
        assert_eq!(said[0]["name"], "b");
    }

    #[test]
    fn what_is_no_json_is_garbage() {
        assert_eq!(Talk::default().hear(b"\nhello\n"), Err(Rejection::Garbage { line: 2 }));
        let mut endless = Talk::default();
        assert_eq!(endless.hear(&vec![b'y'; MAX_REPLY_BYTES]), Ok(Turn::Listen));
        assert_eq!(endless.hear(b"y"), Err(Rejection::TooMuch));
    }

    #[test]
    fn questions_are_lines_of_json() {
        let questions = questions() + &more_questions();
        assert!(
            questions.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
        );
        assert_eq!(questions.lines().count(), 1 + ASKED.len() + ASKED_AGAIN.len());
    }

    proptest! {
        #[test]
        fn any_bytes_end(pieces: Vec<Vec<u8>>) {
            let mut talk = Talk::default();
            let _ = pieces.iter().try_for_each(|piece| talk.hear(piece).map(|_| ()));
        }
    }
}
