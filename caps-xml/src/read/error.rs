//! What can be wrong with a document, and where.

use core::fmt;

use super::{MAX_ATTRIBUTES, MAX_DEPTH};

/// A document that is refused: what is wrong with it and where.
///
/// ```
/// use caps_xml::read::{Kind, Position, Reader};
///
/// let input = b"<cpu>\n  <model>kvm64</modem>\n</cpu>";
/// let error = Reader::new(input)?.finish().unwrap_err();
/// assert_eq!(error.kind, Kind::MismatchedEnd);
/// assert_eq!(error.position(input), Position { line: 2, column: 15 });
/// assert_eq!(error.to_string(), "byte 20: the end tag does not name the element that is open");
/// # Ok::<(), caps_xml::read::ReadError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Offset into the input, in bytes from 0. For [`Kind::UnexpectedEnd`] and [`Kind::NoRoot`] the length of the input.
    pub at: usize,
    /// What is wrong there.
    pub kind: Kind,
}

impl ReadError {
    pub(super) const fn new(at: usize, kind: Kind) -> Self {
        Self { at, kind }
    }

    /// Line and column of the error in `input`, which is what the reader was made from.
    pub fn position(&self, input: &[u8]) -> Position {
        Position::of(input, self.at)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.at, self.kind)
    }
}

impl core::error::Error for ReadError {}

/// A place in a text, as an editor counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line from 1; a line feed ends a line.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
}

impl Position {
    /// The place of offset `at` in `input`, which is UTF-8; of its end, if `at` is beyond.
    pub fn of(input: &[u8], at: usize) -> Self {
        let before = input.get(..at).unwrap_or(input);
        let line = before.split(|&b| b == b'\n').count();
        let last = before.rsplit(|&b| b == b'\n').next().unwrap_or_default();
        let characters = last.iter().filter(|&&b| b & 0xc0 != 0x80).count();
        Self { line, column: characters.saturating_add(1) }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// What is wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The input is longer than the reader's bound.
    TooLong {
        /// Length of the input, in bytes.
        needed: usize,
        /// The bound, in bytes.
        limit: usize,
    },
    /// More than [`MAX_DEPTH`] elements are open at once.
    TooDeep,
    /// A start tag has more than [`MAX_ATTRIBUTES`] attributes.
    TooManyAttributes,
    /// The input is not UTF-8.
    Utf8,
    /// A character that XML 1.0 does not allow: most controls, U+FFFE, U+FFFF.
    Character,
    /// The XML declaration names an encoding other than UTF-8 (or its subset US-ASCII).
    Encoding,
    /// An XML declaration that is malformed or not the first thing in the document.
    Declaration,
    /// A document type declaration.
    Doctype,
    /// `<!` that begins neither a comment nor a CDATA section.
    Markup,
    /// The input ends inside an element, a tag, a comment, an instruction or a CDATA section.
    UnexpectedEnd,
    /// A name was to stand here.
    Name,
    /// White space was to stand here, between two attributes or behind the target of an instruction.
    Space,
    /// `=` was to stand here, behind the name of an attribute.
    Equals,
    /// A quotation mark was to stand here, before the value of an attribute.
    Quote,
    /// `>` (or `/>`) was to stand here, at the end of a tag.
    TagEnd,
    /// `<` in the value of an attribute.
    LessThan,
    /// An attribute is given twice in one start tag.
    DuplicateAttribute,
    /// `&` that begins no reference.
    Ampersand,
    /// A reference to an entity that XML does not predefine.
    UnknownEntity,
    /// A character reference that is malformed or names no character allowed in XML 1.0.
    CharacterReference,
    /// `]]>` in text.
    CdataEnd,
    /// `--` inside a comment.
    DoubleHyphen,
    /// An end tag that does not name the element that is open.
    MismatchedEnd,
    /// An end tag where no element is open.
    StrayEnd,
    /// Text outside of the root element.
    TextOutsideRoot,
    /// A second root element.
    SecondRoot,
    /// A document without any element.
    NoRoot,
}

impl Kind {
    const fn sentence(self) -> &'static str {
        match self {
            Self::TooLong { .. } => "the document is too long",
            Self::TooDeep => "too many elements are open at once",
            Self::TooManyAttributes => "the start tag has too many attributes",
            Self::Utf8 => "the document is not UTF-8",
            Self::Character => "the character is not allowed in XML",
            Self::Encoding => "the declared encoding is not UTF-8",
            Self::Declaration => {
                "the XML declaration is malformed or not the first thing in the document"
            }
            Self::Doctype => "a document type declaration is refused",
            Self::Markup => "'<!' begins neither a comment nor a CDATA section",
            Self::UnexpectedEnd => "the document ends too early",
            Self::Name => "a name was expected",
            Self::Space => "white space was expected",
            Self::Equals => "'=' was expected behind the attribute's name",
            Self::Quote => "a quotation mark was expected before the attribute's value",
            Self::TagEnd => "'>' was expected at the end of the tag",
            Self::LessThan => "'<' is not allowed in an attribute's value",
            Self::DuplicateAttribute => "the attribute is given twice",
            Self::Ampersand => "'&' begins no reference",
            Self::UnknownEntity => "the entity is not known",
            Self::CharacterReference => {
                "the character reference is not one of a character allowed in XML"
            }
            Self::CdataEnd => "']]>' is not allowed in text",
            Self::DoubleHyphen => "'--' is not allowed in a comment",
            Self::MismatchedEnd => "the end tag does not name the element that is open",
            Self::StrayEnd => "the end tag stands where no element is open",
            Self::TextOutsideRoot => "text is not allowed outside of the root element",
            Self::SecondRoot => "the document has a second root element",
            Self::NoRoot => "the document has no element",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())?;
        match self {
            Self::TooLong { needed, limit } => write!(f, " ({needed} bytes, at most {limit})"),
            Self::TooDeep => write!(f, " (at most {MAX_DEPTH})"),
            Self::TooManyAttributes => write!(f, " (at most {MAX_ATTRIBUTES})"),
            _ => Ok(()),
        }
    }
}

/// A buffer that is too small for the text to be copied into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Length of the whole text, in bytes of UTF-8.
    pub bytes: usize,
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the text needs a buffer of {} bytes", self.bytes)
    }
}

impl core::error::Error for Needed {}
