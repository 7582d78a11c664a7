//! Memory side caches of a cell: `<cache>` of `<cell>`

use crate::path::{Path, at};
use crate::probe::Probe;
use crate::probe::read::{Bad, numbered, required};
use crate::report::Topic;
use caps_core::{Associativity, CellBuilder, MemoryCache, WritePolicy};
use core::ops::ControlFlow;

impl Probe<'_> {
    pub(super) fn memory_caches(
        &mut self,
        cell: &mut CellBuilder<'_, '_>,
        node: u32,
    ) -> Result<(), Bad> {
        let directory = at!("/sys/devices/system/node/node", node, "/memory_side_cache");
        let mut read = Ok(());
        self.list(Topic::Numa, &directory, &mut |probe, name| {
            if name.starts_with(b"index") {
                read = probe
                    .memory_cache(&at!(directory, "/", name), name)
                    .map(|cache| cell.memory_cache(cache));
            }
            if read.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        read
    }

    fn memory_cache(&mut self, directory: &Path, name: &[u8]) -> Result<MemoryCache, Bad> {
        let level = numbered(name, b"index").ok_or(Bad)?;
        let size_bytes = required(self.u64(Topic::Numa, &at!(*directory, "/size")))?;
        let line_bytes = required(self.u32(Topic::Numa, &at!(*directory, "/line_size")))?;
        let indexing = required(self.u32(Topic::Numa, &at!(*directory, "/indexing")))?;
        let write_policy = required(self.u32(Topic::Numa, &at!(*directory, "/write_policy")))?;
        Ok(MemoryCache {
            level,
            associativity: Associativity::from_number(indexing).ok_or(Bad)?,
            policy: WritePolicy::from_number(write_policy).ok_or(Bad)?,
            size_kib: size_bytes >> 10,
            line_bytes,
        })
    }
}
