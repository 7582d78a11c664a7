//! The loop: takes new clients, gives one of them its turn, and looks for signals and new clients again.

use crate::asking::Asking;
use crate::clients::{Clients, FIRST_TOKEN};
use crate::log::log;
use crate::machine::Machine;
use crate::sockets::Sockets;
use caps_linux::Errno;
use caps_linux::serve::{Event, Interest, Poll, Signals, Stream, monotonic_us};

/// Milliseconds between two looks for clients whose time is over, and for room where there was none.
const TICK_MS: u32 = 1000;
/// Events that are taken at once.
const EVENTS: usize = 64;
/// Clients that are accepted between two turns.
const ACCEPTED: usize = 16;

/// Tokens: signals, the program that asks emulators, listeners, then clients.
const SIGNALS: u64 = 0;
const ASKING: u64 = 1;
const FIRST_LISTENER: u64 = 2;

/// What serves.
pub(crate) struct Server<'s> {
    poll: Poll,
    sockets: &'s Sockets,
    clients: &'s mut Clients,
    machine: Machine<'s>,
    asking: Asking,
    /// Whether new clients are waited for.
    listening: bool,
    /// Clients for whom there was no place since this was last logged.
    refused: u32,
    quiet: bool,
}

impl<'s> Server<'s> {
    pub(crate) fn new(
        signals: &Signals,
        sockets: &'s Sockets,
        clients: &'s mut Clients,
        machine: Machine<'s>,
        asking: Asking,
        quiet: bool,
    ) -> Result<Self, Errno> {
        let poll = Poll::new()?;
        poll.add(signals, SIGNALS, Interest::Read)?;
        for (listener, token) in sockets.listeners.iter().zip(FIRST_LISTENER..) {
            poll.add(listener, token, Interest::Read)?;
        }
        Ok(Self { poll, sockets, clients, machine, asking, listening: true, refused: 0, quiet })
    }

    /// Serves until a signal says to end.
    pub(crate) fn run(&mut self) -> Result<(), Errno> {
        let (mut now_us, mut ticked_ms) = (monotonic_us(), 0);
        loop {
            let now_ms = now_us / 1000;
            // Nobody waits for this: it is not due more than once a second.
            self.asking.look(&self.machine.source, &self.poll, ASKING, now_ms);
            if now_ms.saturating_sub(ticked_ms) >= TICK_MS.into() {
                ticked_ms = now_ms;
                self.tick(now_ms)?;
            }
            let rest_ms = self.clients.wake_rested(now_us);
            let mut events = [Event::NONE; EVENTS];
            let ready = self.poll.wait(&mut events, self.patience_ms(rest_ms))?;
            now_us = monotonic_us();
            for event in ready {
                match event.token() {
                    SIGNALS => return Ok(()),
                    ASKING => self.asking.end(),
                    token if token < FIRST_TOKEN.into() => {
                        self.accept(token, now_us / 1000)?;
                        now_us = monotonic_us();
                    }
                    token => self.clients.wake(token),
                }
            }
            self.clients.turn(&self.poll, &mut self.machine, now_us);
        }
    }

    fn tick(&mut self, now_ms: u64) -> Result<(), Errno> {
        self.clients.tick(&self.poll, &mut self.machine, now_ms);
        match core::mem::take(&mut self.refused) {
            0 => {}
            refused => {
                log!("disconnected {refused} new clients: all places of their users are busy")
            }
        }
        self.listen(true)
    }

    /// How long there may be nothing to do.
    fn patience_ms(&self, rest_ms: Option<u32>) -> Option<u32> {
        let clients = self.clients.users.clients() > 0;
        match self.clients.has_turns() {
            true => Some(0),
            false if rest_ms.is_some() => rest_ms,
            false if clients || !self.listening || self.asking.is_under_way() => Some(TICK_MS),
            false => None,
        }
    }

    /// Takes some of the clients that wait at a listener. No client is left waiting there for lack of a place: one of a user
    /// for whom there are places may be next.
    fn accept(&mut self, token: u64, now_ms: u64) -> Result<(), Errno> {
        let index = token.saturating_sub(FIRST_LISTENER) as usize;
        let sockets = self.sockets;
        let Some(listener) = sockets.listeners.get(index) else { return Ok(()) };
        for _ in 0..ACCEPTED {
            match listener.accept() {
                Ok(Some(stream)) => self.welcome(stream, now_ms),
                Ok(None) => break,
                Err(errno) => {
                    log!("a client cannot be accepted: {errno}");
                    return self.listen(false);
                }
            }
        }
        Ok(())
    }

    fn welcome(&mut self, stream: Stream, now_ms: u64) {
        let Ok(peer) = stream.peer() else { return };
        if !self.quiet {
            log!("client: pid {}, uid {}, gid {}", peer.pid, peer.uid, peer.gid);
        }
        if !self.clients.welcome(stream, peer.uid, &self.poll, &mut self.machine, now_ms) {
            self.refused = self.refused.saturating_add(1);
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
}
