//! The conversation with logind, as a state machine without I/O.
use super::{
    Answer, Answers, Call, Failure,
    auth::{Greeting, Line, greeting},
    body::Texts,
    fields::BodyType,
    message::{Event, Messages, Reply},
};

const LOGIN1: &[u8] = b"org.freedesktop.login1";
const SYSTEMD1: &[u8] = b"org.freedesktop.systemd1";

/// Asks logind on the system bus which ways of sleeping the host has.
///
/// Drive it by [`step`](Self::step): send what it says, give what comes to [`received`](Self::received). It neither
/// waits nor gives up: the deadline and the end of the stream are the caller's. About 1.2 KiB, without a heap.
///
/// logind is there if the bus can start `org.freedesktop.login1` and has either it or `org.freedesktop.systemd1`; else the
/// outcome is [`Step::Absent`]. The first D-Bus error ends it: [`Step::Failed`].
#[derive(Debug)]
pub struct Logind {
    greeting: Greeting,
    state: State,
    /// What the state has to say is still to be sent.
    unsent: bool,
    messages: Messages,
    /// Body of the reply that is coming in.
    reply: Option<Texts>,
    /// The list of names has what is looked for.
    found: bool,
    answers: Answers,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Send all these bytes, then ask again. They are not given a second time.
    Send(&'a [u8]),
    /// Wait for bytes, and hand them to [`Logind::received`].
    Receive,
    /// The end: these are the answers.
    Done(Answers),
    /// The end: there is no logind on this bus.
    Absent,
    /// The end: it could not be asked, so nothing is supported.
    Failed(Failure),
}

#[derive(Debug)]
enum State {
    Greeting(Line),
    Calling(Call),
    Done,
    Absent,
    Failed(Failure),
}

impl Logind {
    /// A conversation to begin on a fresh connection, as the user `uid` (the effective one of this process).
    pub fn new(uid: u32) -> Self {
        Self {
            greeting: greeting(uid),
            state: State::Greeting(Line::new()),
            unsent: true,
            messages: Messages::new(),
            reply: None,
            found: false,
            answers: Answers::default(),
        }
    }

    /// What to do now.
    pub fn step(&mut self) -> Step<'_> {
        let unsent = core::mem::take(&mut self.unsent);
        match self.state {
            State::Greeting(_) if unsent => Step::Send(self.greeting.kept()),
            State::Calling(call) if unsent => Step::Send(call.request()),
            State::Greeting(_) | State::Calling(_) => Step::Receive,
            State::Done => Step::Done(self.answers),
            State::Absent => Step::Absent,
            State::Failed(failure) => Step::Failed(failure),
        }
    }

    /// Takes what the bus has sent. The stream may be cut anywhere; what comes after the end is dropped.
    pub fn received(&mut self, bytes: &[u8]) {
        let mut input = bytes;
        if let Err(failure) = self.read(&mut input) {
            self.state = State::Failed(failure);
        }
    }

    fn read(&mut self, input: &mut &[u8]) -> Result<(), Failure> {
        if let State::Greeting(line) = &mut self.state
            && line.read(input)?
        {
            self.call(Call::Hello);
        }
        while let State::Calling(call) = self.state {
            match self.messages.next(input)? {
                None => break,
                Some(Event::Reply(reply)) => self.open(call, reply)?,
                Some(Event::Body(part)) => self.body(call, part)?,
                Some(Event::End) => self.close(call)?,
            }
        }
        Ok(())
    }

    fn call(&mut self, call: Call) {
        self.state = State::Calling(call);
        self.unsent = true;
        self.found = false;
    }

    /// A reply begins. One to another call is not ours: it is dropped as it passes.
    fn open(&mut self, call: Call, reply: Reply) -> Result<(), Failure> {
        if reply.to != call.serial() {
            return Ok(());
        }
        if reply.error {
            return Err(Failure::ErrorReply(call));
        }
        let texts = match (call, reply.body_type) {
            (Call::ListActivatableNames | Call::ListNames, BodyType::Texts) => Texts::many,
            (Call::ListActivatableNames | Call::ListNames, _) => {
                return Err(Failure::ReplyType(call));
            }
            (_, BodyType::Text) => Texts::one,
            _ => return Err(Failure::ReplyType(call)),
        };
        self.reply = Some(texts(reply.body_len, reply.endian));
        Ok(())
    }

    fn body(&mut self, call: Call, part: &[u8]) -> Result<(), Failure> {
        let Some(reply) = &mut self.reply else { return Ok(()) };
        for byte in part {
            if reply.byte(*byte)? {
                let text = reply.text();
                match call {
                    Call::Hello => {}
                    Call::ListActivatableNames => self.found |= text.is(LOGIN1),
                    Call::ListNames => self.found |= text.is(LOGIN1) || text.is(SYSTEMD1),
                    Call::CanSuspend => self.answers.suspend = Answer::new(text.kept()),
                    Call::CanHibernate => self.answers.hibernate = Answer::new(text.kept()),
                    Call::CanHybridSleep => self.answers.hybrid_sleep = Answer::new(text.kept()),
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, call: Call) -> Result<(), Failure> {
        let Some(reply) = self.reply.take() else { return Ok(()) };
        reply.finish()?;
        match (call, call.following()) {
            (Call::ListActivatableNames | Call::ListNames, _) if !self.found => {
                self.state = State::Absent
            }
            (_, Some(following)) => self.call(following),
            (_, None) => self.state = State::Done,
        }
        Ok(())
    }
}
