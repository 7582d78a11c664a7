//! Buffers for the few calls and replies that are long.

use crate::users::User;

/// Bytes of a long call or reply.
pub(crate) const LONG_BYTES: usize = caps_rpc::MAX_REPLY_BYTES;
/// How many there may be at once.
const COUNT: usize = 32;

/// Buffers that only root and the user of this process get.
const RESERVED: usize = 8;

/// Long buffers, each of which has at most one owner.
pub(crate) struct Pool {
    buffers: [[u8; LONG_BYTES]; COUNT],
    /// Users of the clients that have them.
    owners: [Option<u32>; COUNT],
    /// `true` if a buffer was given back since this was last asked for.
    released: bool,
}

/// A buffer of the pool, to be given back.
pub(crate) struct Long(u8);

impl Pool {
    pub(crate) const fn new() -> Self {
        Self { buffers: [[0; LONG_BYTES]; COUNT], owners: [None; COUNT], released: false }
    }

    /// Returns `true` if a client of `user` may take a buffer. A user may have as many as are left for others, so that there is
    /// one for each user that comes.
    pub(crate) fn has_one_for(&self, user: User) -> bool {
        let free = self.owners.iter().filter(|owner| owner.is_none()).count();
        let held = self.owners.iter().filter(|owner| **owner == Some(user.uid)).count();
        if user.privileged { free > 0 } else { held < free.saturating_sub(RESERVED) }
    }

    /// Takes a buffer; `None` if there is none for this user.
    pub(crate) fn take(&mut self, user: User) -> Option<Long> {
        let free = self.owners.iter().position(Option::is_none);
        let free = free.filter(|_| self.has_one_for(user))?;
        *self.owners.get_mut(free)? = Some(user.uid);
        u8::try_from(free).ok().map(Long)
    }

    pub(crate) fn give_back(&mut self, Long(index): Long) {
        if let Some(owner) = self.owners.get_mut(usize::from(index)) {
            *owner = None;
            self.released = true;
        }
    }

    /// Returns `true` if a buffer was given back since the last call.
    pub(crate) fn was_released(&mut self) -> bool {
        core::mem::take(&mut self.released)
    }

    pub(crate) fn bytes(&self, long: &Long) -> &[u8] {
        self.buffers.get(usize::from(long.0)).map_or(&[], |buffer| buffer)
    }

    pub(crate) fn bytes_mut(&mut self, long: &Long) -> &mut [u8] {
        self.buffers.get_mut(usize::from(long.0)).map_or(&mut [], |buffer| buffer)
    }
}

/// Bytes that wait: a few in place, many in a buffer of the pool.
pub(crate) struct Queue<const SMALL: usize> {
    small: [u8; SMALL],
    long: Option<Long>,
    /// Where the first byte that waits is.
    begin: usize,
    end: usize,
}

impl<const SMALL: usize> Queue<SMALL> {
    pub(crate) const fn new() -> Self {
        Self { small: [0; SMALL], long: None, begin: 0, end: 0 }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.begin == self.end
    }

    /// Returns `true` if it has a long buffer.
    pub(crate) const fn is_long(&self) -> bool {
        self.long.is_some()
    }

    /// How many bytes could wait at once.
    pub(crate) const fn capacity(&self) -> usize {
        if self.long.is_some() { LONG_BYTES } else { SMALL }
    }

    /// What waits.
    pub(crate) fn bytes<'q>(&'q self, pool: &'q Pool) -> &'q [u8] {
        let all = self.long.as_ref().map_or(&self.small[..], |long| pool.bytes(long));
        all.get(self.begin..self.end).unwrap_or(&[])
    }

    /// The first `count` bytes wait no more. An empty queue gives its long buffer back.
    pub(crate) fn passed(&mut self, count: usize, pool: &mut Pool) {
        self.begin = self.end.min(self.begin.saturating_add(count));
        if self.is_empty() {
            (self.begin, self.end) = (0, 0);
            if let Some(long) = self.long.take() {
                pool.give_back(long);
            }
        }
    }

    /// Takes a long buffer; false if there is none for this user.
    pub(crate) fn grow(&mut self, pool: &mut Pool, user: User) -> bool {
        if self.long.is_some() {
            return true;
        }
        let Some(long) = pool.take(user) else { return false };
        let waiting = self.small.get(self.begin..self.end).unwrap_or(&[]);
        if let Some(room) = pool.bytes_mut(&long).get_mut(..waiting.len()) {
            room.copy_from_slice(waiting);
        }
        (self.begin, self.end) = (0, waiting.len());
        self.long = Some(long);
        true
    }

    /// Room behind what waits, which is moved to the front for it. What is written there waits once it is [added](Self::added).
    pub(crate) fn room<'q>(&'q mut self, pool: &'q mut Pool) -> &'q mut [u8] {
        let (begin, end) = (self.begin, self.end);
        let all = match &self.long {
            Some(long) => pool.bytes_mut(long),
            None => &mut self.small[..],
        };
        if begin > 0 {
            move_to_front(all, begin, end);
            (self.begin, self.end) = (0, end - begin);
        }
        all.get_mut(self.end..).unwrap_or(&mut [])
    }

    pub(crate) fn added(&mut self, count: usize) {
        self.end = self.capacity().min(self.end.saturating_add(count));
    }

    /// Lets all of `bytes` wait; false where they do not fit.
    pub(crate) fn add(&mut self, bytes: &[u8], pool: &mut Pool, user: User) -> bool {
        if self.room(pool).len() < bytes.len() && !self.grow(pool, user) {
            return false;
        }
        let Some(room) = self.room(pool).get_mut(..bytes.len()) else { return false };
        room.copy_from_slice(bytes);
        self.added(bytes.len());
        true
    }
}

/// Moves what is between `begin` and `end` to the front. It is little, as a rule: the beginning of a call.
fn move_to_front(bytes: &mut [u8], begin: usize, end: usize) {
    for (to, from) in (begin..end).enumerate() {
        if let Some(&byte) = bytes.get(from)
            && let Some(room) = bytes.get_mut(to)
        {
            *room = byte;
        }
    }
}
