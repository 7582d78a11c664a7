//! All clients: who is let in, whose turn it is, who has to go.

use crate::log::log;
use crate::peer::{Means, Next, Peer, Scratch};
use crate::pool::Pool;
use crate::users::{MAX_CLIENTS, User, Users};
use caps_linux::Errno;
use caps_linux::serve::{Interest, Poll, Stream, monotonic_us};
use caps_rpc::{MAX_REPLY_BYTES, Node};

/// Tokens of clients begin here; the high half is the number of the connection.
pub(crate) const FIRST_TOKEN: u32 = 16;

/// Clients and what they share.
pub(crate) struct Clients {
    /// As many as there ever were clients at once.
    slots: heapless::Vec<Slot, MAX_CLIENTS>,
    /// Slots of the clients that have something to do, each of them once.
    turns: heapless::Deque<u16, MAX_CLIENTS>,
    /// Slots of the clients that must rest before they are in that queue again.
    resting: heapless::Deque<u16, MAX_CLIENTS>,
    /// The slot that had the last turn, and the last time at which that changed.
    last: usize,
    changed_us: u64,
    pub(crate) users: Users,
    pool: Pool,
    scratch: Scratch,
    /// Clients that wait for a long buffer.
    waiting: usize,
    /// Connections so far.
    serial: u32,
    /// Time for one call.
    pub(crate) limit_ms: u64,
}

struct Slot {
    peer: Option<Peer>,
    /// Tells a connection from earlier ones of the slot.
    serial: u32,
    /// What the client is waited for.
    interest: Interest,
    /// The slot is in one of the queues.
    has_turn: bool,
    /// Time at which the client has paid for the calls of its that took long.
    paid_us: u64,
}

/// Time of the agent that a client may use ahead, in microseconds.
const CREDIT_US: u64 = 2000;
/// A client that is not alone gets one part of this many of the agent's time, so that most calls of others find the agent free.
const PART: u64 = 4;
/// Time of a call that is long. Of shorter ones only those count that a client sends without waiting for their replies.
const LONG_CALL_US: u64 = 100;
/// Time for which a client is not alone after another had a turn.
const COMPANY_US: u64 = 1_000_000;

impl Clients {
    pub(crate) const fn new() -> Self {
        Self {
            slots: heapless::Vec::new(),
            turns: heapless::Deque::new(),
            resting: heapless::Deque::new(),
            last: 0,
            changed_us: 0,
            users: Users::new(),
            pool: Pool::new(),
            scratch: [0; size_of::<Scratch>()],
            waiting: 0,
            serial: 0,
            limit_ms: 0,
        }
    }

    /// Returns `true` if a client has something to do.
    pub(crate) fn has_turns(&self) -> bool {
        !self.turns.is_empty()
    }

    /// Lets a client in, in place of another one if there is no other way. Returns `false` if there is none at all.
    pub(crate) fn welcome(
        &mut self,
        stream: Stream,
        uid: u32,
        poll: &Poll,
        node: &mut dyn Node,
        now_ms: u64,
    ) -> bool {
        let user = self.users.user(uid);
        self.users.add(user);
        let Some(index) = self.free_slot(user, node) else {
            self.users.remove(user);
            return false;
        };
        self.serial = self.serial.wrapping_add(1);
        let serial = self.serial;
        if let Err(errno) = poll.add(&stream, token(index, serial), Interest::Read) {
            log!("a client cannot be waited for: {errno}");
            self.users.remove(user);
        } else if let Some(slot) = self.slots.get_mut(index) {
            slot.peer = Some(Peer::new(stream, user, now_ms, self.limit_ms));
            (slot.serial, slot.interest, slot.paid_us) = (serial, Interest::Read, 0);
        }
        true
    }

    /// A slot for a client of `user`, who is counted already.
    fn free_slot(&mut self, user: User, node: &mut dyn Node) -> Option<usize> {
        if !self.users.fit(user) {
            self.make_room(user, node)?;
        }
        let free = self.slots.iter().position(|slot| slot.peer.is_none());
        free.or_else(|| {
            let fresh = Slot {
                peer: None,
                serial: 0,
                interest: Interest::Read,
                has_turn: false,
                paid_us: 0,
            };
            self.slots.push(fresh).ok().map(|()| self.slots.len() - 1)
        })
    }

    /// Disconnects a client of the user that has the most: the one that has been idle the longest, those that never opened the
    /// driver first, else the one whose call has taken the longest. A user's own calls do not end for one more connection of the
    /// same user.
    pub(crate) fn make_room(&mut self, user: User, node: &mut dyn Node) -> Option<()> {
        let greediest = self.users.greediest(user)?;
        let slots = self.slots.iter().enumerate();
        let clients = slots.filter_map(|(at, slot)| Some((slot.peer.as_ref()?, at)));
        let candidates = clients
            .filter(|(peer, _)| peer.user == greediest && (greediest != user || peer.is_idle()));
        let rank = |peer: &Peer| (!peer.is_idle(), peer.is_open(), peer.active_ms);
        let (_, at) = candidates.min_by_key(|(peer, _)| rank(peer))?;
        self.remove(at, node);
        Some(())
    }

    /// Puts the client behind `token` in the queue, if it is still the same.
    pub(crate) fn wake(&mut self, token: u64) {
        let (serial, number) = ((token >> 32) as u32, token as u32);
        let index = number.saturating_sub(FIRST_TOKEN) as usize;
        if self.slots.get(index).is_some_and(|slot| slot.serial == serial) {
            self.queue(index);
        }
    }

    fn queue(&mut self, index: usize) {
        if let Some(slot) = self.slots.get_mut(index).filter(|slot| !slot.has_turn) {
            slot.has_turn = self.turns.push_back(index as u16).is_ok();
        }
    }

    /// The turn of the client that has been in the queue the longest.
    pub(crate) fn turn(&mut self, poll: &Poll, node: &mut dyn Node, begin_us: u64) {
        let Some(index) = self.turns.pop_front() else { return };
        let at = usize::from(index);
        let Some(slot) = self.slots.get_mut(at) else { return };
        slot.has_turn = false;
        self.turn_of(at, poll, node, begin_us / 1000);
        if self.last != at {
            (self.last, self.changed_us) = (at, begin_us);
        }
        if begin_us.saturating_sub(self.changed_us) < COMPANY_US {
            self.charge(index, poll, begin_us);
        }
    }

    /// Makes a client rest whose calls have taken more than its part of the time.
    fn charge(&mut self, index: u16, poll: &Poll, begin_us: u64) {
        let now_us = monotonic_us();
        let Some(slot) = self.slots.get_mut(usize::from(index)) else { return };
        let Some(peer) = &slot.peer else { return };
        let taken_us = now_us.saturating_sub(begin_us);
        if taken_us < LONG_CALL_US && !slot.has_turn {
            return;
        }
        slot.paid_us = slot.paid_us.max(begin_us).saturating_add(taken_us * PART);
        if slot.paid_us <= now_us + CREDIT_US {
            return;
        }
        // It may be in the queue already: then it has to be its end, or it rests another time.
        if slot.has_turn {
            if self.turns.back() != Some(&index) {
                return;
            }
            self.turns.pop_back();
        }
        slot.has_turn = self.resting.push_back(index).is_ok();
        // What it sends meanwhile wakes nobody more than once.
        slot.interest = Interest::Change;
        let _ = poll.change(peer.stream(), token(index.into(), slot.serial), Some(slot.interest));
    }

    /// Puts the clients that have rested in the queue. Returns how long the others still must, in milliseconds.
    pub(crate) fn wake_rested(&mut self, now_us: u64) -> Option<u32> {
        let mut left_us = None;
        for _ in 0..self.resting.len() {
            let Some(index) = self.resting.pop_front() else { break };
            let paid_us = self.slots.get(usize::from(index)).map_or(0, |slot| slot.paid_us);
            let rest_us = paid_us.saturating_sub(now_us + CREDIT_US);
            let queue = if rest_us == 0 { &mut self.turns } else { &mut self.resting };
            let _ = queue.push_back(index);
            if rest_us > 0 {
                left_us = Some(left_us.map_or(rest_us, |left: u64| left.min(rest_us)));
            }
        }
        left_us.map(|left_us| left_us.div_ceil(1000) as u32)
    }

    fn turn_of(&mut self, index: usize, poll: &Poll, node: &mut dyn Node, now_ms: u64) {
        let Self { slots, pool, scratch, limit_ms, .. } = self;
        let Some(slot) = slots.get_mut(index) else { return };
        let Some(peer) = &mut slot.peer else { return };
        let waited = peer.waits_since_ms().is_some();
        let limit_ms = *limit_ms;
        let next = peer.turn(&mut Means { node: &mut *node, pool, scratch, now_ms, limit_ms });
        let waits = peer.waits_since_ms().is_some();
        self.waiting = (self.waiting + usize::from(waits)).saturating_sub(waited.into());
        let changed = match next {
            Next::Again => {
                self.queue(index);
                Ok(())
            }
            Next::Wait(interest) if slot.interest == interest => Ok(()),
            Next::Wait(interest) => {
                slot.interest = interest;
                poll.change(peer.stream(), token(index, slot.serial), Some(interest))
            }
            Next::Gone => Err(Errno::AGAIN),
        };
        if changed.is_err() {
            self.remove(index, node);
        }
        self.hand_out();
    }

    /// Hands buffers that were given back to the clients that have waited the longest.
    fn hand_out(&mut self) {
        if self.waiting > 0 && self.pool.was_released() {
            while self.hand_out_one().is_some() {}
        }
    }

    fn hand_out_one(&mut self) -> Option<()> {
        let Self { slots, pool, .. } = self;
        let waiting = slots.iter().enumerate().filter_map(|(at, slot)| {
            let peer = slot.peer.as_ref().filter(|peer| pool.has_one_for(peer.user))?;
            Some((peer.waits_since_ms()?, at))
        });
        let (_, at) = waiting.min()?;
        let peer = slots.get_mut(at)?.peer.as_mut()?;
        peer.take_buffer(pool).then_some(())?;
        self.waiting -= 1;
        self.queue(at);
        Some(())
    }

    /// Disconnects a client.
    fn remove(&mut self, index: usize, node: &mut dyn Node) {
        let Some(slot) = self.slots.get_mut(index) else { return };
        if let Some(mut peer) = slot.peer.take() {
            peer.close(node, &mut self.pool);
            self.users.remove(peer.user);
            self.waiting = self.waiting.saturating_sub(peer.waits_since_ms().is_some().into());
        }
    }

    /// Disconnects clients whose time is over, after a last turn: a slow reader may have taken some of its reply, but not so much
    /// that there was room to wait for.
    pub(crate) fn tick(&mut self, poll: &Poll, node: &mut dyn Node, now_ms: u64) {
        for index in 0..self.slots.len() {
            if self.is_late(index, now_ms) {
                self.turn_of(index, poll, node, now_ms);
                if self.is_late(index, now_ms) {
                    self.remove(index, node);
                }
            }
        }
        self.hand_out();
    }

    fn is_late(&self, index: usize, now_ms: u64) -> bool {
        let peer = self.slots.get(index).and_then(|slot| slot.peer.as_ref());
        peer.is_some_and(|peer| peer.is_late(now_ms))
    }
}

fn token(index: usize, serial: u32) -> u64 {
    u64::from(serial) << 32 | u64::from(FIRST_TOKEN.saturating_add(index as u32))
}

const _: () = assert!(size_of::<Scratch>() > MAX_REPLY_BYTES);
