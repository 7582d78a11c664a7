//! The syntax of a document, token by token; that tokens nest is the reader's business.

use super::cursor::{Cursor, find, is_space};
use super::entity;
use super::error::{Kind, ReadError};
use super::tag::{Attribute, Start};
use super::text::{Form, Text};

/// One piece of a document.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token<'a> {
    Start(Start<'a>),
    End(&'a str),
    Text(Text<'a>),
    /// A comment or a processing instruction.
    Skipped,
    /// The document is read to its end.
    Over,
}

impl<'a> Token<'a> {
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, ReadError> {
        if cursor.rest().is_empty() {
            Ok(Self::Over)
        } else if !cursor.rest().starts_with('<') {
            text(cursor).map(Self::Text)
        } else if cursor.eat("</") {
            end_tag(cursor).map(Self::End)
        } else if cursor.eat("<?") {
            instruction(cursor).map(|()| Self::Skipped)
        } else if cursor.rest().starts_with("<!") {
            markup(cursor)
        } else {
            cursor.eat("<");
            Start::read(cursor).map(Self::Start)
        }
    }
}

fn text<'a>(cursor: &mut Cursor<'a>) -> Result<Text<'a>, ReadError> {
    let at = cursor.at();
    let raw = cursor.until('<');
    // To look for one character is much cheaper than for three, and nearly all texts are short.
    if let Some(offset) = raw.find(']').and_then(|_| find(raw, "]]>")) {
        return Err(ReadError::new(at.saturating_add(offset), Kind::CdataEnd));
    }
    entity::check(raw, at)?;
    Ok(Text::new(raw, Form::Content))
}

fn end_tag<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, ReadError> {
    let name = cursor.name()?;
    cursor.space();
    cursor.expect(">", Kind::TagEnd)?;
    Ok(name)
}

fn markup<'a>(cursor: &mut Cursor<'a>) -> Result<Token<'a>, ReadError> {
    if cursor.rest().starts_with("<!DOCTYPE") {
        Err(cursor.error(Kind::Doctype))
    } else if cursor.eat("<!--") {
        comment(cursor).map(|()| Token::Skipped)
    } else if cursor.eat("<![CDATA[") {
        cursor.before("]]>").map(|raw| Token::Text(Text::new(raw, Form::Cdata)))
    } else {
        Err(cursor.error(Kind::Markup))
    }
}

/// The first `--` of a comment must be that of its end.
fn comment(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    let at = cursor.at();
    let hyphens = at.saturating_add(cursor.before("--")?.len());
    cursor.expect(">", Kind::DoubleHyphen).map_err(|error| match error.kind {
        Kind::DoubleHyphen => ReadError::new(hyphens, Kind::DoubleHyphen),
        _ => error,
    })
}

fn instruction(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    let start = *cursor;
    if cursor.name()?.eq_ignore_ascii_case("xml") {
        return Err(start.error(Kind::Declaration));
    }
    if !cursor.rest().starts_with("?>") && !cursor.space() {
        return Err(cursor.error(Kind::Space));
    }
    cursor.before("?>").map(|_| ())
}

/// Steps over the byte order mark and the XML declaration, where there are such.
pub(super) fn prolog(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    cursor.eat("\u{feff}");
    let declared =
        cursor.rest().strip_prefix("<?xml").is_some_and(|behind| behind.starts_with(is_space));
    if declared { declaration(cursor) } else { Ok(()) }
}

/// One thing that a declaration may give.
struct Declared {
    name: &'static str,
    good: fn(&str) -> bool,
    /// What is wrong if the value is not good.
    kind: Kind,
}

/// The order is fixed, and only the first must be there.
const DECLARED: [Declared; 3] = [
    Declared { name: "version", good: is_version, kind: Kind::Declaration },
    Declared { name: "encoding", good: is_utf8, kind: Kind::Encoding },
    Declared { name: "standalone", good: is_yes_no, kind: Kind::Declaration },
];

fn declaration(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    let start = *cursor;
    cursor.eat("<?xml");
    let mut next = Attribute::read(cursor)?;
    if next.is_none_or(|first| first.name != "version") {
        return Err(start.error(Kind::Declaration));
    }
    for Declared { name, good, kind } in DECLARED {
        let Some(given) = next.filter(|given| given.name == name) else { continue };
        if !good(given.value.raw()) {
            return Err(start.error(kind));
        }
        next = Attribute::read(cursor)?;
    }
    let over = next.is_none() && cursor.eat("?>");
    if over { Ok(()) } else { Err(cursor.error(Kind::Declaration)) }
}

/// Any version 1: a document of a later one is to be read as far as this reader goes.
fn is_version(value: &str) -> bool {
    let minor = value.strip_prefix("1.").unwrap_or_default();
    !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit())
}

fn is_utf8(value: &str) -> bool {
    ["UTF-8", "US-ASCII"].iter().any(|known| value.eq_ignore_ascii_case(known))
}

fn is_yes_no(value: &str) -> bool {
    matches!(value, "yes" | "no")
}
