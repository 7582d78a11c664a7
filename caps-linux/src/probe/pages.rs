//! Page sizes of the host and page pools of a cell: `<pages>`

use super::Probe;
use super::read::{Bad, Value, required};
use crate::parse::int::{decimal_line, leading_decimal};
use crate::path::{Path, at};
use crate::report::Topic;
use caps_core::{Builder, PagePool};
use core::ops::ControlFlow;

/// Most bytes of a file with a number of pages.
const COUNT_BYTES: usize = 1024;

/// Pools of a directory: at most one a size, of which no kernel has more than a few.
pub(super) type Pools = heapless::Vec<PagePool, MAX_POOLS, u8>;
const MAX_POOLS: usize = 32;

impl Probe<'_> {
    /// The pools of the host.
    pub(super) fn host_pools(&mut self) -> Result<Pools, Bad> {
        self.pools(Topic::PageSizes, &at!("/sys/kernel/mm/hugepages"))
    }

    /// `<cpu><pages>`: the base page and one size per pool of the host.
    pub(super) fn page_sizes(&mut self, builder: &mut Builder<'_>, pools: &Pools) {
        let base_kib = Some(self.host.facts.page_bytes / 1024).filter(|&size| size != 0);
        builder.page_sizes(base_kib.into_iter().chain(pools.iter().map(|pool| pool.size_kib)));
    }

    /// The pools of a node with their numbers of pages.
    pub(super) fn node_pools(&mut self, node: u32) -> Result<Pools, Bad> {
        self.pools(Topic::Numa, &at!("/sys/devices/system/node/node", node, "/hugepages"))
    }

    /// The huge page pools in `directory`. None without a directory.
    fn pools(&mut self, topic: Topic, directory: &Path) -> Result<Pools, Bad> {
        let (mut pools, mut read) = (Pools::new(), Ok(()));
        self.list(topic, directory, &mut |probe, name| {
            if let Some(size) = name.strip_prefix(b"hugepages-") {
                let pool = probe.pool(topic, &at!(*directory, "/", name), size);
                read = pool.and_then(|pool| pools.push(pool).map_err(|_| Bad));
            }
            if read.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        read.map(|()| pools)
    }

    fn pool(&mut self, topic: Topic, directory: &Path, size: &[u8]) -> Result<PagePool, Bad> {
        let (size_kib, unit) = leading_decimal(size).ok_or(Bad)?;
        if !unit.eq_ignore_ascii_case(b"kB") {
            return Err(Bad);
        }
        let mut count = |name: &str| required(self.page_count(topic, &at!(*directory, name)));
        // Whatever is wrong with either file, libvirt does without all pages.
        count("/free_hugepages")?;
        Ok(PagePool { size_kib, count: count("/nr_hugepages")? })
    }

    fn page_count(&mut self, topic: Topic, path: &Path) -> Value<u64> {
        let mut buffer = [0; COUNT_BYTES + 1];
        let Some(text) = self.contents(topic, path, &mut buffer)? else { return Ok(None) };
        let count = decimal_line(text).filter(|_| text.len() <= COUNT_BYTES);
        let outcome = if count.is_some() { crate::Outcome::Filled } else { crate::Outcome::Odd };
        self.note(topic, path, outcome);
        count.map(Some).ok_or(Bad)
    }
}
