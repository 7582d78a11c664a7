//! The talk with one emulator, apart from how its bytes come.

use crate::query::{Query, TCG};
use crate::rejection::Rejection;
use crate::reply::MAX_REPLY_BYTES;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io::Write;

/// What is asked. The list of all types is not: it makes the emulator load every module.
const ASKED: [Query; 6] = [
    Query::Version,
    Query::Target,
    Query::Accelerators,
    Query::Kvm,
    Query::TcgProperties,
    Query::Machines,
];

/// Everything that is said to an emulator, at once: it answers in order. The end makes it quit if nobody listens any more.
pub(super) fn questions() -> String {
    let question = |query: Query| {
        let (command, arguments) = (query.command(), arguments(query));
        format!("{{\"execute\":\"{command}\",{arguments}\"id\":\"{command}\"}}\n")
    };
    let hello = "{\"execute\":\"qmp_capabilities\"}\n".to_owned();
    let quit = "{\"execute\":\"quit\"}\n".to_owned();
    [hello].into_iter().chain(ASKED.map(question)).chain([quit]).collect()
}

fn arguments(query: Query) -> String {
    match query {
        Query::TcgProperties => format!("\"arguments\":{{\"typename\":\"{TCG}\"}},"),
        _ => String::new(),
    }
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
    answered: Vec<Query>,
    transcript: Vec<u8>,
}

impl Talk {
    /// Takes what the emulator said next; whether that was all there is to say.
    pub(super) fn hear(&mut self, bytes: &[u8]) -> Result<bool, Rejection> {
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
        Ok(self.answered.len() == ASKED.len())
    }

    /// The answers in lines of JSON.
    pub(super) fn transcript(self) -> Vec<u8> {
        self.transcript
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

    /// Keeps the first answer to each question.
    fn keep(&mut self, line: &Line<'_>) {
        let asked = ASKED.into_iter().find(|query| line.id.as_deref() == Some(query.command()));
        let returned = line.returned.map(|value| ("return", value));
        let answer = line.error.map(|value| ("error", value)).or(returned);
        let (Some(query), Some((word, value))) = (asked, answer) else { return };
        if self.answered.contains(&query) {
            return;
        }
        self.answered.push(query);
        let (command, arguments) = (query.command(), arguments(query));
        // A vector takes all.
        let _ = writeln!(
            self.transcript,
            "{{\"probe\":\"first\",\"execute\":\"{command}\",{arguments}\"{word}\":{value}}}"
        );
    }
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
        assert_eq!(talk.hear(said), Ok(false));
        for query in ASKED {
            let answer = format!("{{\"error\": {{}}, \"id\": \"{query}\"}}\n");
            let (begin, end) = answer.split_at(7);
            assert_eq!(talk.hear(begin.as_bytes()), Ok(false));
            assert_eq!(talk.hear(end.as_bytes()), Ok(query == Query::Machines));
            assert_eq!(talk.hear(answer.as_bytes()), Ok(query == Query::Machines));
        }
        let transcript = talk.transcript();
        assert_eq!(transcript.split(|&byte| byte == b'\n').count(), ASKED.len() + 1);
        let replies = Replies::read(&transcript).unwrap();
        for query in ASKED {
            assert_eq!(replies.needed::<u8>(query), Err(Rejection::Refused(query)));
        }
    }

    #[test]
    fn what_is_no_json_is_garbage() {
        assert_eq!(Talk::default().hear(b"\nhello\n"), Err(Rejection::Garbage { line: 2 }));
        let mut endless = Talk::default();
        assert_eq!(endless.hear(&vec![b'y'; MAX_REPLY_BYTES]), Ok(false));
        assert_eq!(endless.hear(b"y"), Err(Rejection::TooMuch));
    }

    #[test]
    fn questions_are_lines_of_json() {
        let questions = questions();
        assert!(
            questions.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
        );
        assert_eq!(questions.lines().count(), ASKED.len() + 2);
    }

    proptest! {
        #[test]
        fn any_bytes_end(pieces: Vec<Vec<u8>>) {
            let mut talk = Talk::default();
            let _ = pieces.iter().try_for_each(|piece| talk.hear(piece).map(|_| ()));
        }
    }
}
