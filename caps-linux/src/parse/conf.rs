//! Configuration files of libvirt's daemons: `name = value` lines.

use super::line::{is_blank, trim_start};
use heapless::Vec;
use memchr::memchr;

/// Bytes that a file may hold beside its comments. Line ends count, so that lines keep their numbers.
pub const CONF_BYTES: usize = 4096;

/// A file that is being read, without its comments.
#[derive(Debug)]
pub struct Conf {
    text: Vec<u8, CONF_BYTES, u16>,
    quote: Option<u8>,
    comment: bool,
    overflow: bool,
}

/// A value of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'c> {
    /// A string, without its quotes.
    Text(&'c [u8]),
    /// A number as it is written.
    Number(&'c [u8]),
    /// What stands between the brackets of a list; see [`items`].
    List(&'c [u8]),
}

/// A file that libvirt would refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ConfError {
    /// The line, from 1, is not `name = value`.
    Syntax {
        /// The line, from 1.
        line: u32,
    },
    /// More than [`CONF_BYTES`] beside comments.
    TooLong,
}

impl Conf {
    /// An empty file.
    #[expect(clippy::new_without_default, reason = "4 KiB are not to be moved about")]
    pub const fn new() -> Self {
        Self { text: Vec::new(), quote: None, comment: false, overflow: false }
    }

    /// Takes more of the file. Most of one is comments, which are passed over in long strides.
    pub fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        loop {
            if self.comment {
                let Some(end) = memchr(b'\n', rest) else { return };
                rest = rest.get(end..).unwrap_or(&[]);
            }
            let Some((&byte, behind)) = rest.split_first() else { return };
            rest = behind;
            self.take(byte);
        }
    }

    fn take(&mut self, byte: u8) {
        match (self.quote, byte) {
            (_, b'\n') => self.comment = false,
            (Some(quote), _) if quote == byte => self.quote = None,
            (Some(_), _) => {}
            (None, b'#') => {
                self.comment = true;
                return;
            }
            (None, b'"' | b'\'') => self.quote = Some(byte),
            (None, _) => {}
        }
        self.overflow |= self.text.push(byte).is_err();
    }

    /// The value of the first setting called `name`. The whole file is checked first.
    ///
    /// # Errors
    /// [`ConfError`] for a file that libvirt would refuse.
    pub fn value(&self, name: &[u8]) -> Result<Option<Value<'_>>, ConfError> {
        if self.overflow {
            return Err(ConfError::TooLong);
        }
        let mut found = None;
        let mut rest = trim_start(&self.text);
        while !rest.is_empty() {
            let Some((setting, value, behind)) = setting(rest) else {
                return Err(self.syntax(rest));
            };
            found = found.or((setting == name).then_some(value));
            rest = behind;
        }
        Ok(found)
    }

    fn syntax(&self, rest: &[u8]) -> ConfError {
        let read = self.text.len() - rest.len();
        let lines = self.text.iter().take(read).filter(|&&byte| byte == b'\n').count();
        ConfError::Syntax { line: lines as u32 + 1 }
    }
}

/// A name, its value, and what follows its line.
fn setting(text: &[u8]) -> Option<(&[u8], Value<'_>, &[u8])> {
    let len = text
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"_.-/".contains(byte))
        .count();
    let (name, rest) = text.split_at_checked(len)?;
    let value_text = skip_spaces(skip_spaces(rest).strip_prefix(b"=")?);
    let (value, rest) = value(value_text)?;
    let rest = skip_spaces(rest);
    (len > 0 && matches!(rest, [] | [b'\n' | b'\r', ..])).then(|| (name, value, trim_start(rest)))
}

fn value(text: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let Some(inner) = text.strip_prefix(b"[") else {
        let (scalar, rest) = scalar(text)?;
        let quoted = matches!(text.first(), Some(b'"' | b'\''));
        return Some((if quoted { Value::Text(scalar) } else { Value::Number(scalar) }, rest));
    };
    let mut rest = trim_start(inner);
    while !rest.starts_with(b"]") {
        rest = trim_start(scalar(rest)?.1);
        match rest.strip_prefix(b",") {
            Some(behind) => rest = trim_start(behind),
            None if rest.starts_with(b"]") => {}
            None => return None,
        }
    }
    let list = inner.get(..inner.len() - rest.len())?;
    Some((Value::List(list), rest.get(1..)?))
}

/// The strings of a list.
pub fn items(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = list;
    core::iter::from_fn(move || {
        rest =
            rest.get(rest.iter().take_while(|&&byte| is_blank(byte) || byte == b',').count()..)?;
        let (item, behind) = scalar(rest)?;
        rest = behind;
        Some(item)
    })
}

/// A string or a number, and what follows it.
fn scalar(text: &[u8]) -> Option<(&[u8], &[u8])> {
    match text {
        [b'"', b'"', b'"', rest @ ..] => quoted(rest, b"\"\"\"", true),
        [b'"', rest @ ..] => quoted(rest, b"\"", false),
        [b'\'', rest @ ..] => quoted(rest, b"'", false),
        _ => {
            let sign = usize::from(text.starts_with(b"-"));
            let digits = text.iter().skip(sign).take_while(|byte| byte.is_ascii_digit()).count();
            (digits > 0).then(|| text.split_at_checked(sign + digits))?
        }
    }
}

fn quoted<'t>(text: &'t [u8], quote: &[u8], many_lines: bool) -> Option<(&'t [u8], &'t [u8])> {
    let end = super::line::find(text, quote)?;
    let (inner, rest) = text.split_at_checked(end)?;
    (many_lines || !inner.contains(&b'\n')).then_some((inner, rest.get(quote.len()..)?))
}

fn skip_spaces(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    text.get(spaces..).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec as StdVec;

    fn conf(text: &[u8]) -> Conf {
        let mut conf = Conf::new();
        text.chunks(3).for_each(|chunk| conf.feed(chunk));
        conf
    }

    #[test]
    fn settings_are_found() {
        let conf = conf(
            b"# user = \"no\"\nuser = \"+7\" # seven\n\n  group='kvm'\nmax = -3\nuser = \"late\"\n",
        );
        assert_eq!(conf.value(b"user"), Ok(Some(Value::Text(b"+7"))));
        assert_eq!(conf.value(b"group"), Ok(Some(Value::Text(b"kvm"))));
        assert_eq!(conf.value(b"max"), Ok(Some(Value::Number(b"-3"))));
        assert_eq!(conf.value(b"use"), Ok(None));
    }

    #[test]
    fn lists_span_lines() {
        let conf =
            conf(b"security_driver = [ \"selinux\", # first\n  \"apparmor\",\n]\nuser = \"a#b\"\n");
        let Ok(Some(Value::List(list))) = conf.value(b"security_driver") else { panic!() };
        assert!(items(list).eq([b"selinux".as_slice(), b"apparmor"]));
        assert_eq!(conf.value(b"user"), Ok(Some(Value::Text(b"a#b"))));
    }

    #[test]
    fn an_empty_list_is_a_list() {
        let conf = conf(b"security_driver = [ ]\n");
        let Ok(Some(Value::List(list))) = conf.value(b"security_driver") else { panic!() };
        assert_eq!(items(list).count(), 0);
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, line) in [
            ("a = 1\nb\n", 2),
            ("# c\n\na = \"x\n", 3),
            ("= 1", 1),
            ("a = [ 1 2 ]", 1),
            ("a = 1 b = 2", 1),
        ] {
            assert_eq!(
                conf(text.as_bytes()).value(b"a"),
                Err(ConfError::Syntax { line }),
                "{text}"
            );
        }
    }

    #[test]
    fn comments_do_not_count_but_text_does() {
        let mut long = [b'x'; 2 * CONF_BYTES];
        long[0] = b'#';
        assert_eq!(conf(&long).value(b"a"), Ok(None));
        long[0] = b'x';
        assert_eq!(conf(&long).value(b"a"), Err(ConfError::TooLong));
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes: StdVec<u8>, text in "[a= \n\"'#\\[\\],1]{0,40}") {
            let _ = (conf(&bytes).value(b"a").is_ok(), conf(text.as_bytes()).value(b"a").is_ok());
            prop_assert!(items(&bytes).count() <= bytes.len());
        }
    }
}
