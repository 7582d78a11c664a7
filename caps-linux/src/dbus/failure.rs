//! What can end the conversation without an answer.
use super::Call;
use core::{error::Error, fmt};

/// Why logind could not be asked. `<power_management/>` stays empty then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The bus refused SASL EXTERNAL for this user (`REJECTED`).
    Rejected,
    /// The bus answered the SASL handshake with a line that is neither `OK` nor `REJECTED`, or with one above 16 KiB.
    Handshake,
    /// This call was answered with a D-Bus error.
    ErrorReply(Call),
    /// The reply to this call is not of the type that the method has.
    ReplyType(Call),
    /// What came is not a D-Bus message stream.
    Malformed(Malformed),
}

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// The first byte, here, is neither `l` nor `B`.
    Endian(u8),
    /// The protocol version, here, is not 1.
    Version(u8),
    /// The message type is 0.
    Type,
    /// The serial number is 0.
    Serial,
    /// Header fields of more than 64 MiB; here their length in bytes.
    FieldsLength(u32),
    /// A message of more than 128 MiB; here the length of its body in bytes.
    BodyLength(u32),
    /// The head of a reply, here its length in bytes, is above 1 KiB. Legal, but not with the fields known today.
    HeadLength(u32),
    /// The header fields of a reply cannot be read.
    Fields,
    /// A reply does not say what it replies to.
    ReplySerial,
    /// The body of a reply disagrees with its signature or its length.
    Body,
}

impl From<Malformed> for Failure {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected => f.write_str("the bus refused this user"),
            Self::Handshake => f.write_str("the bus broke the SASL handshake"),
            Self::ErrorReply(call) => write!(f, "{} was answered with an error", call.member()),
            Self::ReplyType(call) => write!(f, "the reply to {} is of another type", call.member()),
            Self::Malformed(malformed) => malformed.fmt(f),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("malformed message: ")?;
        match self {
            Self::Endian(mark) => write!(f, "byte order {mark:#04x}"),
            Self::Version(version) => write!(f, "protocol version {version}"),
            Self::Type => f.write_str("type 0"),
            Self::Serial => f.write_str("serial 0"),
            Self::FieldsLength(bytes) => write!(f, "{bytes} bytes of header fields"),
            Self::BodyLength(bytes) => write!(f, "{bytes} bytes of body"),
            Self::HeadLength(bytes) => write!(f, "{bytes} bytes of head"),
            Self::Fields => f.write_str("header fields"),
            Self::ReplySerial => f.write_str("a reply to nothing"),
            Self::Body => f.write_str("body"),
        }
    }
}

impl Error for Failure {}
impl Error for Malformed {}
