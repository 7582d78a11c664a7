//! The talk with an emulator, for a fuzz target.

use super::talk::{Answer, Question, Talk};
use crate::fuzzing::Heard;

/// Commands of which replies are expected.
const QUESTIONS: [Question; 2] =
    [Question::new("query-version", ""), Question::new("query-target", "")];

/// Reads the output of an emulator, `piece` bytes at a time.
pub fn hear(stream: &[u8], piece: usize) -> Heard {
    let mut talk = Talk::default();
    talk.ask(&QUESTIONS);
    for bytes in stream.chunks(piece) {
        if let Some(answers) = talk.hear(bytes)? {
            return Ok(Some(answers.iter().map(Answer::member).collect()));
        }
    }
    Ok(None)
}
