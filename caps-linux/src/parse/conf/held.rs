//! Values of settings, in a fixed room each.

use super::kind::Shape;
use super::parser::Begin;
use heapless::Vec;

/// Room for a value. The names of all security drivers, a UUID and an account's name fit by far.
const VALUE_BYTES: usize = 256;

/// A value of a setting.
#[derive(Clone, Debug)]
pub enum Value<'c> {
    /// A string, without its quotes.
    Text(&'c [u8]),
    /// A number.
    Number(u64),
    /// The strings of a list.
    List(Items<'c>),
}

/// The strings of a list: those that fit into 256 bytes, the last of them cut off there.
#[derive(Clone, Debug)]
pub struct Items<'c> {
    rest: Option<&'c [u8]>,
    left: u32,
}

impl<'c> Iterator for Items<'c> {
    type Item = &'c [u8];

    fn next(&mut self) -> Option<&'c [u8]> {
        self.left = self.left.checked_sub(1)?;
        let rest = self.rest?;
        let len = rest.iter().take_while(|&&byte| byte != 0).count();
        self.rest = rest.get(len.saturating_add(1)..);
        rest.get(..len)
    }
}

/// A value as far as it has been read. Strings end at a zero byte, as in C; so does each string of a list but the last.
#[derive(Debug)]
pub(super) struct Held {
    shape: Shape,
    text: Vec<u8, VALUE_BYTES, u16>,
    items: u32,
    /// Whether the string has had a zero byte.
    ended: bool,
    /// Bytes that did not fit.
    lost: u32,
}

impl Held {
    pub(super) fn new(begin: Begin) -> Self {
        let shape = match begin {
            Begin::Text => Shape::Text,
            Begin::Sign { negative } => Shape::Number { negative, value: 0 },
            Begin::Digit(digit) => Shape::Number { negative: false, value: number(0, digit) },
            Begin::List => Shape::List { of_strings: true },
        };
        Self { shape, text: Vec::new(), items: 0, ended: false, lost: 0 }
    }

    pub(super) fn begin_item(&mut self, begin: Begin, depth: u32) {
        if depth > 1 || begin != Begin::Text {
            self.shape = Shape::List { of_strings: false };
        }
        if self.items > 0 {
            self.store(0);
        }
        self.items = self.items.saturating_add(1);
        self.ended = false;
    }

    pub(super) fn push(&mut self, byte: u8) {
        match &mut self.shape {
            Shape::Number { value, .. } => *value = number(*value, byte),
            _ if self.ended || byte == 0 => self.ended = true,
            _ => self.store(byte),
        }
    }

    fn store(&mut self, byte: u8) {
        if self.text.push(byte).is_err() {
            self.lost = self.lost.saturating_add(1);
        }
    }

    /// Takes back two quotes that turned out to end the string.
    pub(super) fn pop_quotes(&mut self) {
        for _ in 0..2 {
            match self.lost.checked_sub(1) {
                _ if self.ended => {}
                Some(lost) => self.lost = lost,
                None => {
                    let _ = self.text.pop();
                }
            }
        }
    }

    pub(super) const fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether a string did not fit.
    pub(super) fn is_cut(&self) -> bool {
        self.shape == Shape::Text && self.lost > 0
    }

    pub(super) fn value(&self) -> Value<'_> {
        match self.shape {
            Shape::Text => Value::Text(&self.text),
            Shape::Number { value, .. } => Value::Number(value),
            Shape::List { .. } => Value::List(Items { rest: Some(&self.text), left: self.items }),
        }
    }
}

/// As C computes it: without a limit.
fn number(before: u64, digit: u8) -> u64 {
    before.wrapping_mul(10).wrapping_add(digit.wrapping_sub(b'0').into())
}
