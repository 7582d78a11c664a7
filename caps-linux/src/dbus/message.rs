//! Cuts the stream into messages, passes replies on and drops all else.
use super::{
    Malformed,
    fields::{BodyType, Fields},
    wire::{Endian, Gathered, padding, take},
};

/// Bytes of a message up to its header fields.
const FIXED: usize = 16;
/// Most bytes of head of a reply. One of the types asked for, with every name at its greatest length, takes 832.
const HEAD_MAX: usize = 1024;
/// Most bytes of header fields that the protocol allows, as of any array.
const FIELDS_MAX: u32 = 64 << 20;
/// Most bytes of a message that the protocol allows.
const MESSAGE_MAX: u32 = 128 << 20;

/// What the stream holds for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    Reply(Reply),
    /// A part of the body of that reply.
    Body(&'a [u8]),
    /// The reply is complete.
    End,
}

/// The head of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// A D-Bus error rather than a result.
    pub(super) error: bool,
    /// Serial number of the call that is answered.
    pub(super) to: u32,
    pub(super) endian: Endian,
    pub(super) body_type: BodyType,
    /// Bytes of body to come.
    pub(super) body_len: u32,
}

/// The stream of messages. Its state is one head and some counters, whatever the length of the messages.
#[derive(Debug)]
pub(super) struct Messages {
    head: Gathered<HEAD_MAX>,
    at: At,
}

#[derive(Clone, Copy, Debug)]
enum At {
    Fixed,
    Fields(Fixed),
    Body(u32),
    /// Within a message that is not for us.
    Skip(u32),
}

impl Messages {
    pub(super) const fn new() -> Self {
        Self { head: Gathered::new(), at: At::Fixed }
    }

    /// Reads on; `None` when there is nothing more in `input`.
    pub(super) fn next<'a>(
        &mut self,
        input: &mut &'a [u8],
    ) -> Result<Option<Event<'a>>, Malformed> {
        loop {
            match self.at {
                At::Fixed => {
                    let Some(bytes) = self.gather(FIXED, input).and_then(<[u8]>::first_chunk)
                    else {
                        return Ok(None);
                    };
                    self.at = Fixed::read(bytes)?.next();
                }
                At::Fields(fixed) => {
                    let Some(head) = self.gather(fixed.head_len(), input) else { return Ok(None) };
                    let reply = fixed.reply(head)?;
                    self.at = At::Body(reply.body_len);
                    return Ok(Some(Event::Reply(reply)));
                }
                At::Body(0) => {
                    self.restart();
                    return Ok(Some(Event::End));
                }
                At::Skip(0) => self.restart(),
                At::Body(left) | At::Skip(left) => match self.pass(left, input) {
                    [] => return Ok(None),
                    part if matches!(self.at, At::Body(_)) => return Ok(Some(Event::Body(part))),
                    _ => {}
                },
            }
        }
    }

    /// The first `len` bytes of the message, once they are here.
    fn gather(&mut self, len: usize, input: &mut &[u8]) -> Option<&[u8]> {
        let missing = len.saturating_sub(self.head.len());
        self.head.extend(take(input, missing).iter().copied());
        self.head.kept().get(..len)
    }

    /// Takes what there is of the `left` bytes of the message.
    fn pass<'a>(&mut self, left: u32, input: &mut &'a [u8]) -> &'a [u8] {
        let part = take(input, usize::try_from(left).unwrap_or(usize::MAX));
        let left = left.saturating_sub(part.len() as u32);
        self.at = if matches!(self.at, At::Body(_)) { At::Body(left) } else { At::Skip(left) };
        part
    }

    fn restart(&mut self) {
        self.head.clear();
        self.at = At::Fixed;
    }
}

/// The fixed part of a head, checked.
#[derive(Clone, Copy, Debug)]
struct Fixed {
    endian: Endian,
    kind: u8,
    body_len: u32,
    fields_len: u32,
}

impl Fixed {
    const METHOD_RETURN: u8 = 2;
    const ERROR: u8 = 3;

    fn read(bytes: &[u8; FIXED]) -> Result<Self, Malformed> {
        let &[mark, kind, _, version, b0, b1, b2, b3, s0, s1, s2, s3, f0, f1, f2, f3] = bytes;
        let endian = Endian::new(mark).ok_or(Malformed::Endian(mark))?;
        let [body_len, serial, fields_len] =
            [[b0, b1, b2, b3], [s0, s1, s2, s3], [f0, f1, f2, f3]].map(|bytes| endian.u32(bytes));
        match (kind, version, serial) {
            (_, 1, 1..) if kind > 0 => Self { endian, kind, body_len, fields_len }.bounded(),
            (_, 1, 1..) => Err(Malformed::Type),
            (_, 1, 0) => Err(Malformed::Serial),
            _ => Err(Malformed::Version(version)),
        }
    }

    fn bounded(self) -> Result<Self, Malformed> {
        if self.fields_len > FIELDS_MAX {
            Err(Malformed::FieldsLength(self.fields_len))
        } else if self.body_len > MESSAGE_MAX.saturating_sub(self.padded_head()) {
            Err(Malformed::BodyLength(self.body_len))
        } else if self.is_reply() && self.head_len() > HEAD_MAX {
            Err(Malformed::HeadLength(self.padded_head()))
        } else {
            Ok(self)
        }
    }

    const fn is_reply(self) -> bool {
        matches!(self.kind, Self::METHOD_RETURN | Self::ERROR)
    }

    const fn next(self) -> At {
        if self.is_reply() {
            At::Fields(self)
        } else {
            At::Skip(self.padded_head().saturating_sub(FIXED as u32).saturating_add(self.body_len))
        }
    }

    /// Fixed part, header fields and the padding before the body.
    const fn padded_head(self) -> u32 {
        let head = self.fields_len.saturating_add(FIXED as u32);
        head.saturating_add(padding(head as usize, 8) as u32)
    }

    const fn head_len(self) -> usize {
        self.padded_head() as usize
    }

    fn reply(self, head: &[u8]) -> Result<Reply, Malformed> {
        let mut rest = head;
        take(&mut rest, FIXED);
        let fields = Fields::read(take(&mut rest, self.fields_len as usize), self.endian)?;
        if rest.iter().any(|&byte| byte != 0) {
            return Err(Malformed::Fields);
        }
        Ok(Reply {
            error: self.kind == Self::ERROR,
            to: fields.reply_to,
            endian: self.endian,
            body_type: fields.body,
            body_len: self.body_len,
        })
    }
}
