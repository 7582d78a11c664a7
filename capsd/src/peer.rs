//! One client: its connection, and the bytes that wait on either side of it.

use crate::pool::{LONG_BYTES, Pool, Queue};
use crate::users::User;
use caps_linux::Errno;
use caps_linux::serve::{Interest, Stream};
use caps_rpc::packet::Program;
use caps_rpc::{Connection, MAX_REPLY_BYTES, Node, Progress};

/// Bytes of a call that are gathered without a long buffer: all but comparing and baselines are shorter.
const CALL_BYTES: usize = 1024;
/// Bytes of a reply that wait without a long buffer: all but lists are shorter.
const REPLY_BYTES: usize = 512;
/// Bytes of a document that are sent at once.
const PIECE_BYTES: usize = 128 << 10;

/// Where bytes are made before they are sent, and long calls gathered that find no buffer.
pub(crate) type Scratch = [u8; MAX_REPLY_BYTES + PIECE_BYTES];

/// A client that is connected.
pub(crate) struct Peer {
    stream: Stream,
    connection: Connection,
    pub(crate) user: User,
    input: Queue<CALL_BYTES>,
    output: Queue<REPLY_BYTES>,
    /// The connection ends when the output is out.
    ending: bool,
    /// Bytes were sent or a packet was taken in this turn.
    moved: bool,
    need: Option<Need>,
    /// Time of the clock at which the client is disconnected, unless its call has come to an end or its reply has moved.
    deadline_ms: Option<u64>,
    /// Time of its last call; keepalive is none.
    pub(crate) active_ms: u64,
}

/// A long buffer that a client waits for.
#[derive(Clone, Copy)]
struct Need {
    side: Side,
    since_ms: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Input,
    Output,
}

/// Continuation of a client after its turn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It has more to do: another turn, once all others have had theirs.
    Again,
    /// Something to read, or room to write.
    Wait(Interest),
    /// The connection has ended.
    Gone,
}

/// What a turn of a client is done with.
pub(crate) struct Means<'m> {
    pub(crate) node: &'m mut dyn Node,
    pub(crate) pool: &'m mut Pool,
    pub(crate) scratch: &'m mut Scratch,
    pub(crate) now_ms: u64,
    /// Time for opening the connection, for one call to arrive, and for a reply to move.
    pub(crate) limit_ms: u64,
}

/// The client has disconnected or must be disconnected.
struct Gone;

impl Peer {
    pub(crate) const fn new(stream: Stream, user: User, now_ms: u64, limit_ms: u64) -> Self {
        Self {
            stream,
            connection: Connection::new(),
            user,
            input: Queue::new(),
            output: Queue::new(),
            ending: false,
            moved: false,
            need: None,
            deadline_ms: Some(now_ms.saturating_add(limit_ms)),
            active_ms: now_ms,
        }
    }

    pub(crate) const fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Returns `true` if it must be disconnected.
    pub(crate) fn is_late(&self, now_ms: u64) -> bool {
        self.deadline_ms.is_some_and(|deadline_ms| deadline_ms <= now_ms)
    }

    /// Returns `true` if no call is under way.
    pub(crate) const fn is_idle(&self) -> bool {
        self.input.is_empty() && self.output.is_empty() && !self.connection.is_streaming()
    }

    /// Returns `true` once the client has opened the driver.
    pub(crate) const fn is_open(&self) -> bool {
        self.connection.is_open()
    }

    /// Time since which it waits for a long buffer.
    pub(crate) fn waits_since_ms(&self) -> Option<u64> {
        self.need.map(|need| need.since_ms)
    }

    /// Takes the long buffer that it waits for. Returns `false` if there is none for its user.
    pub(crate) fn take_buffer(&mut self, pool: &mut Pool) -> bool {
        let taken = match self.need.map(|need| need.side) {
            Some(Side::Input) => self.input.grow(pool, self.user),
            Some(Side::Output) => self.output.grow(pool, self.user),
            None => false,
        };
        if taken {
            // Its time begins now.
            (self.need, self.moved) = (None, true);
        }
        taken
    }

    /// Goes on with this client by one call, one read and one write at most.
    pub(crate) fn turn(&mut self, means: &mut Means<'_>) -> Next {
        let next = self.advance(means).unwrap_or(Next::Gone);
        let moved = core::mem::take(&mut self.moved);
        let waits = self.need.is_some_and(|need| need.side == Side::Output);
        self.deadline_ms = match self.deadline_ms {
            until_open if !self.connection.is_open() => until_open,
            _ if waits || self.is_idle() => None,
            Some(deadline_ms) if !moved => Some(deadline_ms),
            _ => Some(means.now_ms.saturating_add(means.limit_ms)),
        };
        next
    }

    /// Gives back what is kept for this client.
    pub(crate) fn close(&mut self, node: &mut dyn Node, pool: &mut Pool) {
        self.connection.close(node);
        self.input.passed(usize::MAX, pool);
        self.output.passed(usize::MAX, pool);
    }

    fn advance(&mut self, means: &mut Means<'_>) -> Result<Next, Gone> {
        if let Some(next) = self.flush(means)? {
            return Ok(next);
        }
        if self.ending {
            return Err(Gone);
        }
        if let Some(next) = self.answer(means)? {
            return Ok(next);
        }
        if !self.read(means)? {
            return Ok(Next::Wait(Interest::Read));
        }
        Ok(self.answer(means)?.unwrap_or(Next::Wait(Interest::Read)))
    }

    /// Sends what waits, a piece of a document at most. Returns `None` if nothing is left.
    fn flush(&mut self, means: &mut Means<'_>) -> Result<Option<Next>, Gone> {
        if !self.output.is_empty() {
            let sent = self.sent(self.output.bytes(means.pool))?;
            self.moved |= sent > 0;
            self.output.passed(sent, means.pool);
            if !self.output.is_empty() {
                return Ok(Some(Next::Wait(Interest::Write)));
            }
        }
        if !self.connection.is_streaming() {
            return Ok(None);
        }
        let (_, room) = means.scratch.split_at_mut(MAX_REPLY_BYTES);
        let len = self.connection.stream(means.node, room);
        let sent = self.sent(room.get(..len).unwrap_or(room))?;
        self.moved |= sent > 0;
        self.connection.passed(sent, means.node);
        Ok(match (sent == len, self.connection.is_streaming()) {
            (false, _) => Some(Next::Wait(Interest::Write)),
            (true, true) => Some(Next::Again),
            (true, false) => None,
        })
    }

    /// Answers one packet; `None` if no whole one is there.
    fn answer(&mut self, means: &mut Means<'_>) -> Result<Option<Next>, Gone> {
        let need = self.need.take();
        let wanted = self.connection.wanted(self.input.bytes(means.pool)).unwrap_or(0) as usize;
        let is_long = (self.input.capacity() + 1..=LONG_BYTES).contains(&wanted);
        let (reply, room) = means.scratch.split_at_mut(MAX_REPLY_BYTES);
        let gathered = if is_long && !self.input.grow(means.pool, self.user) {
            // A reply to it must not need a buffer either.
            if !self.stream.is_drained() || !self.gather(room.get_mut(..wanted), means.pool)? {
                return Ok(Some(self.wait(Side::Input, need, means.now_ms)));
            }
            room.get(..wanted)
        } else {
            None
        };
        let input = gathered.unwrap_or(self.input.bytes(means.pool));
        let is_call = input.get(4..8) != Some(&Program::KEEPALIVE.number.to_be_bytes());
        let progress = self.connection.receive(input, LONG_BYTES, means.node, reply);
        let progress = progress.map_err(|_| Gone)?;
        if progress == Progress::default() {
            return Ok(None);
        }
        if progress.made > REPLY_BYTES && !self.can_send_long(means.pool) {
            // The call stays where it is, and is answered again: calls with long replies change nothing.
            return Ok(Some(self.wait(Side::Output, need, means.now_ms)));
        }
        if is_call && self.connection.is_open() {
            self.active_ms = means.now_ms;
        }
        self.input.passed(progress.taken, means.pool);
        (self.ending, self.moved) = (progress.end, true);
        self.send(progress.made, means).map(Some)
    }

    /// Waits for a buffer, or for the client to send or to take what makes one needless.
    fn wait(&mut self, side: Side, before: Option<Need>, now_ms: u64) -> Next {
        let since_ms = before.map_or(now_ms, |need| need.since_ms);
        self.need = Some(Need { side, since_ms });
        Next::Wait(Interest::Change)
    }

    /// Moves a whole call to `room`. Returns `false` if the kernel does not have all of it yet.
    fn gather(&mut self, room: Option<&mut [u8]>, pool: &mut Pool) -> Result<bool, Gone> {
        let (Some(room), bytes) = (room, self.input.bytes(pool)) else { return Ok(false) };
        let Some((begin, mut rest)) = room.split_at_mut_checked(bytes.len()) else {
            return Ok(false);
        };
        if self.stream.unread_bytes() < rest.len() {
            return Ok(false);
        }
        begin.copy_from_slice(bytes);
        while !rest.is_empty() {
            let count = self.stream.receive(rest).map_err(|_| Gone)?;
            rest = rest.get_mut(count..).filter(|_| count > 0).ok_or(Gone)?;
        }
        self.input.passed(usize::MAX, pool);
        Ok(true)
    }

    /// Returns `true` if a long reply can be sent without losing any of it: the kernel takes all, or a buffer takes the rest.
    fn can_send_long(&self, pool: &Pool) -> bool {
        self.output.is_long() || pool.has_one_for(self.user) || self.stream.is_drained()
    }

    /// Sends the `made` bytes at the beginning of the scratch, and of a document that follows as much as goes with them.
    fn send(&mut self, made: usize, means: &mut Means<'_>) -> Result<Next, Gone> {
        let room = means.scratch.get_mut(made..).unwrap_or(&mut []);
        let streamed = self.connection.stream(means.node, room);
        let all = means.scratch.get(..made + streamed).unwrap_or(means.scratch);
        let sent = if all.is_empty() { 0 } else { self.sent(all)? };
        self.connection.passed(sent.saturating_sub(made), means.node);
        let rest = all.get(sent..made).unwrap_or(&[]);
        if !self.output.add(rest, means.pool, self.user) {
            return Err(Gone);
        }
        // A buffer that turned out not to be needed is given back.
        self.output.passed(0, means.pool);
        match sent == all.len() {
            false => Ok(Next::Wait(Interest::Write)),
            true if self.ending => Err(Gone),
            true if self.is_idle() => Ok(Next::Wait(Interest::Read)),
            true => Ok(Next::Again),
        }
    }

    /// Reads once; false where there is nothing to read.
    fn read(&mut self, means: &mut Means<'_>) -> Result<bool, Gone> {
        match self.stream.receive(self.input.room(means.pool)) {
            Ok(0) => Err(Gone),
            Ok(count) => {
                self.input.added(count);
                Ok(true)
            }
            Err(Errno::AGAIN) => Ok(false),
            Err(_) => Err(Gone),
        }
    }

    /// How much was sent; 0 where there is no room.
    fn sent(&self, bytes: &[u8]) -> Result<usize, Gone> {
        match self.stream.send(bytes) {
            Ok(sent) => Ok(sent),
            Err(Errno::AGAIN) => Ok(0),
            Err(_) => Err(Gone),
        }
    }
}
