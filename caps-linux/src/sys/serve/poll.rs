//! Waiting for any of many descriptors: epoll.

use super::super::call::call;
use super::super::{Errno, Fd};
use super::{Child, Listener, Signals, Stream};

/// Descriptors that are waited for. One that is closed is not any more.
#[derive(Debug)]
pub struct Poll(Fd);

/// What a descriptor is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// There is something to read.
    Read,
    /// There is room to write.
    Write,
    /// There is more to read, or more room to write, than before: edge-triggered.
    Change,
}

impl Interest {
    const fn mask(self) -> u32 {
        match self {
            Self::Read => libc::EPOLLIN as u32,
            Self::Write => libc::EPOLLOUT as u32,
            Self::Change => (libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLET) as u32,
        }
    }
}

/// A descriptor is ready, or closed at the other end, which reading or writing tells.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
#[cfg_attr(target_arch = "x86_64", repr(packed))]
pub struct Event {
    mask: u32,
    token: u64,
}

const _: () = assert!(size_of::<Event>() == size_of::<libc::epoll_event>());

impl Event {
    /// No event, to be overwritten.
    pub const NONE: Self = Self { mask: 0, token: 0 };

    /// The number that the descriptor is watched under.
    pub const fn token(&self) -> u64 {
        self.token
    }
}

/// What can be waited for.
pub trait Watched {
    /// Its descriptor's number.
    #[doc(hidden)]
    fn number(&self) -> usize;
}

impl Watched for Child {
    fn number(&self) -> usize {
        self.0.raw()
    }
}

impl Watched for Listener {
    fn number(&self) -> usize {
        self.0.raw()
    }
}

impl Watched for Signals {
    fn number(&self) -> usize {
        self.0.raw()
    }
}

impl Watched for Stream {
    fn number(&self) -> usize {
        self.0.raw()
    }
}

impl Poll {
    /// Waits for nothing yet.
    ///
    /// # Errors
    /// The kernel's.
    pub fn new() -> Result<Self, Errno> {
        let arguments = [libc::EPOLL_CLOEXEC as usize, 0, 0, 0, 0, 0];
        // SAFETY: the call takes a number only.
        unsafe { call(libc::SYS_epoll_create1, arguments) }.map(|fd| Self(Fd::from_raw(fd)))
    }

    /// Waits for `watched` too, under the number `token`.
    ///
    /// # Errors
    /// The kernel's.
    pub fn add(&self, watched: &impl Watched, token: u64, interest: Interest) -> Result<(), Errno> {
        self.control(libc::EPOLL_CTL_ADD, watched, token, interest.mask())
    }

    /// Waits for something else of `watched`; `None` is nothing.
    ///
    /// # Errors
    /// The kernel's.
    pub fn change(
        &self,
        watched: &impl Watched,
        token: u64,
        interest: Option<Interest>,
    ) -> Result<(), Errno> {
        self.control(libc::EPOLL_CTL_MOD, watched, token, interest.map_or(0, Interest::mask))
    }

    fn control(
        &self,
        operation: i32,
        watched: &impl Watched,
        token: u64,
        mask: u32,
    ) -> Result<(), Errno> {
        let event = Event { mask, token };
        let at = (&raw const event).expose_provenance();
        let arguments = [self.0.raw(), operation as usize, watched.number(), at, 0, 0];
        // SAFETY: the kernel reads one `epoll_event`, which outlives the call.
        unsafe { call(libc::SYS_epoll_ctl, arguments) }.map(drop)
    }

    /// Waits until something is ready, at most `patience_ms` milliseconds; without, as long as it takes. Gives what is.
    ///
    /// # Errors
    /// The kernel's.
    pub fn wait<'e>(
        &self,
        events: &'e mut [Event],
        patience_ms: Option<u32>,
    ) -> Result<&'e [Event], Errno> {
        let (at, most) = (events.as_mut_ptr().expose_provenance(), events.len());
        let patience =
            patience_ms.map_or(-1, |patience| i32::try_from(patience).unwrap_or(i32::MAX));
        let arguments = [self.0.raw(), at, most, patience as usize, 0, 0];
        // SAFETY: the kernel fills at most `most` events, which outlive the call; no set of signals is given.
        let ready = unsafe { call(libc::SYS_epoll_pwait, arguments) }?;
        Ok(events.get(..ready).unwrap_or(&[]))
    }
}
