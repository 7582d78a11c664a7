//! The talk with one emulator, apart from how its bytes come.

use crate::rejection::Rejection;
use crate::reply::MAX_REPLY_BYTES;
use serde::Deserialize;
use serde_json::value::RawValue;

/// What an emulator answered: text in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Returned(String),
    Refused(String),
}

impl Answer {
    /// The member of a line that says it.
    pub(super) fn member(&self) -> String {
        match self {
            Self::Returned(text) => format!("\"return\":{text}"),
            Self::Refused(text) => format!("\"error\":{text}"),
        }
    }
}

/// A line from the emulator: greeting, answer or event.
#[derive(Deserialize)]
struct Line<'t> {
    #[serde(borrow)]
    id: Option<&'t RawValue>,
    #[serde(borrow, rename = "return")]
    returned: Option<&'t RawValue>,
    #[serde(borrow)]
    error: Option<&'t RawValue>,
}

/// The output of an emulator so far.
#[derive(Debug)]
pub(super) struct Talk {
    /// The beginning of a line.
    pending: Vec<u8>,
    bytes: usize,
    lines: u32,
    /// The replies, each at the id of its command.
    answers: Vec<Option<Answer>>,
}

impl Talk {
    /// Expects replies to commands with the ids from 0 to `count`.
    pub(super) fn new(count: usize) -> Self {
        Self { pending: Vec::new(), bytes: 0, lines: 0, answers: vec![None; count] }
    }

    /// Takes what the emulator said next; the answers once there is one to each command.
    pub(super) fn hear(&mut self, bytes: &[u8]) -> Result<Option<Vec<Answer>>, Rejection> {
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
        let is_complete = self.answers.iter().all(Option::is_some);
        Ok(is_complete.then(|| self.answers.iter_mut().filter_map(Option::take).collect()))
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

    /// Keeps the first answer to each command.
    fn keep(&mut self, line: &Line<'_>) {
        let answers = &mut self.answers;
        if let Some(place @ None) = line.number().and_then(|number| answers.get_mut(number)) {
            *place = line.answer();
        }
    }
}

impl Line<'_> {
    /// Of the question that it answers.
    fn number(&self) -> Option<usize> {
        self.id?.get().parse().ok()
    }

    fn answer(&self) -> Option<Answer> {
        let returned = self.returned.map(|value| Answer::Returned(value.get().to_owned()));
        self.error.map(|value| Answer::Refused(value.get().to_owned())).or(returned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_command_has_its_first_answer() {
        let mut talk = Talk::new(2);
        let said =
            b"{\"QMP\": {}}\r\n{\"return\": {}}\n{\"event\": \"STOP\"}\n\n{\"error\": {}, \"i";
        assert_eq!(talk.hear(said), Ok(None));
        let rest = b"d\": 1}\n{\"return\": 3, \"id\": 1}\n{\"return\": 5, \"id\": \"x\"}\n";
        assert_eq!(talk.hear(rest), Ok(None));
        let answers = vec![Answer::Returned("4".to_owned()), Answer::Refused("{}".to_owned())];
        assert_eq!(talk.hear(b"{\"return\": 4, \"id\": 0}\n"), Ok(Some(answers)));
    }

    #[test]
    fn what_is_no_json_is_garbage() {
        assert_eq!(Talk::new(2).hear(b"\nhello\n"), Err(Rejection::Garbage { line: 2 }));
        let mut endless = Talk::new(2);
        assert_eq!(endless.hear(&vec![b'y'; MAX_REPLY_BYTES]), Ok(None));
        assert_eq!(endless.hear(b"y"), Err(Rejection::TooMuch));
    }

    proptest! {
        #[test]
        fn any_bytes_end(pieces: Vec<Vec<u8>>) {
            let mut talk = Talk::new(2);
            let _ = pieces.iter().try_for_each(|piece| talk.hear(piece).map(|_| ()));
        }
    }
}
