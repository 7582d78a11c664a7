//! The loop: waits for clients, gives each its turn, and lets none take another's.

use crate::asking::Asking;
use crate::log::log;
use crate::machine::Machine;
use crate::peer::{Means, Next, Peer, Scratch};
use crate::pool::Pool;
use crate::sockets::Sockets;
use caps_linux::Errno;
use caps_linux::serve::{Event, Interest, Poll, Signals, Stream, monotonic_ms};
use caps_rpc::MAX_REPLY_BYTES;

/// Clients at once.
const PEERS: usize = 1024;
/// Milliseconds that a client must have been silent for to make room for another.
const SILENCE_MS: u64 = 60_000;
/// Milliseconds between two looks for clients whose time is over, and for room where there was none.
const TICK_MS: u32 = 1000;
/// Events that are taken at once.
const EVENTS: usize = 64;

/// Tokens: signals, the program that asks emulators, listeners, then peers with the number of their connection in the high half.
const SIGNALS: u64 = 0;
const ASKING: u64 = 1;
const FIRST_LISTENER: u64 = 2;
const FIRST_PEER: u32 = 16;

/// Clients and what they share.
pub(crate) struct Peers {
    /// As many as there ever were clients at once.
    slots: heapless::Vec<Slot, PEERS>,
    pool: Pool,
    scratch: Scratch,
    /// Slots that are taken.
    count: usize,
    /// Connections so far.
    serial: u32,
}

struct Slot {
    peer: Option<Peer>,
    /// Tells a connection from earlier ones of the slot.
    serial: u32,
    /// What the client is waited for.
    interest: Interest,
}

impl Peers {
    pub(crate) const fn new() -> Self {
        Self {
            slots: heapless::Vec::new(),
            pool: Pool::new(),
            scratch: [0; size_of::<Scratch>()],
            count: 0,
            serial: 0,
        }
    }
}

/// What serves.
pub(crate) struct Server<'s> {
    poll: Poll,
    sockets: &'s Sockets,
    peers: &'s mut Peers,
    machine: Machine<'s>,
    asking: Asking,
    /// Whether new clients are waited for.
    listening: bool,
    quiet: bool,
}

impl<'s> Server<'s> {
    pub(crate) fn new(
        signals: &Signals,
        sockets: &'s Sockets,
        peers: &'s mut Peers,
        machine: Machine<'s>,
        asking: Asking,
        quiet: bool,
    ) -> Result<Self, Errno> {
        let poll = Poll::new()?;
        poll.add(signals, SIGNALS, Interest::Read)?;
        for (listener, token) in sockets.listeners.iter().zip(FIRST_LISTENER..) {
            poll.add(listener, token, Interest::Read)?;
        }
        Ok(Self { poll, sockets, peers, machine, asking, listening: true, quiet })
    }

    /// Serves until a signal says to end.
    pub(crate) fn run(&mut self) -> Result<(), Errno> {
        let mut ticked_ms = monotonic_ms();
        self.asking.look(&self.machine.source, &self.poll, ASKING, ticked_ms);
        loop {
            let busy = self.peers.count > 0 || !self.listening || self.asking.is_under_way();
            let patience_ms = busy.then_some(TICK_MS);
            let mut events = [Event::NONE; EVENTS];
            let ready = self.poll.wait(&mut events, patience_ms)?;
            let now_ms = monotonic_ms();
            for event in ready {
                match event.token() {
                    SIGNALS => return Ok(()),
                    ASKING => self.asking.end(),
                    token if token < FIRST_PEER.into() => self.accept(token, now_ms)?,
                    token => self.turn(token, now_ms),
                }
            }
            // Nobody waits for this: all that is due was answered.
            self.asking.look(&self.machine.source, &self.poll, ASKING, now_ms);
            if now_ms.saturating_sub(ticked_ms) >= TICK_MS.into() {
                ticked_ms = now_ms;
                self.tick(now_ms)?;
            }
        }
    }

    /// Takes every client that waits at a listener, as far as there is room.
    fn accept(&mut self, token: u64, now_ms: u64) -> Result<(), Errno> {
        let index = token.saturating_sub(FIRST_LISTENER) as usize;
        let sockets = self.sockets;
        let Some(listener) = sockets.listeners.get(index) else { return Ok(()) };
        loop {
            let Some(slot) = self.free_slot(now_ms) else { return self.listen(false) };
            match listener.accept() {
                Ok(Some(stream)) => self.welcome(slot, stream, now_ms),
                Ok(None) => return Ok(()),
                Err(errno) => {
                    log!("a client cannot be accepted: {errno}");
                    return self.listen(false);
                }
            }
        }
    }

    /// Begins or ceases to wait for new clients.
    fn listen(&mut self, listening: bool) -> Result<(), Errno> {
        if self.listening != listening {
            let interest = listening.then_some(Interest::Read);
            for (listener, token) in self.sockets.listeners.iter().zip(FIRST_LISTENER..) {
                self.poll.change(listener, token, interest)?;
            }
            self.listening = listening;
        }
        Ok(())
    }

    /// A slot for a new client: one that is free, or that of the client which has been silent the longest.
    fn free_slot(&mut self, now_ms: u64) -> Option<usize> {
        let Peers { slots, count, .. } = &mut *self.peers;
        if *count < slots.len() {
            return slots.iter().position(|slot| slot.peer.is_none());
        }
        let fresh = Slot { peer: None, serial: 0, interest: Interest::Read };
        if slots.push(fresh).is_ok() {
            return Some(slots.len() - 1);
        }
        let silent = |slot: &Slot| {
            let peer = slot.peer.as_ref().filter(|peer| peer.is_idle())?;
            Some(now_ms.saturating_sub(peer.active_ms)).filter(|&silent| silent >= SILENCE_MS)
        };
        let slots = self.peers.slots.iter().enumerate();
        let (_, longest) = slots.filter_map(|(at, slot)| Some((silent(slot)?, at))).max()?;
        self.remove(longest);
        Some(longest)
    }

    fn welcome(&mut self, index: usize, stream: Stream, now_ms: u64) {
        self.peers.serial = self.peers.serial.wrapping_add(1);
        let token = token(index, self.peers.serial);
        if !self.quiet
            && let Ok(peer) = stream.peer()
        {
            log!("client: pid {}, uid {}, gid {}", peer.pid, peer.uid, peer.gid);
        }
        if let Err(errno) = self.poll.add(&stream, token, Interest::Read) {
            return log!("a client cannot be waited for: {errno}");
        }
        let serial = self.peers.serial;
        if let Some(slot) = self.peers.slots.get_mut(index) {
            let peer = Some(Peer::new(stream, now_ms));
            *slot = Slot { peer, serial, interest: Interest::Read };
            self.peers.count += 1;
        }
    }

    /// The turn of the client behind `token`, if it is still the same.
    fn turn(&mut self, token: u64, now_ms: u64) {
        let (serial, number) = ((token >> 32) as u32, token as u32);
        let index = number.saturating_sub(FIRST_PEER) as usize;
        let Peers { slots, pool, scratch, .. } = &mut *self.peers;
        let Some(slot) = slots.get_mut(index).filter(|slot| slot.serial == serial) else { return };
        let Some(peer) = &mut slot.peer else { return };
        let next = peer.turn(&mut Means { node: &mut self.machine, pool, scratch, now_ms });
        let changed = match next {
            Next::Wait(interest) if slot.interest == interest => Ok(()),
            Next::Wait(interest) => {
                slot.interest = interest;
                self.poll.change(peer.stream(), token, Some(interest))
            }
            Next::Gone => Err(Errno::AGAIN),
        };
        if changed.is_err() {
            self.remove(index);
        }
    }

    /// Hangs up on a client.
    fn remove(&mut self, index: usize) {
        let Peers { slots, pool, count, .. } = &mut *self.peers;
        let Some(slot) = slots.get_mut(index) else { return };
        if let Some(mut peer) = slot.peer.take() {
            peer.close(&mut self.machine, pool);
            *count = count.saturating_sub(1);
        }
    }

    /// Hangs up on clients whose time is over, and waits for new ones again.
    fn tick(&mut self, now_ms: u64) -> Result<(), Errno> {
        for index in 0..self.peers.slots.len() {
            let peer = self.peers.slots.get(index).and_then(|slot| slot.peer.as_ref());
            let deadline = peer.and_then(Peer::deadline_ms);
            if deadline.is_some_and(|deadline| deadline <= now_ms) {
                self.remove(index);
            }
        }
        self.listen(true)
    }
}

fn token(index: usize, serial: u32) -> u64 {
    u64::from(serial) << 32 | u64::from(FIRST_PEER.saturating_add(index as u32))
}

const _: () = assert!(size_of::<Scratch>() > MAX_REPLY_BYTES);
