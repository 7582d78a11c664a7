//! The reader of replies, for a fuzz target.

use super::talk::{Answer, Talk};
use crate::fuzzing::Heard;

/// Number of commands of which replies are expected, with the ids from 0.
const COMMANDS: usize = 2;

/// Reads the output of an emulator, `piece` bytes at a time.
pub fn hear(stream: &[u8], piece: usize) -> Heard {
    let mut talk = Talk::new(COMMANDS);
    for bytes in stream.chunks(piece) {
        if let Some(answers) = talk.hear(bytes)? {
            return Ok(Some(answers.iter().map(Answer::member).collect()));
        }
    }
    Ok(None)
}
