//! Start tags and their attributes.

use heapless::Vec;

use super::MAX_ATTRIBUTES;
use super::cursor::Cursor;
use super::entity;
use super::error::{Kind, ReadError};
use super::text::{Form, Text};

/// A start tag, `<name attributes>` or `<name attributes/>`.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    /// Name of the element as written, with its prefix if it has one.
    pub name: &'a str,
    /// The attributes, in the order of the document.
    pub attributes: Attributes<'a>,
    /// Whether the tag is `<name/>`. The end is given as an event of its own all the same.
    pub empty: bool,
}

impl<'a> Start<'a> {
    /// Value of the attribute `name`, if the tag has it.
    ///
    /// ```
    /// let mut reader = caps_xml::read::Reader::new(b"<cpu match='exact'/>")?;
    /// let start = reader.find_first("cpu")?.unwrap();
    /// assert!(start.attribute("match").is_some_and(|value| value == "exact"));
    /// assert!(start.attribute("mode").is_none());
    /// # Ok::<(), caps_xml::read::ReadError>(())
    /// ```
    pub fn attribute(&self, name: &str) -> Option<Text<'a>> {
        self.attributes.value(name)
    }

    /// Reads the tag behind its `<`.
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, ReadError> {
        let name = cursor.name()?;
        let attributes = Attributes::read(cursor)?;
        let empty = cursor.eat("/");
        cursor.expect(">", Kind::TagEnd)?;
        Ok(Self { name, attributes, empty })
    }
}

/// One attribute of a start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its name as written, with its prefix if it has one.
    pub name: &'a str,
    /// Its value, without the quotation marks.
    pub value: Text<'a>,
}

impl<'a> Attribute<'a> {
    /// Reads the white space before an attribute and the attribute, if there is one more in the tag.
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Option<Self>, ReadError> {
        let spaced = cursor.space();
        if cursor.rest().is_empty() || cursor.rest().starts_with(['>', '/', '?']) {
            return Ok(None);
        }
        if !spaced {
            return Err(cursor.error(Kind::Space));
        }
        let name = cursor.name()?;
        cursor.space();
        cursor.expect("=", Kind::Equals)?;
        cursor.space();
        Ok(Some(Self { name, value: value(cursor)? }))
    }
}

fn value<'a>(cursor: &mut Cursor<'a>) -> Result<Text<'a>, ReadError> {
    let (quote, mark) = if cursor.rest().starts_with('"') { ('"', "\"") } else { ('\'', "'") };
    cursor.expect(mark, Kind::Quote)?;
    let at = cursor.at();
    let raw = cursor.until(quote);
    cursor.expect(mark, Kind::UnexpectedEnd)?;
    if let Some(offset) = raw.find('<') {
        return Err(ReadError::new(at.saturating_add(offset), Kind::LessThan));
    }
    entity::check(raw, at)?;
    Ok(Text::new(raw, Form::Value))
}

/// The attributes of one start tag, in the order of the document; names are known to differ.
///
/// ```
/// let mut reader = caps_xml::read::Reader::new(b"<topology sockets='1' cores=\"4\"/>")?;
/// let topology = reader.find_first("topology")?.unwrap();
/// let names: Vec<_> = topology.attributes.into_iter().map(|attribute| attribute.name).collect();
/// assert_eq!(names, ["sockets", "cores"]);
/// # Ok::<(), caps_xml::read::ReadError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    raw: &'a str,
}

impl<'a> Attributes<'a> {
    /// Attributes of a tag without any.
    pub const EMPTY: Self = Self { raw: "" };

    /// The attributes one by one.
    pub const fn iter(&self) -> AttributeIter<'a> {
        AttributeIter { cursor: Cursor::new(self.raw) }
    }

    /// Value of the attribute `name`, if the tag has it.
    pub fn value(&self, name: &str) -> Option<Text<'a>> {
        self.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.value)
    }

    /// The namespace that this tag declares for `prefix`, which is the value of `xmlns:PREFIX`. The one without a prefix is the
    /// [`value`](Self::value) of `xmlns`.
    ///
    /// ```
    /// let mut reader = caps_xml::read::Reader::new(b"<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'/>")?;
    /// let attributes = reader.find_first("domain")?.unwrap().attributes;
    /// assert!(attributes.namespace("qemu").unwrap() == "http://libvirt.org/schemas/domain/qemu/1.0");
    /// assert_eq!(attributes.prefix("http://libvirt.org/schemas/domain/qemu/1.0"), Some("qemu"));
    /// # Ok::<(), caps_xml::read::ReadError>(())
    /// ```
    pub fn namespace(&self, prefix: &str) -> Option<Text<'a>> {
        self.namespaces().find(|&(declared, _)| declared == prefix).map(|(_, uri)| uri)
    }

    /// The first prefix that this tag declares for the namespace `uri`.
    pub fn prefix(&self, uri: &str) -> Option<&'a str> {
        self.namespaces().find(|(_, declared)| declared == uri).map(|(prefix, _)| prefix)
    }

    fn namespaces(&self) -> impl Iterator<Item = (&'a str, Text<'a>)> {
        self.iter()
            .filter_map(|attribute| Some((attribute.name.strip_prefix("xmlns:")?, attribute.value)))
    }

    /// Reads all attributes of a tag and the white space around them.
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, ReadError> {
        let start = *cursor;
        let mut names: Vec<&str, MAX_ATTRIBUTES> = Vec::new();
        let mut before = *cursor;
        while let Some(Attribute { name, .. }) = Attribute::read(cursor)? {
            before.space();
            if names.contains(&name) {
                return Err(before.error(Kind::DuplicateAttribute));
            }
            names.push(name).map_err(|_| before.error(Kind::TooManyAttributes))?;
            before = *cursor;
        }
        Ok(Self { raw: start.slice(start.at()..cursor.at()) })
    }
}

impl<'a> IntoIterator for Attributes<'a> {
    type Item = Attribute<'a>;
    type IntoIter = AttributeIter<'a>;

    fn into_iter(self) -> AttributeIter<'a> {
        self.iter()
    }
}

/// The attributes of one start tag, one by one.
#[derive(Clone, Debug)]
pub struct AttributeIter<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Iterator for AttributeIter<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        Attribute::read(&mut self.cursor).ok().flatten()
    }
}
