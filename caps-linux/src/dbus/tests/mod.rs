//! The whole state machine against a bus that is written down here.
use super::{Answer, Answers, Call, Failure, Logind, Step};
use proptest::prelude::*;
use std::{string::String, vec::Vec};

mod failures;

const CALLS: [Call; 6] = [
    Call::Hello,
    Call::ListActivatableNames,
    Call::ListNames,
    Call::CanSuspend,
    Call::CanHibernate,
    Call::CanHybridSleep,
];
const METHOD_RETURN: u8 = 2;
const ERROR: u8 = 3;
const SIGNAL: u8 = 4;
const LOGIN1: &str = "org.freedesktop.login1";
const SYSTEMD1: &str = "org.freedesktop.systemd1";

/// Makes messages in one byte order.
#[derive(Clone, Copy, Debug)]
struct Bus(char);

impl Bus {
    fn u32(self, n: usize) -> [u8; 4] {
        let n = n as u32;
        if self.0 == 'l' { n.to_le_bytes() } else { n.to_be_bytes() }
    }

    fn text(self, text: &str) -> Vec<u8> {
        [&self.u32(text.len()), text.as_bytes(), b"\0"].concat()
    }

    fn texts(self, texts: &[&str]) -> Vec<u8> {
        let mut body = Vec::new();
        for text in texts {
            body.resize(body.len().next_multiple_of(4), 0);
            body.extend(self.text(text));
        }
        [&self.u32(body.len())[..], &body].concat()
    }

    fn field(self, code: u8, kind: u8, value: &[u8]) -> Vec<u8> {
        let mut field = [&[code, 1, kind, 0], value].concat();
        field.resize(field.len().next_multiple_of(8), 0);
        field
    }

    /// A message with a sender, a signature, and what it replies to (0: nothing).
    fn message(self, kind: u8, to: usize, signature: &str, body: &[u8]) -> Vec<u8> {
        let signature = [&[signature.len() as u8], signature.as_bytes(), b"\0"].concat();
        let mut fields = self.field(7, b's', &self.text("org.freedesktop.DBus"));
        fields.extend(self.field(8, b'g', &signature));
        if to > 0 {
            fields.extend(self.field(5, b'u', &self.u32(to)));
        }
        let fixed =
            [[self.0 as u8, kind, 1, 1], self.u32(body.len()), self.u32(9), self.u32(fields.len())];
        [&fixed.concat()[..], &fields, body].concat()
    }

    fn reply(self, call: Call, body: &[u8]) -> Vec<u8> {
        let signature =
            if matches!(call, Call::ListActivatableNames | Call::ListNames) { "as" } else { "s" };
        self.message(METHOD_RETURN, call.serial() as usize, signature, body)
    }

    /// Replies of a bus with logind on it, one for each call.
    fn replies(self) -> Vec<Vec<u8>> {
        let bodies = [
            self.text(":1.7"),
            self.texts(&["org.freedesktop.DBus", LOGIN1]),
            self.texts(&["org.freedesktop.DBus", ":1.7", ":1.0", LOGIN1, "fi.w1.wpa_supplicant1"]),
            self.text("yes"),
            self.text("challenge"),
            self.text("no"),
        ];
        CALLS.iter().zip(bodies).map(|(call, body)| self.reply(*call, &body)).collect()
    }

    /// The same with the reply to one call replaced.
    fn with(self, call: Call, reply: Vec<u8>) -> Vec<u8> {
        let mut replies = self.replies();
        replies[call as usize] = reply;
        after_ok(&replies.concat())
    }

    /// Messages that are of no concern to us.
    fn noise(self) -> Vec<u8> {
        let long = "x".repeat(2000);
        [
            self.message(SIGNAL, 0, "s", &self.text(":1.7")),
            self.message(SIGNAL, 4, "s", &self.text(&long)),
            self.message(1, 0, "", b""),
            self.message(77, 0, "", b"abc"),
            self.message(METHOD_RETURN, 99, "as", b"garbage"),
            self.message(ERROR, 98, "", b""),
        ]
        .concat()
    }
}

fn after_ok(messages: &[u8]) -> Vec<u8> {
    [b"OK 0123456789abcdef0123456789abcdef\r\n", messages].concat()
}

/// Hands over `stream` in pieces of these sizes, over and over; gives what was sent, and the last step.
fn converse(stream: &[u8], sizes: &[usize]) -> (Vec<u8>, Step<'static>) {
    let (mut logind, mut sent, mut rest) = (Logind::new(0), Vec::new(), stream);
    for size in sizes.iter().cycle() {
        let last = loop {
            match logind.step() {
                Step::Send(bytes) => sent.extend_from_slice(bytes),
                Step::Receive => break Step::Receive,
                Step::Done(answers) => break Step::Done(answers),
                Step::Absent => break Step::Absent,
                Step::Failed(failure) => break Step::Failed(failure),
            }
        };
        if rest.is_empty() {
            return (sent, last);
        }
        let (piece, left) = rest.split_at((*size).min(rest.len()));
        logind.received(piece);
        rest = left;
    }
    (sent, Step::Receive)
}

/// The outcome, which must be the same for the whole stream at once and byte by byte.
fn outcome(stream: &[u8]) -> Step<'static> {
    let (_, whole) = converse(stream, &[usize::MAX]);
    let (_, bytes) = converse(stream, &[1]);
    assert_eq!(whole, bytes);
    whole
}

fn answers() -> Step<'static> {
    let [suspend, hibernate, hybrid_sleep] = [&b"yes"[..], b"challenge", b"no"].map(Answer::new);
    Step::Done(Answers { suspend, hibernate, hybrid_sleep })
}

#[test]
fn a_conversation_in_either_byte_order() {
    for bus in [Bus('l'), Bus('B')] {
        let (sent, end) = converse(&after_ok(&bus.replies().concat()), &[1]);
        assert_eq!(end, answers());
        let requests: Vec<&[u8]> = CALLS.iter().map(|call| call.request()).collect();
        assert_eq!(sent, [b"\0AUTH EXTERNAL 30\r\n", requests.concat().as_slice()].concat());
    }
}

#[test]
fn what_is_not_for_us_is_dropped() {
    let bus = Bus('l');
    let noise = [Bus('B').noise(), bus.noise()].concat();
    let stream = after_ok(&[noise.as_slice(), &bus.replies().join(&noise[..])].concat());
    assert_eq!(outcome(&stream), answers());
}

#[test]
fn nothing_is_answered_while_replies_are_missing() {
    let stream = after_ok(&Bus('l').replies().concat());
    for end in 0..stream.len() {
        assert_eq!(converse(&stream[..end], &[usize::MAX]).1, Step::Receive);
    }
}

#[test]
fn what_comes_after_the_end_is_dropped() {
    let stream = [after_ok(&Bus('l').replies().concat()), b"garbage".to_vec()].concat();
    assert_eq!(outcome(&stream), answers());
    assert_eq!(outcome(b"REJECTED\r\nOK\r\n"), Step::Failed(Failure::Rejected));
}

#[test]
fn logind_must_be_activatable_and_it_or_systemd_on_the_bus() {
    let bus = Bus('l');
    let list = |call, names: &[&str]| outcome(&bus.with(call, bus.reply(call, &bus.texts(names))));
    assert_eq!(list(Call::ListActivatableNames, &[LOGIN1]), answers());
    assert_eq!(list(Call::ListNames, &[SYSTEMD1]), answers());
    for other in
        [&[][..], &[SYSTEMD1], &["org.freedesktop.login11"], &["org.freedesktop.login"], &[""]]
    {
        assert_eq!(list(Call::ListActivatableNames, other), Step::Absent, "{other:?}");
    }
    for other in [&[][..], &["org.freedesktop.systemd"], &["org.freedesktop.systemd1.x", ":1.0"]] {
        assert_eq!(list(Call::ListNames, other), Step::Absent, "{other:?}");
    }
}

#[test]
fn long_lists_of_names() {
    let bus = Bus('l');
    let names: Vec<String> =
        (0..20_000).map(|i| std::format!("org.example.service{}", "x".repeat(i % 40))).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    let list =
        |names: &[&str]| bus.with(Call::ListNames, bus.reply(Call::ListNames, &bus.texts(names)));
    assert_eq!(outcome(&list(&names)), Step::Absent);
    names.push(LOGIN1);
    assert_eq!(outcome(&list(&names)), answers());
}

#[test]
fn odd_answers_are_no_failure() {
    let bus = Bus('l');
    let longest = "y".repeat(5000);
    for word in ["", "inhibitor-blocked", longest.as_str()] {
        let stream = bus.with(Call::CanSuspend, bus.reply(Call::CanSuspend, &bus.text(word)));
        let Step::Done(answers) = outcome(&stream) else { panic!("{word} ended it") };
        assert_eq!(answers.suspend.as_str(), &word[..word.len().min(Answer::MAX_LEN)]);
        assert!(!answers.suspend.is_supported());
    }
}

/// A head of 16 bytes: byte order, type, version, length of the body, serial and length of the header fields.
fn head(order: u8, kind: u8, version: u8, [body, serial, fields]: [u32; 3]) -> Vec<u8> {
    [[order, kind, 0, version], body.to_le_bytes(), serial.to_le_bytes(), fields.to_le_bytes()]
        .concat()
}

#[test]
fn the_largest_message_is_skipped() {
    let mut logind = Logind::new(0);
    logind.received(&after_ok(&head(b'l', 4, 1, [64 << 20, 1, (64 << 20) - 16])));
    for _ in 0..127 {
        logind.received(&[0xff; 1 << 20]);
    }
    logind.received(&[0xff; (1 << 20) - 16]);
    Bus('l').replies().iter().for_each(|reply| logind.received(reply));
    assert!(matches!(logind.step(), Step::Done(_)));
}

#[test]
fn the_state_is_small() {
    assert!(size_of::<Logind>() <= 1296, "{}", size_of::<Logind>());
}

/// A whole conversation with noise in it, some bytes of which are changed.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let bus = prop_oneof![Just(Bus('l')), Just(Bus('B'))];
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (bus, changes).prop_map(|(bus, changes)| {
        let mut stream = after_ok(&bus.replies().join(&bus.noise()[..]));
        for (index, byte) in changes {
            let at = index.index(stream.len());
            stream[at] = byte;
        }
        stream
    })
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes: Vec<u8>) {
        outcome(&bytes);
        outcome(&after_ok(&bytes));
    }

    #[test]
    fn any_fields_are_taken(fields in prop::collection::vec(any::<u8>(), 0..1008)) {
        let message = [head(b'l', 2, 1, [0, 1, fields.len() as u32]), fields].concat();
        outcome(&after_ok(&[&message[..], &[0; 8]].concat()));
    }

    #[test]
    fn the_cut_does_not_matter(stream in damaged(), sizes in prop::collection::vec(1_usize..200, 1..9)) {
        prop_assert_eq!(converse(&stream, &sizes).1, outcome(&stream));
    }
}
