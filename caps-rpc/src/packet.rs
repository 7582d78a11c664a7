//! A packet: a head of seven words, then a payload.
//!
//! ```text
//! length of all │ program │ version │ procedure │ kind │ serial │ status │ payload ...
//! ```

use crate::procedure::Procedure;
use crate::xdr::{Reader, WORD_BYTES, Writer};

/// Bytes of the head, the length word included.
pub const HEAD_BYTES: usize = 7 * WORD_BYTES;
/// Most bytes of a packet, the length word included; a peer that announces more is not speaking this protocol.
pub const MAX_BYTES: u32 = (32 << 20) + WORD_BYTES as u32;

/// Who is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// The number of the program.
    pub number: u32,
    /// Its version.
    pub version: u32,
}

impl Program {
    /// libvirt's main program, which every driver is reached through.
    pub const MAIN: Self = Self { number: 0x2000_8086, version: 1 };
    /// Signs of life: `keep`.
    pub const KEEPALIVE: Self = Self { number: 0x6b65_6570, version: 1 };
}

/// What a packet is: open, so that a kind of tomorrow is a kind too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(pub u32);

impl Kind {
    /// A call, which wants a reply.
    pub const CALL: Self = Self(0);
    /// The reply to a call.
    pub const REPLY: Self = Self(1);
    /// A message, which wants nothing.
    pub const MESSAGE: Self = Self(2);
    /// A call that brings file descriptors.
    pub const CALL_WITH_FDS: Self = Self(4);
}

/// How a call ended: open as [`Kind`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u32);

impl Status {
    /// The payload is what the procedure gives.
    pub const OK: Self = Self(0);
    /// The payload is an error record.
    pub const ERROR: Self = Self(1);
}

/// The head of a packet without its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Who is spoken to.
    pub program: Program,
    /// What is asked.
    pub procedure: Procedure,
    /// What the packet is.
    pub kind: Kind,
    /// The number of the call; its reply has the same.
    pub serial: u32,
    /// How the call ended; of a call always [`Status::OK`].
    pub status: Status,
}

impl Head {
    /// The head of a packet that begins with these bytes.
    pub fn read(bytes: &[u8; HEAD_BYTES]) -> Self {
        let mut words = Reader::new(bytes);
        // There are as many words as are asked for.
        let [_, number, version, procedure, kind, serial, status] =
            core::array::from_fn(|_| words.u32().unwrap_or(0));
        Self {
            program: Program { number, version },
            procedure: Procedure(procedure),
            kind: Kind(kind),
            serial,
            status: Status(status),
        }
    }

    /// Writes the head of a packet of `len` bytes, head included.
    pub fn write(&self, writer: &mut Writer<'_>, len: u32) {
        let Program { number, version } = self.program;
        let words =
            [len, number, version, self.procedure.0, self.kind.0, self.serial, self.status.0];
        words.into_iter().for_each(|word| writer.u32(word));
    }

    /// The head of the reply to this call.
    #[must_use]
    pub const fn reply(&self, status: Status) -> Self {
        Self { kind: Kind::REPLY, status, ..*self }
    }
}

/// A length that no packet has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLength(pub u32);

/// The length of the packet that `input` begins with, head included; `None` where not even that is there yet.
///
/// # Errors
/// A length that no packet has.
pub fn length(input: &[u8]) -> Result<Option<u32>, BadLength> {
    match Reader::new(input).u32() {
        Err(_) => Ok(None),
        Ok(len @ 28..=MAX_BYTES) => Ok(Some(len)),
        Ok(len) => Err(BadLength(len)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_bounds() {
        assert_eq!(length(b"\0\0\0"), Ok(None));
        assert_eq!(length(b"\0\0\0\x1c"), Ok(Some(28)));
        assert_eq!(length(b"\0\0\0\x1b"), Err(BadLength(27)));
        assert_eq!(length(b"\x02\0\0\x04"), Ok(Some(MAX_BYTES)));
        assert_eq!(length(b"\x02\0\0\x05"), Err(BadLength(MAX_BYTES + 1)));
    }

    #[test]
    fn a_head_reads_back() {
        let head = Head {
            program: Program::MAIN,
            procedure: Procedure::CONNECT_OPEN,
            kind: Kind::CALL,
            serial: 2,
            status: Status::OK,
        };
        let mut bytes = [0; HEAD_BYTES];
        head.write(&mut Writer::new(&mut bytes), 56);
        assert_eq!(Head::read(&bytes), head);
        assert_eq!(length(&bytes), Ok(Some(56)));
    }
}
