//! Users of the agent, and what each of them may hold of what all clients share.

/// Clients at once.
pub(crate) const MAX_CLIENTS: usize = 1024;
/// A share of the places is reserved for root and the user of this process: one part of this many.
const RESERVED_PART: usize = 16;

/// User of a client, as the kernel saw it when it connected: `SO_PEERCRED`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) uid: u32,
    /// `true` for root and for the user of this process.
    pub(crate) privileged: bool,
}

/// Number of clients of each user that has any.
pub(crate) struct Users {
    counts: heapless::Vec<Count, { MAX_CLIENTS + 1 }>,
    own_uid: u32,
    /// Places for clients.
    places: usize,
}

struct Count {
    user: User,
    clients: usize,
}

impl Users {
    pub(crate) const fn new() -> Self {
        Self { counts: heapless::Vec::new(), own_uid: 0, places: 0 }
    }

    pub(crate) fn begin(&mut self, own_uid: u32, places: usize) {
        (self.own_uid, self.places) = (own_uid, places.min(MAX_CLIENTS));
    }

    pub(crate) const fn user(&self, uid: u32) -> User {
        User { uid, privileged: uid == 0 || uid == self.own_uid }
    }

    /// Counts one more client.
    pub(crate) fn add(&mut self, user: User) {
        match self.counts.iter_mut().find(|count| count.user == user) {
            Some(count) => count.clients += 1,
            // There are at most as many users as clients, and one that is still to be admitted.
            None => drop(self.counts.push(Count { user, clients: 1 })),
        }
    }

    /// Counts one client less.
    pub(crate) fn remove(&mut self, user: User) {
        let Some(at) = self.counts.iter().position(|count| count.user == user) else { return };
        let Some(count) = self.counts.get_mut(at) else { return };
        count.clients = count.clients.saturating_sub(1);
        if count.clients == 0 {
            self.counts.swap_remove(at);
        }
    }

    /// Number of all clients.
    pub(crate) fn clients(&self) -> usize {
        self.counts.iter().map(|count| count.clients).sum()
    }

    /// Returns `true` if there are not more clients than places, of which others than the privileged have only a share.
    pub(crate) fn fit(&self, user: User) -> bool {
        let others = self.counts.iter().filter(|count| !count.user.privileged);
        let others: usize = others.map(|count| count.clients).sum();
        let share = self.places - self.places / RESERVED_PART;
        self.clients() <= self.places && (user.privileged || others <= share)
    }

    /// The user with the most clients, which is `newcomer` rather than another with as many. Only the privileged can take the
    /// place of the privileged.
    pub(crate) fn greediest(&self, newcomer: User) -> Option<User> {
        let counts = self.counts.iter();
        let counts = counts.filter(|count| newcomer.privileged || !count.user.privileged);
        let greediest = counts.max_by_key(|count| (count.clients, count.user == newcomer));
        greediest.map(|count| count.user)
    }
}
