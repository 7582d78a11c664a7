//! Errors as clients get them: numbers that programs look at, and a sentence that is printed as it is.

use crate::node::Unavailable;
use crate::packet::Program;
use crate::procedure::Procedure;
use crate::xdr::{Malformed, Writer};
use caps_xml::cpu::{Class, CpuError, Incompatibility, Message, Refusal};
use caps_xml::read::Position;
use core::fmt;

/// What kind of error it is: libvirt's `virErrorNumber`, as far as it is used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub u32);

impl Code {
    /// Something went wrong inside.
    pub const INTERNAL: Self = Self(1);
    /// The driver does not have that function: clients look for it to do without.
    pub const NO_SUPPORT: Self = Self(3);
    /// No driver takes that URI.
    pub const NO_CONNECT: Self = Self(5);
    /// An argument is out of its range.
    pub const INVALID_ARG: Self = Self(8);
    /// It could not be done.
    pub const OPERATION_FAILED: Self = Self(9);
    /// XML of the wrong kind.
    pub const XML: Self = Self(27);
    /// XML that is not well-formed.
    pub const XML_DETAIL: Self = Self(35);
    /// The protocol was not kept.
    pub const RPC: Self = Self(39);
    /// A configuration that is not supported.
    pub const CONFIG_UNSUPPORTED: Self = Self(67);
    /// There is no such domain.
    pub const NO_DOMAIN: Self = Self(42);
    /// The host cannot run that CPU.
    pub const CPU_INCOMPATIBLE: Self = Self(91);
}

/// Which part of libvirt an error is of: `virErrorDomain`, as far as it is used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain(pub u32);

impl Domain {
    /// No part in particular.
    pub const NONE: Self = Self(0);
    /// Values of attributes.
    pub const XML: Self = Self(5);
    /// The protocol.
    pub const RPC: Self = Self(7);
    /// The QEMU driver.
    pub const QEMU: Self = Self(10);
    /// The library in front of all drivers.
    pub const DOM: Self = Self(20);
    /// CPU models.
    pub const CPU: Self = Self(31);
}

/// An error of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault<'a> {
    /// What kind of error.
    pub code: Code,
    /// Of which part.
    pub domain: Domain,
    /// What went wrong.
    pub what: What<'a>,
}

/// What went wrong, for the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// The code's own words, then these.
    Fixed(&'static str),
    /// A procedure that the driver does not have.
    Unsupported(Procedure),
    /// A procedure that nobody has.
    Unknown(Procedure),
    /// A program that is not served.
    NoProgram(Program),
    /// A call with a status that calls do not have.
    Status(u32),
    /// A call that is longer than there is room for, in bytes.
    TooLong(u32),
    /// Texts from the call, with fixed ones around: `before`, text, `behind`.
    Text {
        /// In front of the text.
        before: &'static str,
        /// The text of the client's.
        text: &'a [u8],
        /// Behind the text.
        behind: &'static str,
    },
    /// A cell that is not there; the last one that is.
    Cell {
        /// The cell that was asked for.
        start: i32,
        /// The last cell.
        last: u32,
    },
    /// A size of pages that a cell does not have.
    PageSize {
        /// The size in KiB.
        size_kib: u32,
        /// The cell.
        cell: u32,
    },
    /// A domain by this id.
    DomainId(i32),
    /// A domain by this UUID.
    DomainUuid([u8; 16]),
    /// XML that is refused.
    Xml {
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        kind: caps_xml::read::Kind,
    },
    /// A CPU that is refused.
    Cpu(Message<'a>),
    /// Reason why the host cannot run the CPU.
    Incompatible(Incompatibility),
    /// An argument of a function of libvirt's.
    Argument {
        /// The function that refuses it.
        function: &'static str,
        /// The argument.
        argument: &'static str,
        /// Why.
        why: Why,
    },
}

/// Why an argument is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// `ARGUMENT in FUNCTION` and these words.
    Is(&'static str),
    /// `ARGUMENT in FUNCTION must be`, these words, and this number.
    MustBe(&'static str, u32),
    /// `Invalid ARGUMENT in FUNCTION`.
    Invalid,
    /// Flags that the function does not know.
    Flags(u32),
}

impl<'a> Fault<'a> {
    /// An error of `code` in `domain`, in words of this crate.
    pub const fn new(code: Code, domain: Domain, words: &'static str) -> Self {
        Self { code, domain, what: What::Fixed(words) }
    }

    /// The protocol was not kept.
    pub const fn rpc(what: What<'a>) -> Self {
        Self { code: Code::RPC, domain: Domain::RPC, what }
    }

    /// The call does not fit the state of the connection.
    pub const fn state(words: &'static str) -> Self {
        Self::new(Code::INTERNAL, Domain::RPC, words)
    }

    /// An argument of `function` is refused.
    pub const fn argument(
        domain: Domain,
        function: &'static str,
        argument: &'static str,
        why: Why,
    ) -> Self {
        let what = What::Argument { function, argument, why };
        Self { code: Code::INVALID_ARG, domain, what }
    }

    /// Flags that `function` does not know; `Ok` where there is none.
    ///
    /// # Errors
    /// That fault.
    pub const fn check_flags(
        domain: Domain,
        function: &'static str,
        flags: u32,
        known: u32,
    ) -> Result<(), Self> {
        match flags & !known {
            0 => Ok(()),
            unknown => Err(Self::argument(domain, function, "flags", Why::Flags(unknown))),
        }
    }

    /// The procedure is not one that this driver has.
    pub const fn unsupported(procedure: Procedure) -> Self {
        let what = What::Unsupported(procedure);
        Self { code: Code::NO_SUPPORT, domain: Domain::NONE, what }
    }

    /// Writes the record.
    pub fn write(&self, writer: &mut Writer<'_>) {
        const LEVEL_ERROR: u32 = 2;
        writer.u32(self.code.0);
        writer.u32(self.domain.0);
        writer.some_display(self);
        writer.u32(LEVEL_ERROR);
        writer.absent();
        let ints = match self.what {
            What::Argument { function, argument, .. } => {
                writer.some_display(&function);
                writer.some_display(&argument);
                0
            }
            what => {
                writer.some_display(&format_args!("{}%s", self.code.words()));
                writer.some_display(&what);
                -1
            }
        };
        writer.absent();
        writer.i32(ints);
        writer.i32(ints);
        writer.absent();
    }
}

impl Code {
    /// What the sentence of such an error begins with.
    const fn words(self) -> &'static str {
        match self {
            Self::INTERNAL => "internal error: ",
            Self::NO_SUPPORT => "this function is not supported by the connection driver: ",
            Self::NO_CONNECT => "no connection driver available for ",
            Self::INVALID_ARG => "invalid argument: ",
            Self::OPERATION_FAILED => "operation failed: ",
            Self::XML => "XML error: ",
            Self::CONFIG_UNSUPPORTED => "unsupported configuration: ",
            Self::NO_DOMAIN => "Domain not found: ",
            Self::CPU_INCOMPATIBLE => "the CPU is incompatible with host CPU: ",
            _ => "",
        }
    }
}

/// The whole sentence.
impl fmt::Display for Fault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !matches!(self.what, What::Argument { .. }) {
            f.write_str(self.code.words())?;
        }
        self.what.fmt(f)
    }
}

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Fixed(words) => f.write_str(words),
            Self::Unsupported(procedure) => write!(f, "procedure {}", procedure.0),
            Self::Unknown(procedure) => {
                write!(f, "unknown procedure: {}", procedure.0.cast_signed())
            }
            Self::NoProgram(Program { number, version }) => {
                let number = number.cast_signed();
                write!(f, "Cannot find program {number} version {}", version.cast_signed())
            }
            Self::Status(status) => write!(f, "Unexpected message status {status}"),
            Self::TooLong(bytes) => write!(f, "a call of {bytes} bytes is too long"),
            Self::Text { before, text, behind } => {
                f.write_str(before)?;
                printable(f, text)?;
                f.write_str(behind)
            }
            Self::Cell { start, last } => write!(f, "start cell {start} out of range (0-{last})"),
            Self::PageSize { size_kib, cell } => {
                write!(f, "page size {size_kib} is not available on node {cell}")
            }
            Self::DomainId(id) => write!(f, "no domain with matching id {id}"),
            Self::DomainUuid(uuid) => {
                f.write_str("no domain with matching uuid '")?;
                hexadecimal(f, uuid)?;
                f.write_str("'")
            }
            Self::Xml { line, kind } => write!(f, "(CPU_definition):{line}: {kind}"),
            Self::Cpu(message) => message.fmt(f),
            Self::Incompatible(reason) => reason.fmt(f),
            Self::Argument { function, argument, why } => why.write(f, function, argument),
        }
    }
}

impl Why {
    fn write(self, f: &mut fmt::Formatter<'_>, function: &str, argument: &str) -> fmt::Result {
        match self {
            Self::Is(words) => write!(f, "{argument} in {function} {words}"),
            Self::MustBe(words, number) => {
                write!(f, "{argument} in {function} must be {words}{number}")
            }
            Self::Invalid => write!(f, "Invalid {argument} in {function}"),
            Self::Flags(flags) => {
                write!(f, "unsupported flags ({flags:#x}) in function {function}")
            }
        }
    }
}

/// A UUID in its usual form.
fn hexadecimal(f: &mut fmt::Formatter<'_>, uuid: [u8; 16]) -> fmt::Result {
    for (at, byte) in uuid.into_iter().enumerate() {
        let dash = if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" };
        write!(f, "{dash}{byte:02x}")?;
    }
    Ok(())
}

/// Text of a client's in a sentence: as far as it is UTF-8 without control characters, and not without bound.
fn printable(f: &mut fmt::Formatter<'_>, text: &[u8]) -> fmt::Result {
    const MOST: usize = 512;
    for chunk in text.get(..MOST).unwrap_or(text).utf8_chunks() {
        let mut characters = chunk.valid().chars().filter(|character| !character.is_control());
        characters.try_for_each(|character| fmt::Write::write_char(f, character))?;
    }
    Ok(())
}

impl From<Class> for Code {
    fn from(class: Class) -> Self {
        match class {
            Class::Malformed => Self::XML_DETAIL,
            Class::Xml => Self::XML,
            Class::Unsupported => Self::CONFIG_UNSUPPORTED,
            Class::Internal => Self::INTERNAL,
            Class::Failed => Self::OPERATION_FAILED,
            Class::Argument => Self::INVALID_ARG,
            Class::NoSupport => Self::NO_SUPPORT,
        }
    }
}

impl<'a> From<Refusal<'a>> for Fault<'a> {
    fn from(Refusal { class, message }: Refusal<'a>) -> Self {
        let domain = match message {
            Message::Missing(_) | Message::Zero(_) | Message::Invalid { .. } => Domain::XML,
            _ => Domain::CPU,
        };
        Self { code: class.into(), domain, what: What::Cpu(message) }
    }
}

impl<'a> Fault<'a> {
    /// Returns the refusal of `document`, a `<cpu>` element; faults of the syntax name their line.
    pub fn of_cpu(document: &[u8], CpuError { at, refusal }: CpuError<'a>) -> Self {
        let Message::Malformed(kind) = refusal.message else { return refusal.into() };
        let what = What::Xml { line: Position::of(document, at).line, kind };
        Self { code: Code::XML_DETAIL, domain: Domain::CPU, what }
    }
}

impl From<Malformed> for Fault<'_> {
    fn from(_: Malformed) -> Self {
        Self::rpc(What::Fixed("Unable to decode message payload"))
    }
}

impl From<Unavailable> for Fault<'_> {
    fn from(Unavailable(words): Unavailable) -> Self {
        Self::new(Code::INTERNAL, Domain::NONE, words)
    }
}
