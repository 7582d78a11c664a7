//! The talk with one emulator, apart from how its bytes come.

use crate::rejection::Rejection;
use crate::reply::MAX_REPLY_BYTES;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A command of QMP, with its arguments in JSON if it has some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) command: &'static str,
    pub(super) arguments: Cow<'static, str>,
}

/// What an emulator answered: text in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Returned(String),
    Refused(String),
}

impl Question {
    pub(super) const fn new(command: &'static str, arguments: &'static str) -> Self {
        Self { command, arguments: Cow::Borrowed(arguments) }
    }

    /// The members of a line that say what is asked.
    pub(super) fn members(&self) -> String {
        let Self { command, arguments } = self;
        if arguments.is_empty() {
            return format!("\"execute\":\"{command}\",");
        }
        format!("\"execute\":\"{command}\",\"arguments\":{arguments},")
    }
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

/// What an emulator has said so far. Questions are numbered, since an emulator takes each byte of them with half a dozen system
/// calls.
#[derive(Debug, Default)]
pub(super) struct Talk {
    /// The beginning of a line.
    pending: Vec<u8>,
    bytes: usize,
    lines: u32,
    /// How many questions were asked in all rounds before.
    before: usize,
    /// To each question of this round.
    answers: Vec<Option<Answer>>,
}

impl Talk {
    /// Begins a round of questions: what is to be said to the emulator.
    pub(super) fn ask(&mut self, questions: &[Question]) -> String {
        self.before += self.answers.len();
        self.answers = vec![None; questions.len()];
        let lines = questions.iter().zip(self.before..);
        lines.map(|(question, id)| format!("{{{}\"id\":{id}}}\n", question.members())).collect()
    }

    /// Takes what the emulator said next; the answers once there is one to each question of this round.
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

    /// Keeps the first answer to each question of this round.
    fn keep(&mut self, line: &Line<'_>) {
        let number = line.number().and_then(|number| number.checked_sub(self.before));
        if let Some(place @ None) = number.and_then(|number| self.answers.get_mut(number)) {
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

    const QUESTIONS: [Question; 2] = [
        Question::new("query-version", ""),
        Question::new("qom-list-types", "{\"abstract\":true}"),
    ];

    fn returned(text: &str) -> Answer {
        Answer::Returned(text.to_owned())
    }

    #[test]
    fn questions_are_numbered_lines() {
        let mut talk = Talk::default();
        assert_eq!(
            talk.ask(&QUESTIONS),
            "{\"execute\":\"query-version\",\"id\":0}\n\
             {\"execute\":\"qom-list-types\",\"arguments\":{\"abstract\":true},\"id\":1}\n"
        );
        assert_eq!(talk.ask(&QUESTIONS[..1]), "{\"execute\":\"query-version\",\"id\":2}\n");
    }

    #[test]
    fn each_question_has_its_first_answer() {
        let mut talk = Talk::default();
        talk.ask(&QUESTIONS);
        let said =
            b"{\"QMP\": {}}\r\n{\"return\": {}}\n{\"event\": \"STOP\"}\n\n{\"error\": {}, \"i";
        assert_eq!(talk.hear(said), Ok(None));
        let rest = b"d\": 1}\n{\"return\": 3, \"id\": 1}\n{\"return\": 5, \"id\": \"x\"}\n";
        assert_eq!(talk.hear(rest), Ok(None));
        let answers = vec![returned("4"), Answer::Refused("{}".to_owned())];
        assert_eq!(talk.hear(b"{\"return\": 4, \"id\": 0}\n"), Ok(Some(answers)));
        talk.ask(&QUESTIONS[..1]);
        assert_eq!(talk.hear(b"{\"return\": 6, \"id\": 0}\n"), Ok(None), "of the round before");
        assert_eq!(talk.hear(b"{\"return\": 7, \"id\": 2}\n"), Ok(Some(vec![returned("7")])));
    }

    #[test]
    fn what_is_no_json_is_garbage() {
        assert_eq!(Talk::default().hear(b"\nhello\n"), Err(Rejection::Garbage { line: 2 }));
        let mut endless = Talk::default();
        endless.ask(&QUESTIONS);
        assert_eq!(endless.hear(&vec![b'y'; MAX_REPLY_BYTES]), Ok(None));
        assert_eq!(endless.hear(b"y"), Err(Rejection::TooMuch));
    }

    proptest! {
        #[test]
        fn any_bytes_end(pieces: Vec<Vec<u8>>) {
            let mut talk = Talk::default();
            talk.ask(&QUESTIONS);
            let _ = pieces.iter().try_for_each(|piece| talk.hear(piece).map(|_| ()));
        }
    }
}
