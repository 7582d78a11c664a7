//! The grammar of a configuration file, one byte at a time.
//!
//! A file is read as libvirt reads it: comments and blank lines between settings, settings that end at a line, a `;` or a comment,
//! lists over many lines and within each other but without comments, strings that end on their line unless three quotes begin
//! them.

use super::Fault;

/// Where in a file the parser is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a setting or a comment.
    Start,
    Comment,
    Name,
    /// Behind a name.
    Assignment,
    /// Before a value, or before `]` in a list.
    Value,
    /// Behind the sign of a number.
    Sign,
    Number,
    /// In a string in single quotes.
    Single,
    /// Behind one double quote.
    Quote,
    /// Behind two double quotes: an empty string, or the beginning of three quotes.
    Quotes,
    /// In a string in double quotes.
    Double,
    /// In a string in three double quotes, behind as many quotes that may end it.
    Triple(u8),
    /// Behind a value.
    After,
}

/// A part of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Nothing that counts.
    None,
    /// The first letter of a name.
    FirstOfName(u8),
    /// A further letter of a name.
    Name(u8),
    /// A value begins, at this depth of lists.
    Begin(Begin, u32),
    /// A byte of a string or a digit of a number.
    Byte(u8),
    /// The last two bytes of the string belong to its end.
    WithoutQuotes,
}

/// What a value begins as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    Text,
    Digit(u8),
    Sign { negative: bool },
    List,
}

type Step = Result<(State, Event), Fault>;

/// A parser that is handed a file byte by byte.
#[derive(Debug)]
pub(super) struct Parser {
    state: State,
    /// The line, from 1.
    pub(super) line: u32,
    /// Lists that are open.
    depth: u32,
    /// Whether there was a comment or a setting.
    started: bool,
    /// Whether there was a byte.
    empty: bool,
}

impl Parser {
    pub(super) const fn new() -> Self {
        Self { state: State::Start, line: 1, depth: 0, started: false, empty: true }
    }

    pub(super) fn is_in_comment(&self) -> bool {
        self.state == State::Comment
    }

    pub(super) const fn is_between_settings(&self) -> bool {
        matches!(self.state, State::Start | State::Comment)
    }

    pub(super) fn take(&mut self, byte: u8) -> Result<Event, Fault> {
        self.empty = false;
        let (state, event) = self.step(byte)?;
        self.state = state;
        self.started |= state != State::Start;
        self.line = self.line.saturating_add((byte == b'\n').into());
        Ok(event)
    }

    fn step(&mut self, byte: u8) -> Step {
        match self.state {
            State::Start => start(byte),
            State::Comment if is_end_of_line(byte) => start(byte),
            State::Comment => stay(State::Comment),
            State::Name if byte.is_ascii_alphanumeric() || byte == b'_' => {
                Ok((State::Name, Event::Name(byte)))
            }
            State::Name | State::Assignment => assignment(byte),
            State::Value => self.value(byte),
            State::Sign | State::Number if byte.is_ascii_digit() => {
                Ok((State::Number, Event::Byte(byte)))
            }
            State::Sign => Err(Fault::Digits),
            State::Quote => Ok(double(byte, State::Quotes)?),
            State::Quotes if byte == b'"' => stay(State::Triple(0)),
            State::Number | State::Quotes | State::After => self.after(byte),
            State::Single => single(byte),
            State::Double => double(byte, State::After),
            State::Triple(quotes) => Ok(triple(byte, quotes)),
        }
    }

    fn value(&mut self, byte: u8) -> Step {
        let depth = self.depth;
        let begin = |state, begin| Ok((state, Event::Begin(begin, depth)));
        match byte {
            b' ' | b'\t' => stay(State::Value),
            b'\n' | b'\r' if depth > 0 => stay(State::Value),
            b']' if depth > 0 => self.close(),
            b'[' => {
                self.depth = depth.saturating_add(1);
                begin(State::Value, Begin::List)
            }
            b'\'' => begin(State::Single, Begin::Text),
            b'"' => begin(State::Quote, Begin::Text),
            b'+' | b'-' => begin(State::Sign, Begin::Sign { negative: byte == b'-' }),
            b'0'..=b'9' => begin(State::Number, Begin::Digit(byte)),
            b'#' if depth > 0 => Err(Fault::CommentInList),
            _ => Err(Fault::Value),
        }
    }

    fn close(&mut self) -> Step {
        self.depth = self.depth.saturating_sub(1);
        stay(State::After)
    }

    fn after(&mut self, byte: u8) -> Step {
        match (byte, self.depth) {
            (b' ' | b'\t', _) | (b'\n' | b'\r', 1..) => stay(State::After),
            (b'\n' | b'\r' | b';', 0) => stay(State::Start),
            (b'#', 0) => stay(State::Comment),
            (b',', 1..) => stay(State::Value),
            (b']', 1..) => self.close(),
            (b'#', 1..) => Err(Fault::CommentInList),
            (_, 0) => Err(Fault::Separator),
            (_, 1..) => Err(Fault::ItemSeparator),
        }
    }

    /// Whether the file may end here. One of blanks alone may not, as libvirt has it.
    pub(super) fn end(&self) -> Result<(), Fault> {
        match self.state {
            State::Start if !self.started && !self.empty => Err(Fault::Setting),
            State::Start | State::Comment => Ok(()),
            State::Name | State::Assignment => Err(Fault::Setting),
            State::Sign => Err(Fault::Digits),
            State::Single | State::Quote | State::Double | State::Triple(_) => Err(Fault::Quote),
            State::Value if self.depth == 0 => Err(Fault::Value),
            State::Number | State::Quotes | State::After if self.depth == 0 => Ok(()),
            State::Value | State::Number | State::Quotes | State::After => Err(Fault::ListEnd),
        }
    }
}

fn stay(state: State) -> Step {
    Ok((state, Event::None))
}

fn start(byte: u8) -> Step {
    match byte {
        b' ' | b'\t' | b'\n' | b'\r' => stay(State::Start),
        b'#' => stay(State::Comment),
        _ if byte.is_ascii_alphabetic() => Ok((State::Name, Event::FirstOfName(byte))),
        _ => Err(Fault::Setting),
    }
}

fn assignment(byte: u8) -> Step {
    match byte {
        b' ' | b'\t' => stay(State::Assignment),
        b'=' => stay(State::Value),
        _ => Err(Fault::Setting),
    }
}

fn single(byte: u8) -> Step {
    match byte {
        b'\'' => stay(State::After),
        b'\n' | b'\r' => Err(Fault::Quote),
        _ => Ok((State::Single, Event::Byte(byte))),
    }
}

fn double(byte: u8, behind: State) -> Step {
    match byte {
        b'"' => stay(behind),
        b'\n' | b'\r' => Err(Fault::Quote),
        _ => Ok((State::Double, Event::Byte(byte))),
    }
}

fn triple(byte: u8, quotes: u8) -> (State, Event) {
    match (byte, quotes) {
        (b'"', 2..) => (State::After, Event::WithoutQuotes),
        (b'"', _) => (State::Triple(quotes + 1), Event::Byte(byte)),
        _ => (State::Triple(0), Event::Byte(byte)),
    }
}

const fn is_end_of_line(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}
