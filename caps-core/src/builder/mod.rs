//! Building a document: append-only, one topic after the other.

mod cache;
mod guest;
mod host;
mod numa;

pub use cache::{CacheBuilder, SizeMismatch};
pub use guest::GuestBuilder;
pub use numa::{CellBuilder, TopologyBuilder};

use crate::caps::{Caps, Head};
use crate::driver::{DiskDriver, Driver};
use crate::error::{Full, Table};
use crate::pool::{Mark, Pool};

/// A document in the making.
///
/// Nothing here fails: what does not fit is counted, and [`finish`](Self::finish) tells.
#[derive(Debug)]
pub struct Builder<'s> {
    pool: Pool<'s>,
    head: Head,
    guests: Option<Mark>,
}

impl<'s> Builder<'s> {
    /// An empty document for the QEMU driver with its defaults. Old contents of `storage` do not matter.
    pub fn new(storage: &'s mut [u8]) -> Self {
        Self::with_driver(storage, &Driver::QEMU)
    }

    /// An empty document for `driver`.
    pub fn with_driver(storage: &'s mut [u8], driver: &Driver<'_>) -> Self {
        let mut builder = Self { pool: Pool::new(storage), head: Head::default(), guests: None };
        builder.head.flags = driver.flags;
        builder.head.mac_prefix = driver.mac_prefix;
        builder.head.console_target = driver.console_target;
        builder.head.disk_driver = (!driver.allow_disk_format_probing).then_some(DiskDriver::RAW);
        builder.head.init_path = driver.init_path.map(|path| builder.text(path));
        builder
    }

    /// An empty document for `driver` that succeeds `old`: the host CPU moves over, and `old` is left without one.
    ///
    /// Machines of guests stay where they are: a probe asks [`Caps::machines_for`] and hands them to
    /// [`GuestBuilder::machines`].
    pub fn succeeding(storage: &'s mut [u8], driver: &Driver<'_>, old: &mut Caps<'_>) -> Self {
        let mut builder = Self::with_driver(storage, driver);
        if let Some(cpu) = old.cpu() {
            builder.cpu(&cpu, old.cpu_features());
        }
        if !builder.is_full() {
            old.head.cpu = None;
        }
        builder
    }

    /// Whether the host CPU is known already.
    pub const fn has_cpu(&self) -> bool {
        self.head.cpu.is_some()
    }

    /// Whether something did not fit. Then nothing is stored any more, only counted.
    pub const fn is_full(&self) -> bool {
        self.pool.full().is_some()
    }

    /// The storage, for working space.
    pub const fn pool(&mut self) -> &mut Pool<'s> {
        &mut self.pool
    }

    /// The finished document.
    ///
    /// # Errors
    /// [`Full`] if it does not fit in the storage.
    pub fn finish(mut self) -> Result<Caps<'s>, Full> {
        self.head.guests = self.guests.map(|mark| self.pool.since(mark)).unwrap_or_default();
        Ok(Caps { bytes: self.pool.freeze()?, head: self.head })
    }

    fn text(&mut self, text: &[u8]) -> crate::pool::Span {
        let mark = self.pool.mark();
        self.pool.pen(Table::Text).bytes(text);
        self.pool.since(mark)
    }
}
