//! The SASL handshake: EXTERNAL with the user id in hex, told in the first line.
use super::{
    Failure,
    wire::{Gathered, take},
};

/// Longest line of the bus: what its own implementation of the protocol allows.
const LINE_MAX: usize = 16 * 1024;
const START: &[u8] = b"\0AUTH EXTERNAL ";
const END: &[u8] = b"\r\n";
/// Decimal digits of the largest user id, two hex digits each.
const UID_HEX_MAX: usize = 20;

/// The credentials byte and the line that offers `uid`.
pub(super) type Greeting = Gathered<{ START.len() + UID_HEX_MAX + END.len() }>;

pub(super) fn greeting(uid: u32) -> Greeting {
    let mut line = Greeting::new();
    line.extend(START.iter().copied());
    line.extend(decimal(uid).flat_map(|digit| [b'3', digit])); // the ASCII digit 0x3d, in hex
    line.extend(END.iter().copied());
    line
}

/// ASCII digits of `n`.
fn decimal(n: u32) -> impl Iterator<Item = u8> {
    let top = n.checked_ilog10().unwrap_or(0);
    let shifted = move |power| n.checked_div(10_u32.checked_pow(power)?);
    (0..=top).rev().filter_map(shifted).map(|n| b'0' + (n % 10) as u8)
}

/// The line that the bus answers with, of which the first word decides.
#[derive(Debug)]
pub(super) struct Line(Gathered<8>);

impl Line {
    pub(super) const fn new() -> Self {
        Self(Gathered::new())
    }

    /// Reads up to the end of the line; true once the bus has said `OK`.
    pub(super) fn read(&mut self, input: &mut &[u8]) -> Result<bool, Failure> {
        while let [byte] = take(input, 1) {
            if *byte == b'\n' {
                return self.verdict().map(|()| true);
            }
            self.0.push(*byte);
            if self.0.len() > LINE_MAX {
                return Err(Failure::Handshake);
            }
        }
        Ok(false)
    }

    fn verdict(&self) -> Result<(), Failure> {
        match self.0.kept() {
            [b'O', b'K', b' ' | b'\r', ..] => Ok(()),
            b"REJECTED" => Err(Failure::Rejected),
            _ => Err(Failure::Handshake),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greets_with_the_uid_in_hex() {
        assert_eq!(greeting(0).kept(), b"\0AUTH EXTERNAL 30\r\n");
        assert_eq!(greeting(1000).kept(), b"\0AUTH EXTERNAL 31303030\r\n");
        assert!(greeting(u32::MAX).is(b"\0AUTH EXTERNAL 34323934393637323935\r\n"));
    }

    fn verdict(line: &[u8]) -> Result<bool, Failure> {
        Line::new().read(&mut &line[..])
    }

    #[test]
    fn the_first_word_decides() {
        assert_eq!(verdict(b"OK 0123456789abcdef\r\n"), Ok(true));
        assert_eq!(verdict(b"OK\r\n"), Ok(true));
        assert_eq!(verdict(b"REJECTED DBUS_COOKIE_SHA1\r\n"), Err(Failure::Rejected));
        assert_eq!(verdict(b"REJECTED\r\n"), Err(Failure::Rejected));
        for line in [
            "\r\n",
            "\n",
            "DATA\r\n",
            "ERROR \"what\"\r\n",
            "OKAY\r\n",
            "ok 0\r\n",
            "AGREE_UNIX_FD\r\n",
        ] {
            assert_eq!(verdict(line.as_bytes()), Err(Failure::Handshake), "{line:?}");
        }
    }

    #[test]
    fn a_line_may_come_in_pieces_and_leaves_the_rest() {
        let mut line = Line::new();
        assert_eq!(line.read(&mut &b"O"[..]), Ok(false));
        assert_eq!(line.read(&mut &b""[..]), Ok(false));
        let mut input = &b"K 1\r\nrest"[..];
        assert_eq!(line.read(&mut input), Ok(true));
        assert_eq!(input, b"rest");
    }

    #[test]
    fn a_line_ends_somewhere() {
        assert_eq!(verdict(&[b'O'; LINE_MAX]), Ok(false));
        assert_eq!(verdict(&[b'O'; LINE_MAX + 1]), Err(Failure::Handshake));
    }
}
