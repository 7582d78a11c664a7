//! Why libvirt would refuse a file.

use super::Kind;
use core::fmt;

/// Why libvirt would refuse a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ConfError {
    /// The file is not of settings.
    Syntax {
        /// The line, from 1.
        line: u32,
        /// The error in it.
        fault: Fault,
    },
    /// A setting is not of its kind.
    Kind {
        /// The line, from 1.
        line: u32,
        /// The setting.
        name: &'static str,
        /// The kind that it should be of.
        kind: Kind,
    },
    /// A value is longer than any that makes sense. libvirt might accept it.
    LongValue {
        /// The line, from 1.
        line: u32,
        /// The setting.
        name: &'static str,
    },
    /// The file is longer than 10 MiB.
    TooLong,
}

/// An error in the syntax of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Fault {
    /// There is no name, or no `=` behind it.
    Setting,
    /// There is no value.
    Value,
    /// There is more behind a value.
    Separator,
    /// There is neither `,` nor `]` behind a value of a list.
    ItemSeparator,
    /// There is a comment in a list.
    CommentInList,
    /// A list does not end.
    ListEnd,
    /// A string does not end, or not on its line.
    Quote,
    /// A sign without digits.
    Digits,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Setting => "expected NAME = VALUE",
            Self::Value => "expected a string in quotes, a number or a list",
            Self::Separator => "expected the end of the line",
            Self::ItemSeparator => "expected `,` or `]` in a list",
            Self::CommentInList => "libvirt does not accept comments in lists",
            Self::ListEnd => "a list has no `]` at its end",
            Self::Quote => "a string has no closing quote",
            Self::Digits => "a sign has no digits",
        })
    }
}

/// Follows the name of the file.
impl fmt::Display for ConfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { line, fault } => write!(f, ":{line}: {fault}"),
            Self::Kind { line, name, kind } => write!(f, ":{line}: {name} must be {kind}"),
            Self::LongValue { line, name } => {
                write!(f, ":{line}: {name} is longer than 256 bytes")
            }
            Self::TooLong => f.write_str(": longer than 10 MiB"),
        }
    }
}
