//! Refusals of CPUs in libvirt's own words.

use core::fmt;

use caps_cpu::baseline::BaselineError;
use caps_cpu::definition::Unknown;

use super::name::{Name, on_one_line};
use crate::read::{Kind, ReadError, Text};

/// libvirt's class of an error, which determines the words before the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// XML that is not well-formed.
    Malformed,
    /// `XML error`.
    Xml,
    /// `unsupported configuration`.
    Unsupported,
    /// `internal error`.
    Internal,
    /// `operation failed`.
    Failed,
    /// `invalid argument`.
    Argument,
    /// `this function is not supported by the connection driver`.
    NoSupport,
}

impl Class {
    /// Returns the words before the message.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Malformed => "",
            Self::Xml => "XML error: ",
            Self::Unsupported => "unsupported configuration: ",
            Self::Internal => "internal error: ",
            Self::Failed => "operation failed: ",
            Self::Argument => "invalid argument: ",
            Self::NoSupport => "this function is not supported by the connection driver: ",
        }
    }
}

/// An error of a `<cpu>`. Displays as libvirt's whole sentence, [`Refusal::message`] without the class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// Class of the error.
    pub class: Class,
    /// The message itself.
    pub message: Message<'a>,
}

/// Message of a [`Refusal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message<'a> {
    /// XML that is not well-formed.
    Malformed(Kind),
    /// A fixed sentence.
    Words(&'static str),
    /// A name within a sentence.
    Named {
        /// Words before the name.
        before: &'static str,
        /// The name.
        name: Name,
        /// Words after the name.
        after: &'static str,
    },
    /// The vendor that a CPU names is not that of its model.
    VendorOfModel {
        /// Name of the model.
        model: &'static str,
        /// Vendor of the model.
        own: &'static str,
        /// Vendor that the CPU names.
        named: Name,
    },
    /// A feature occurs twice.
    Duplicate(Text<'a>),
    /// A required attribute is absent.
    Missing(Place),
    /// A number must not be 0.
    Zero(Place),
    /// The value of an attribute is not among those allowed.
    Invalid {
        /// The attribute.
        place: Place,
        /// Its value.
        value: Text<'a>,
        /// Values that are allowed; empty for a list of words.
        expected: &'static str,
    },
}

/// An attribute of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Name of the element.
    pub element: &'static str,
    /// Name of the attribute.
    pub attribute: &'static str,
}

/// A refusal and the byte offset of the element that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuError<'a> {
    /// Offset in the document.
    pub at: usize,
    /// The refusal.
    pub refusal: Refusal<'a>,
}

impl<'a> Refusal<'a> {
    pub(super) const fn new(class: Class, words: &'static str) -> Self {
        Self { class, message: Message::Words(words) }
    }

    pub(super) const fn xml(words: &'static str) -> Self {
        Self::new(Class::Xml, words)
    }

    pub(super) const fn unsupported(words: &'static str) -> Self {
        Self::new(Class::Unsupported, words)
    }

    pub(super) const fn named(
        class: Class,
        before: &'static str,
        name: Name,
        after: &'static str,
    ) -> Self {
        Self { class, message: Message::Named { before, name, after } }
    }

    pub(super) const fn at(self, at: usize) -> CpuError<'a> {
        CpuError { at, refusal: self }
    }
}

impl From<ReadError> for CpuError<'_> {
    fn from(error: ReadError) -> Self {
        let message = Message::Malformed(error.kind);
        Refusal { class: Class::Malformed, message }.at(error.at)
    }
}

impl From<Unknown<'_>> for Refusal<'static> {
    fn from(unknown: Unknown<'_>) -> Self {
        let (class, before, name) = match unknown {
            Unknown::Model(name) => (Class::Internal, "Unknown CPU model ", name),
            Unknown::Feature(name) => (Class::Internal, "Unknown CPU feature ", name),
            Unknown::Vendor(name) => (Class::Failed, "Unknown CPU vendor ", name),
        };
        Self::named(class, before, Name::from_str_lossy(name), "")
    }
}

impl From<BaselineError<'_>> for Refusal<'static> {
    fn from(error: BaselineError<'_>) -> Self {
        let failed = |words| Self::new(Class::Failed, words);
        match error {
            BaselineError::NoCpus => Self::new(Class::Argument, "no CPUs given"),
            BaselineError::NoModel => Self::xml("Missing CPU model name"),
            BaselineError::Unknown(unknown) => unknown.into(),
            BaselineError::VendorOfModel { model, own, named } => {
                let named = Name::from_str_lossy(named);
                let message = Message::VendorOfModel { model, own, named };
                Self { class: Class::Failed, message }
            }
            BaselineError::Vendors => failed("CPU vendors do not match"),
            BaselineError::NoSuitableModel => {
                failed("Cannot find suitable CPU model for given data")
            }
            _ => failed("CPUs are incompatible"),
        }
    }
}

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.class.prefix())?;
        self.message.fmt(f)
    }
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(kind) => kind.fmt(f),
            Self::Words(words) => f.write_str(words),
            Self::Named { before, name, after } => write!(f, "{before}{name}{after}"),
            Self::VendorOfModel { model, own, named } => {
                write!(f, "CPU vendor {own} of model {model} differs from vendor {named}")
            }
            Self::Duplicate(name) => {
                f.write_str("CPU feature '")?;
                on_one_line(f, name.chars())?;
                f.write_str("' specified more than once")
            }
            Self::Missing(Place { element, attribute }) => {
                write!(f, "Missing required attribute '{attribute}' in element '{element}'")
            }
            Self::Zero(place) => write!(f, "{place}: Zero is not permitted"),
            Self::Invalid { place, value, expected } => {
                write!(f, "{place}: '")?;
                on_one_line(f, value.chars())?;
                write!(f, "'.{expected}")
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { element, attribute } = self;
        write!(f, "Invalid value for attribute '{attribute}' in element '{element}'")
    }
}

impl fmt::Display for CpuError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.at, self.refusal)
    }
}

impl core::error::Error for Refusal<'_> {}
impl core::error::Error for CpuError<'_> {}
