//! One client: its connection, and the bytes that wait on either side of it.

use crate::pool::{LONG_BYTES, Pool, Queue};
use caps_linux::Errno;
use caps_linux::serve::{Interest, Stream};
use caps_rpc::{Connection, MAX_REPLY_BYTES, Node, Progress};

/// Bytes of a call that are gathered without a long buffer: all but comparing and baselines are shorter.
const CALL_BYTES: usize = 1024;
/// Bytes of a reply that wait without a long buffer: all but lists are shorter.
const REPLY_BYTES: usize = 512;
/// Milliseconds for opening the connection, for a call to arrive, for a reply to be taken.
const PATIENCE_MS: u64 = 30_000;
/// Bytes of a document that are sent at once.
const PIECE_BYTES: usize = 128 << 10;

/// Where bytes are made before they are sent.
pub(crate) type Scratch = [u8; MAX_REPLY_BYTES + PIECE_BYTES];

/// A client that is connected.
pub(crate) struct Peer {
    stream: Stream,
    connection: Connection,
    input: Queue<CALL_BYTES>,
    output: Queue<REPLY_BYTES>,
    /// The connection ends when the output is out.
    ending: bool,
    /// When it is hung up on, unless what it is at has come to an end: milliseconds of the clock.
    deadline_ms: Option<u64>,
    /// When it last asked something.
    pub(crate) active_ms: u64,
}

/// What a client is waited for next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Something to read, or room to write.
    Wait(Interest),
    /// Nothing any more.
    Gone,
}

/// What a turn of a client is done with.
pub(crate) struct Means<'m> {
    pub(crate) node: &'m mut dyn Node,
    pub(crate) pool: &'m mut Pool,
    pub(crate) scratch: &'m mut Scratch,
    pub(crate) now_ms: u64,
}

/// A client that is gone, or that is to be.
struct Gone;

impl Peer {
    pub(crate) const fn new(stream: Stream, now_ms: u64) -> Self {
        Self {
            stream,
            connection: Connection::new(),
            input: Queue::new(),
            output: Queue::new(),
            ending: false,
            deadline_ms: Some(now_ms + PATIENCE_MS),
            active_ms: now_ms,
        }
    }

    pub(crate) const fn stream(&self) -> &Stream {
        &self.stream
    }

    /// When it is to be hung up on.
    pub(crate) const fn deadline_ms(&self) -> Option<u64> {
        self.deadline_ms
    }

    /// Whether nothing is under way that it would miss.
    pub(crate) const fn is_idle(&self) -> bool {
        self.input.is_empty() && self.output.is_empty() && !self.connection.is_streaming()
    }

    /// Goes on with this client as far as that goes without waiting.
    pub(crate) fn turn(&mut self, means: &mut Means<'_>) -> Next {
        self.active_ms = means.now_ms;
        let next = self.advance(means).map_or(Next::Gone, Next::Wait);
        let settled = self.is_idle() && self.connection.is_open();
        self.deadline_ms = match self.deadline_ms {
            _ if settled => None,
            None => Some(means.now_ms + PATIENCE_MS),
            set => set,
        };
        next
    }

    /// Gives back what is kept for this client.
    pub(crate) fn close(&mut self, node: &mut dyn Node, pool: &mut Pool) {
        self.connection.close(node);
        self.input.passed(usize::MAX, pool);
        self.output.passed(usize::MAX, pool);
    }

    fn advance(&mut self, means: &mut Means<'_>) -> Result<Interest, Gone> {
        loop {
            if !self.flush(means)? {
                return Ok(Interest::Write);
            }
            if self.ending {
                return Err(Gone);
            }
            let progress = self.answer(means)?;
            if progress == Progress::default()
                && !self.connection.is_streaming()
                && !self.read(means)?
            {
                return Ok(Interest::Read);
            }
        }
    }

    /// Sends what waits; false where not all of it is taken.
    fn flush(&mut self, means: &mut Means<'_>) -> Result<bool, Gone> {
        while !self.output.is_empty() {
            let sent = sent(&self.stream, self.output.bytes(means.pool))?;
            if sent == 0 {
                return Ok(false);
            }
            self.output.passed(sent, means.pool);
        }
        while self.connection.is_streaming() {
            let (_, room) = means.scratch.split_at_mut(MAX_REPLY_BYTES);
            let len = self.connection.stream(means.node, room);
            let sent = sent(&self.stream, room.get(..len).unwrap_or(room))?;
            self.connection.passed(sent, means.node);
            if sent == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Answers one packet, if a whole one is there, and sends what is taken of the answer.
    fn answer(&mut self, means: &mut Means<'_>) -> Result<Progress, Gone> {
        let wanted = self.connection.wanted(self.input.bytes(means.pool)).unwrap_or(0) as usize;
        if (self.input.capacity() + 1..=LONG_BYTES).contains(&wanted) {
            // Without a long buffer the call is refused.
            self.input.grow(means.pool);
        }
        let capacity = self.input.capacity();
        let input = self.input.bytes(means.pool);
        let reply = means.scratch.get_mut(..MAX_REPLY_BYTES).unwrap_or(&mut []);
        let progress = self.connection.receive(input, capacity, means.node, reply);
        let progress = progress.map_err(|_| Gone)?;
        self.input.passed(progress.taken, means.pool);
        self.ending = progress.end;
        if progress.made > 0 {
            self.send(progress.made, means)?;
        }
        Ok(progress)
    }

    /// Sends the `made` bytes at the beginning of the scratch, and of a document that follows as much as goes with them.
    fn send(&mut self, made: usize, means: &mut Means<'_>) -> Result<(), Gone> {
        let room = means.scratch.get_mut(made..).unwrap_or(&mut []);
        let streamed = self.connection.stream(means.node, room);
        let all = means.scratch.get(..made + streamed).unwrap_or(means.scratch);
        let sent = sent(&self.stream, all)?;
        self.connection.passed(sent.saturating_sub(made), means.node);
        let rest = all.get(sent..made).unwrap_or(&[]);
        if self.output.add(rest, means.pool) { Ok(()) } else { Err(Gone) }
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
}

/// How much was sent; 0 where there is no room.
fn sent(stream: &Stream, bytes: &[u8]) -> Result<usize, Gone> {
    match stream.send(bytes) {
        Ok(sent) => Ok(sent),
        Err(Errno::AGAIN) => Ok(0),
        Err(_) => Err(Gone),
    }
}
