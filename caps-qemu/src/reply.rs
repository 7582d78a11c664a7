//! What an emulator said, line by line.

use crate::query::Query;
use crate::rejection::Rejection;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Most bytes that an emulator may say: several hundred times what any says today.
pub const MAX_REPLY_BYTES: usize = 16 << 20;

/// The answers of one emulator, to each question the first.
///
/// They are read from lines of JSON, one object each, `return` and `error` as in QMP; other members are ignored:
///
/// ```text
/// {"probe": "first", "execute": "query-target", "return": {"arch": "x86_64"}}
/// {"probe": "first", "execute": "qom-list-properties", "arguments": {"typename": "tcg-accel"}, "error": {}}
/// ```
///
/// `probe` is `first`, or `tcg` for what libvirt asks when it starts the emulator once more without an accelerator; of that
/// only a refusal matters. Answers stay text until they are asked for, so that depth costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Replies<'t> {
    answers: BTreeMap<Query, Answer<'t>>,
    second_start_failed: bool,
}

/// To one question.
#[derive(Clone, Copy, Debug)]
enum Answer<'t> {
    Returned(&'t RawValue),
    Refused,
}

/// A line. Where neither is said there is no answer.
#[derive(Deserialize)]
struct Line<'t> {
    #[serde(borrow)]
    probe: Option<Cow<'t, str>>,
    #[serde(borrow)]
    execute: Cow<'t, str>,
    #[serde(borrow)]
    arguments: Option<&'t RawValue>,
    #[serde(borrow, rename = "return")]
    returned: Option<&'t RawValue>,
    #[serde(borrow)]
    error: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct Arguments<'t> {
    #[serde(borrow)]
    typename: Option<Cow<'t, str>>,
}

impl<'t> Replies<'t> {
    /// The answers in lines of JSON.
    ///
    /// # Errors
    /// [`Rejection::TooMuch`] of text, or [`Rejection::Garbage`] in it.
    pub fn read(text: &'t [u8]) -> Result<Self, Rejection> {
        if text.len() > MAX_REPLY_BYTES {
            return Err(Rejection::TooMuch);
        }
        let mut replies = Self::default();
        for (line, number) in text.split(|&byte| byte == b'\n').zip(1..) {
            if !line.trim_ascii().is_empty() {
                let line = serde_json::from_slice(line);
                replies.take(line.map_err(|_| Rejection::Garbage { line: number })?);
            }
        }
        Ok(replies)
    }

    fn take(&mut self, line: Line<'t>) {
        let Some(query) = line.query() else { return };
        let answer = line.answer();
        if line.probe.is_some_and(|probe| probe != "first") {
            let refused = query == Query::Machines && matches!(answer, Some(Answer::Refused));
            self.second_start_failed |= refused;
        } else if let Some(answer) = answer {
            self.answers.entry(query).or_insert(answer);
        }
    }

    /// The answer to `query`, in the form that it should have; `None` if there was none.
    pub(crate) fn answer<T: DeserializeOwned>(&self, query: Query) -> Option<Result<T, Rejection>> {
        let answer = match *self.answers.get(&query)? {
            Answer::Refused => Err(Rejection::Refused(query)),
            Answer::Returned(text) => {
                serde_json::from_str(text.get()).map_err(|_| Rejection::Malformed(query))
            }
        };
        Some(answer)
    }

    /// As [`answer`](Self::answer), of what must be there.
    pub(crate) fn needed<T: DeserializeOwned>(&self, query: Query) -> Result<T, Rejection> {
        self.answer(query).unwrap_or(Err(Rejection::Missing(query)))
    }

    /// Whether the emulator failed when it was started once more without its accelerator.
    pub(crate) const fn second_start_failed(&self) -> bool {
        self.second_start_failed
    }
}

impl<'t> Line<'t> {
    fn query(&self) -> Option<Query> {
        let arguments =
            self.arguments.map(|text| serde_json::from_str::<Arguments<'_>>(text.get()));
        let typename = arguments.and_then(Result::ok).and_then(|arguments| arguments.typename);
        Query::of(&self.execute, typename.as_deref())
    }

    fn answer(&self) -> Option<Answer<'t>> {
        let refused = self.error.map(|_| Answer::Refused);
        refused.or(self.returned.map(Answer::Returned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_answer_counts() {
        let text = br#"
            {"execute": "query-target", "return": 1, "more": []}
            {"execute": "query-target", "return": 2, "probe": "first"}
            {"execute": "query-version", "return": 3, "probe": "tcg"}
            {"execute": "query-kvm", "error": {"class": "CommandNotFound"}}
            {"execute": "query-rocker"}"#;
        let replies = Replies::read(text).unwrap();
        assert_eq!(replies.needed(Query::Target), Ok(1));
        assert_eq!(
            replies.needed::<String>(Query::Target),
            Err(Rejection::Malformed(Query::Target))
        );
        assert_eq!(replies.needed::<u8>(Query::Version), Err(Rejection::Missing(Query::Version)));
        assert_eq!(replies.needed::<u8>(Query::Kvm), Err(Rejection::Refused(Query::Kvm)));
    }

    #[test]
    fn properties_are_those_of_tcg() {
        let line = |arguments: &str| {
            let text = format!(r#"{{"execute":"qom-list-properties",{arguments}"return":true}}"#);
            Replies::read(text.as_bytes()).unwrap().needed::<bool>(Query::TcgProperties).is_ok()
        };
        assert!(line(r#""arguments":{"typename":"tcg-accel"},"#));
        assert!(!line(r#""arguments":{"typename":"kvm-accel"},"#));
        assert!(!line(r#""arguments":[],"#));
        assert!(!line(""));
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = format!(r#"{{"execute":"query-machines","return":{}"#, "[".repeat(1 << 20));
        assert_eq!(Replies::read(deep.as_bytes()).unwrap_err(), Rejection::Garbage { line: 1 });
        let closed = format!("{deep}{}}}", "]".repeat(1 << 20));
        let machines = Replies::read(closed.as_bytes()).unwrap();
        let machines = machines.needed::<serde_json::Value>(Query::Machines);
        assert_eq!(machines, Err(Rejection::Malformed(Query::Machines)));
        let long = vec![b' '; MAX_REPLY_BYTES + 1];
        assert_eq!(Replies::read(&long).unwrap_err(), Rejection::TooMuch);
    }

    proptest! {
        #[test]
        fn any_bytes_end(text: Vec<u8>) {
            let _ = Replies::read(&text);
        }
    }
}
