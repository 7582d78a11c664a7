//! Building `<guest>`s.

use super::Builder;
use crate::error::Table;
use crate::model::{Domain, Guest, Machine, Machines};
use crate::pool::{Mark, Pool};

/// `<guest>` in the making: machines of the guest first, then its domains, each followed by machines of its own.
#[derive(Debug)]
pub struct GuestBuilder<'b, 's> {
    pool: &'b mut Pool<'s>,
    machines: Mark,
    domains: Option<Mark>,
}

impl<'s> Builder<'s> {
    /// `<guest>`, after everything else of the document.
    pub fn guest(&mut self, guest: &Guest<'_>) -> GuestBuilder<'_, 's> {
        let pool = &mut self.pool;
        self.guests.get_or_insert_with(|| pool.mark());
        guest.put(&mut pool.pen(Table::Guests));
        let machines = open(pool);
        GuestBuilder { pool, machines, domains: None }
    }
}

impl GuestBuilder<'_, '_> {
    /// `<machine>` of the guest, or of the domain that was begun last.
    pub fn machine(&mut self, machine: &Machine<'_>) {
        machine.put(&mut self.pool.pen(Table::Machines));
    }

    /// `<machine>`s of the guest or of the domain that was begun last, as another document has them.
    pub fn machines(&mut self, machines: &Machines<'_>) {
        self.pool.pen(Table::Machines).bytes(machines.stored());
    }

    /// `<domain>`
    pub fn domain(&mut self, domain: &Domain<'_>) {
        close(self.pool, self.machines);
        let pool = &mut *self.pool;
        self.domains.get_or_insert_with(|| open(pool));
        domain.put(&mut self.pool.pen(Table::Guests));
        self.machines = open(self.pool);
    }
}

impl Drop for GuestBuilder<'_, '_> {
    fn drop(&mut self) {
        close(self.pool, self.machines);
        let domains = self.domains.unwrap_or_else(|| open(self.pool));
        close(self.pool, domains);
    }
}

/// Leaves room for the number of bytes of what follows.
fn open(pool: &mut Pool<'_>) -> Mark {
    let mark = pool.mark();
    pool.pen(Table::Guests).u32(0);
    mark
}

fn close(pool: &mut Pool<'_>, mark: Mark) {
    let len = pool.mark().offset().saturating_sub(mark.after(4).offset());
    pool.patch(mark, &len.to_le_bytes());
}
