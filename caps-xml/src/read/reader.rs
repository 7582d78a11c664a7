//! The reader: that tokens nest, and the bounds.

use core::ops::Range;
use core::{mem, str};

use heapless::Vec;

use super::cursor::{Cursor, is_allowed};
use super::error::{Kind, ReadError};
use super::tag::Start;
use super::text::Text;
use super::token::{self, Token};
use super::{MAX_BYTES, MAX_DEPTH};

/// What a reader gives, in the order of the document. Comments and processing instructions are passed over.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A start tag.
    Start(Start<'a>),
    /// Text between two tags, white space included. A comment, an instruction or a CDATA section inside of it makes it two.
    Text(Text<'a>),
    /// The end of an element; each [`Start`] has its own, that of `<name/>` too.
    End {
        /// Name of the element that ends.
        name: &'a str,
    },
}

/// Reads a document event by event, and checks it on the way: what was not read yet was not checked.
///
/// A reader that has failed gives the same error ever after.
///
/// ```
/// use caps_xml::read::Reader;
///
/// let document = b"<domain><name>a</name><cpu mode='custom'><model>kvm64</model></cpu></domain>";
/// let mut reader = Reader::new(document)?;
/// let cpu = reader.find_first("cpu")?.unwrap();
/// assert!(cpu.attribute("mode").unwrap() == "custom");
/// assert_eq!(reader.raw_element()?, "<cpu mode='custom'><model>kvm64</model></cpu>");
/// reader.finish()?;
/// # Ok::<(), caps_xml::read::ReadError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    cursor: Cursor<'a>,
    open: Vec<Open<'a>, MAX_DEPTH>,
    /// The end of `<name/>` is still to be given.
    empty: bool,
    /// The root was begun.
    root: bool,
    failed: Option<ReadError>,
}

const _: () = assert!(size_of::<Reader<'_>>() <= 2048);

/// An element that is open.
#[derive(Clone, Copy, Debug)]
struct Open<'a> {
    name: &'a str,
    /// Offset of the `<` of its start tag.
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader of `input`, which may have [`MAX_BYTES`].
    ///
    /// # Errors
    /// Those of [`with_limit`](Self::with_limit).
    pub fn new(input: &'a [u8]) -> Result<Self, ReadError> {
        Self::with_limit(input, MAX_BYTES)
    }

    /// A reader of `input`, which may have `limit` bytes.
    ///
    /// # Errors
    /// What is wrong with the length, the encoding, the characters or the XML declaration; these are checked here and now.
    pub fn with_limit(input: &'a [u8], limit: usize) -> Result<Self, ReadError> {
        let mut cursor = Cursor::new(checked(input, limit)?);
        token::prolog(&mut cursor)?;
        Ok(Self { cursor, open: Vec::new(), empty: false, root: false, failed: None })
    }

    /// Reads on to the next event; `None` when the document is over, and found to be well-formed.
    ///
    /// # Errors
    /// What is wrong with the document up to the end of that event, or what was found to be wrong with it before.
    pub fn next_event(&mut self) -> Result<Option<Event<'a>>, ReadError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let event = self.read();
        self.failed = event.err();
        event
    }

    /// Reads on to the next start tag of an element `name`, at whatever depth; `None` if the document ends before.
    pub fn find_first(&mut self, name: &str) -> Result<Option<Start<'a>>, ReadError> {
        while let Some(event) = self.next_event()? {
            if let Event::Start(start) = event
                && start.name == name
            {
                return Ok(Some(start));
            }
        }
        Ok(None)
    }

    /// Reads on past the end of the current element, which is the innermost one whose [`Event::Start`] was given and whose
    /// [`Event::End`] was not. Where no element is open it does nothing.
    ///
    /// ```
    /// use caps_xml::read::Reader;
    ///
    /// let mut reader = Reader::new(b"<cpu><topology><a/></topology><model/></cpu>")?;
    /// reader.find_first("topology")?;
    /// reader.skip_element()?;
    /// assert_eq!(reader.depth(), 1);
    /// assert!(reader.find_first("model")?.is_some());
    /// # Ok::<(), caps_xml::read::ReadError>(())
    /// ```
    pub fn skip_element(&mut self) -> Result<(), ReadError> {
        let outer = self.depth().saturating_sub(1);
        while self.depth() > outer {
            self.next_event()?;
        }
        Ok(())
    }

    /// Reads on past the end of the current element (see [`skip_element`](Self::skip_element)) and gives its place in the
    /// input, in bytes, from the `<` of its start tag. Where no element is open the place is an empty one.
    pub fn element_span(&mut self) -> Result<Range<usize>, ReadError> {
        let start = self.open.last().map_or(self.offset(), |open| open.at);
        self.skip_element()?;
        Ok(start..self.offset())
    }

    /// Reads on past the end of the current element and gives the whole of it as it is written, to be handed to another reader.
    ///
    /// Prefixes that elements around it declare are not declared in it.
    pub fn raw_element(&mut self) -> Result<&'a str, ReadError> {
        let span = self.element_span()?;
        Ok(self.cursor.slice(span))
    }

    /// Reads on to the end of the document, so that all of it is checked.
    pub fn finish(&mut self) -> Result<(), ReadError> {
        while self.next_event()?.is_some() {}
        Ok(())
    }

    /// How many elements are open: those whose [`Event::Start`] was given and whose [`Event::End`] was not.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Offset of the first byte that is still to be read.
    pub const fn offset(&self) -> usize {
        self.cursor.at()
    }

    fn read(&mut self) -> Result<Option<Event<'a>>, ReadError> {
        if mem::take(&mut self.empty) {
            return Ok(self.open.pop().map(|open| Event::End { name: open.name }));
        }
        loop {
            let at = self.offset();
            match Token::read(&mut self.cursor)? {
                Token::Start(start) => return self.start(start, at).map(Some),
                Token::End(name) => return self.end(name, at).map(Some),
                Token::Text(text) if !self.open.is_empty() => return Ok(Some(Event::Text(text))),
                Token::Text(text) => between(text, at)?,
                Token::Skipped => {}
                Token::Over => return self.over(at).map(|()| None),
            }
        }
    }

    fn start(&mut self, start: Start<'a>, at: usize) -> Result<Event<'a>, ReadError> {
        if self.open.is_empty() && mem::replace(&mut self.root, true) {
            return Err(ReadError::new(at, Kind::SecondRoot));
        }
        let open = Open { name: start.name, at };
        self.open.push(open).map_err(|_| ReadError::new(at, Kind::TooDeep))?;
        self.empty = start.empty;
        Ok(Event::Start(start))
    }

    fn end(&mut self, name: &'a str, at: usize) -> Result<Event<'a>, ReadError> {
        match self.open.pop() {
            Some(open) if open.name == name => Ok(Event::End { name }),
            Some(_) => Err(ReadError::new(at, Kind::MismatchedEnd)),
            None => Err(ReadError::new(at, Kind::StrayEnd)),
        }
    }

    fn over(&self, at: usize) -> Result<(), ReadError> {
        if !self.open.is_empty() {
            Err(ReadError::new(at, Kind::UnexpectedEnd))
        } else if self.root {
            Ok(())
        } else {
            Err(ReadError::new(at, Kind::NoRoot))
        }
    }
}

/// Text outside of the root element.
fn between(text: Text<'_>, at: usize) -> Result<(), ReadError> {
    if text.is_between() { Ok(()) } else { Err(ReadError::new(at, Kind::TextOutsideRoot)) }
}

/// The input as a string that XML allows, if it is one and no longer than `limit`.
fn checked(input: &[u8], limit: usize) -> Result<&str, ReadError> {
    if input.len() > limit {
        return Err(ReadError::new(limit, Kind::TooLong { needed: input.len(), limit }));
    }
    let text =
        str::from_utf8(input).map_err(|error| ReadError::new(error.valid_up_to(), Kind::Utf8))?;
    let refused = text.find(|c| !is_allowed(c));
    refused.map_or(Ok(text), |at| Err(ReadError::new(at, Kind::Character)))
}
