//! The standard error of one emulator.

use rustix::fs::{OFlags, fcntl_setfl};
use std::io::{ErrorKind, Read};
use std::process::ChildStderr;

/// Most bytes that are kept, the last ones.
const MAX_BYTES: usize = 1 << 15;
/// Most reads in a row, so that one that writes without end cannot hold up the rest.
const MAX_READS: usize = 64;

/// What an emulator wrote to standard error, up to its last bytes.
#[derive(Debug)]
pub(super) struct Complaints {
    /// Until its end is read.
    pub(super) pipe: Option<ChildStderr>,
    pub(super) text: Vec<u8>,
}

impl Complaints {
    /// Reads from `pipe`, never waiting for it. A pipe for which that cannot be had is left unread.
    pub(super) fn new(pipe: Option<ChildStderr>) -> Self {
        let pipe = pipe.filter(|pipe| fcntl_setfl(pipe, OFlags::NONBLOCK).is_ok());
        Self { pipe, text: Vec::new() }
    }

    /// Reads all that is there.
    pub(super) fn read(&mut self) {
        let mut buffer = [0; 4096];
        for _ in 0..MAX_READS {
            let Some(pipe) = &mut self.pipe else { return };
            match pipe.read(&mut buffer) {
                Ok(len @ 1..) => self.keep(buffer.get(..len).unwrap_or(&[])),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => self.pipe = None,
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.text.extend_from_slice(bytes);
        self.text.drain(..self.text.len().saturating_sub(MAX_BYTES));
    }
}
