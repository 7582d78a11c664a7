//! Building `<cache>`, `<memory_bandwidth>` and `<energy>`.

use super::Builder;
use crate::code::Cursor;
use crate::error::Table;
use crate::model::{BandwidthControl, Bank, CacheControl, CacheHead, MonitorHead};
use crate::pool::{Mark, Pool, Span, Stash};
use crate::set::Run;
use crate::sort::heapsort;

/// Banks of a level that can be allocated differ in size: nothing can be said about its allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SizeMismatch {
    /// The level.
    pub level: u32,
    /// Size of the first bank, in bytes.
    pub expected_bytes: u64,
}

/// `<cache>` in the making: controls first, then banks, then monitors.
#[derive(Debug)]
pub struct CacheBuilder<'b, 's> {
    builder: &'b mut Builder<'s>,
    cache: CacheHead,
    controls: Mark,
    banks: Option<BankTable>,
    bank_count: u32,
}

/// The banks so far, chained by a hash of what is compared, so that finding an equal one does not take longer the more there are.
#[derive(Debug)]
struct BankTable {
    start: Mark,
    heads: Stash,
}

impl<'s> Builder<'s> {
    /// `<cache>`, `<memory_bandwidth>` and `<energy>`.
    pub fn cache(&mut self) -> CacheBuilder<'_, 's> {
        let controls = self.pool.mark();
        CacheBuilder {
            builder: self,
            cache: CacheHead::default(),
            controls,
            banks: None,
            bank_count: 0,
        }
    }
}

impl CacheBuilder<'_, '_> {
    /// How caches of a level and kind can be allocated. Returns whether the pair is new.
    pub fn control(&mut self, control: &CacheControl) -> bool {
        let pool = &mut self.builder.pool;
        self.cache.controls = pool.since(self.controls);
        let mut known = Cursor::new(self.cache.controls.of(pool.written()));
        while !known.is_empty() {
            let other = CacheControl::read(&mut known);
            if (other.level, other.kind) == (control.level, control.kind) {
                return false;
            }
        }
        control.put(&mut pool.pen(Table::Controls));
        self.cache.controls = pool.since(self.controls);
        true
    }

    /// Readies for about `expected` banks, after all controls. More are taken as well.
    pub fn banks(&mut self, expected: u32) {
        let pool = &mut self.builder.pool;
        let heads = pool.stash();
        for _ in 0..expected.max(MIN_CHAINS).next_power_of_two() {
            pool.stash_push(NO_BANK.into());
        }
        self.banks = Some(BankTable { start: pool.mark(), heads });
    }

    /// `<bank>` of the CPUs in `runs`, which ascend with gaps between them and stand for those of `bank`. One that equals a
    /// known one in all is dropped, as long as nothing has overflowed: then there is nothing to compare with.
    ///
    /// # Errors
    /// [`SizeMismatch`] with the first bank of a level that can be allocated; then the bank is not added.
    pub fn bank(
        &mut self,
        bank: &Bank<'_>,
        runs: impl Iterator<Item = Run> + Clone,
    ) -> Result<(), SizeMismatch> {
        if self.banks.is_none() {
            self.banks(MIN_CHAINS);
        }
        let Some(table) = &self.banks else { return Ok(()) };
        let pool = &mut self.builder.pool;
        let hash = hash(bank, runs.clone().next());
        if table.has(pool, hash, bank, runs.clone()) {
            return Ok(());
        }
        fit_controls(pool, self.cache.controls, bank)?;
        table.add(pool, hash, bank, runs);
        self.bank_count += 1;
        self.cache.top_level = self.cache.top_level.max(bank.level);
        Ok(())
    }

    /// Whether something did not fit.
    pub const fn is_full(&self) -> bool {
        self.builder.is_full()
    }

    /// `<cache><monitor>`
    pub fn cache_monitor<'f>(
        &mut self,
        max: u32,
        reuse_threshold_bytes: u32,
        features: impl IntoIterator<Item = &'f [u8]>,
    ) {
        self.cache.cache_monitor = self.monitor(max, reuse_threshold_bytes, features);
    }

    /// `<memory_bandwidth><node><control>`
    pub const fn bandwidth_control(&mut self, control: Option<BandwidthControl>) {
        self.cache.bandwidth = control;
    }

    /// `<memory_bandwidth><monitor>`
    pub fn bandwidth_monitor<'f>(
        &mut self,
        max: u32,
        features: impl IntoIterator<Item = &'f [u8]>,
    ) {
        self.cache.bandwidth_monitor = self.monitor(max, 0, features);
    }

    /// `<energy><monitor>`
    pub fn energy_monitor<'f>(&mut self, max: u32, features: impl IntoIterator<Item = &'f [u8]>) {
        self.cache.energy_monitor = self.monitor(max, 0, features);
    }

    /// Makes it the document's: banks sorted by level, then id.
    pub fn finish(mut self) {
        self.cache.index = self.index();
        let (stored, index) = self.builder.pool.split_written(self.cache.index);
        let rows = index.as_chunks_mut().0;
        let base = rows.first().map_or(0, |first| Bank::at(stored, u32::from_le_bytes(*first)).id);
        let key = |row: &[u8; 4]| {
            let offset = u32::from_le_bytes(*row);
            let bank = Bank::at(stored, offset);
            (bank.level, bank.id.wrapping_sub(base) as i32, offset)
        };
        heapsort(rows, |a, b| key(a) < key(b));
        self.builder.head.cache = self.cache;
    }

    /// Makes the banks so far the document's, in the order of their discovery, and nothing else: what libvirt does when
    /// probing fails half-way.
    pub fn finish_failed(mut self) {
        let index = self.index();
        self.builder.head.cache =
            CacheHead { index, controls: self.cache.controls, ..CacheHead::default() };
    }

    fn monitor<'f>(
        &mut self,
        max_monitors: u32,
        reuse_threshold_bytes: u32,
        names: impl IntoIterator<Item = &'f [u8]>,
    ) -> Option<MonitorHead> {
        let features = self.builder.names(Table::Monitors, names);
        (!features.is_empty()).then_some(MonitorHead {
            max_monitors,
            reuse_threshold_bytes,
            features,
        })
    }

    /// Closes the banks and lists their offsets, in the order of their discovery.
    fn index(&mut self) -> Span {
        let Some(BankTable { start, heads }) = self.banks.take() else { return Span::EMPTY };
        let pool = &mut self.builder.pool;
        pool.unstash(heads);
        let index = pool.mark();
        let mut offset = start.offset();
        for _ in 0..self.bank_count {
            pool.pen(Table::Banks).u32(offset);
            offset = offset.saturating_add(Bank::at(pool.written(), offset).stored_bytes());
        }
        pool.since(index)
    }
}

/// Chains of banks at least, so that many caches of a few CPUs are found quickly as well.
const MIN_CHAINS: u32 = 64;
/// The link of the last bank of a chain.
const NO_BANK: u32 = u32::MAX;

impl BankTable {
    /// Whether a bank of the chain is the same.
    fn has(
        &self,
        pool: &mut Pool<'_>,
        hash: u64,
        bank: &Bank<'_>,
        runs: impl Iterator<Item = Run> + Clone,
    ) -> bool {
        let mut offset = self.head(pool, hash);
        while offset != NO_BANK {
            let known = Bank::at(pool.written(), offset);
            if (Bank { cpus: bank.cpus, ..known }) == *bank && known.cpus.runs().eq(runs.clone()) {
                return true;
            }
            offset = Bank::link(pool.written(), offset);
        }
        false
    }

    /// Appends a bank and puts it in front of its chain.
    fn add(
        &self,
        pool: &mut Pool<'_>,
        hash: u64,
        bank: &Bank<'_>,
        runs: impl Iterator<Item = Run>,
    ) {
        let (mark, link) = (pool.mark(), self.head(pool, hash));
        bank.put(&mut pool.pen(Table::Banks), link, runs);
        if let Some(slot) = pool.stash_slot(&self.heads, hash) {
            *slot = u64::from(mark.offset()).to_ne_bytes();
        }
    }

    fn head(&self, pool: &mut Pool<'_>, hash: u64) -> u32 {
        pool.stash_slot(&self.heads, hash).map_or(NO_BANK, |slot| u64::from_ne_bytes(*slot) as u32)
    }
}

/// The first bank of a level fixes the size for its controls; every later one must have it too.
fn fit_controls(pool: &mut Pool<'_>, controls: Span, bank: &Bank<'_>) -> Result<(), SizeMismatch> {
    let rows = pool.written_mut(controls).as_chunks_mut::<{ CacheControl::SIZE }>().0;
    for row in rows {
        let control = CacheControl::read(&mut Cursor::new(row));
        if control.level != bank.level {
            continue;
        }
        if control.bank_bytes != 0 && control.bank_bytes != bank.size_bytes {
            return Err(SizeMismatch { level: bank.level, expected_bytes: control.bank_bytes });
        }
        if let Some((_, size)) = row.split_last_chunk_mut() {
            *size = bank.size_bytes.to_le_bytes();
        }
    }
    Ok(())
}

/// FNV-1a over what tells banks apart most of the time.
fn hash(bank: &Bank<'_>, first: Option<Run>) -> u64 {
    let words = [bank.id, bank.level, bank.kind as u32, first.map_or(0, |run| run.first)];
    let hash = words.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &word| {
        (hash ^ u64::from(word)).wrapping_mul(0x0100_0000_01b3)
    });
    hash ^ (hash >> 32)
}
