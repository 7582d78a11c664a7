//! Standard output as a destination of documents.

use crate::sys::{Errno, Fd};
use caps_core::Sink;

/// Writes to a file descriptor that the process was started with.
#[derive(Debug)]
pub struct FdSink(core::mem::ManuallyDrop<Fd>);

impl FdSink {
    /// Standard output. It is not closed.
    pub const fn stdout() -> Self {
        Self(Fd::STDOUT)
    }
}

impl Sink for FdSink {
    type Error = Errno;

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Errno> {
        while !bytes.is_empty() {
            let written = self.0.write(bytes)?;
            bytes = bytes.get(written..).unwrap_or(&[]);
        }
        Ok(())
    }
}
