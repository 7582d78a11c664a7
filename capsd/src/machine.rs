//! This machine, as clients ask for it.

use crate::document::Source;
use caps_core::Arch;
use caps_cpu::definition::Definition;
use caps_linux::{Machine as Names, Usage};
use caps_rpc::{CpuTimes, Document, MemoryStats, Node, NodeInfo, SecurityModel, Unavailable};
use caps_xml::cpu::host_definition;

/// Nanoseconds of a tick of `/proc/stat`, whatever the kernel itself ticks at.
const TICK_NS: u64 = 10_000_000;

/// What is known of a machine, and what it is asked with.
pub(crate) struct Machine<'m> {
    pub(crate) source: Source<'m>,
}

impl Machine<'_> {
    fn usage(&self) -> Usage<'_> {
        Usage::new(self.source.root, self.source.facts().numa)
    }
}

/// What there should be, or the words for that it is not.
fn known<T>(value: Option<T>, words: &'static str) -> Result<T, Unavailable> {
    value.ok_or(Unavailable(words))
}

/// What there is, if nothing failed in reading it.
fn unless_failed<T>(
    usage: &Usage<'_>,
    value: Option<T>,
    words: &'static str,
) -> Result<Option<T>, Unavailable> {
    match usage.failure() {
        Some(_) => Err(Unavailable(words)),
        None => Ok(value),
    }
}

impl Node for Machine<'_> {
    fn document(&mut self) -> Result<Document, Unavailable> {
        self.source.make()
    }

    fn read(&self, document: Document, offset: u32, room: &mut [u8]) -> usize {
        let rest = self.source.texts.text(document.id).get(offset as usize..).unwrap_or(&[]);
        copy(rest, room).len()
    }

    fn release(&mut self, document: Document) {
        self.source.texts.release(document);
    }

    fn arch(&self) -> Option<Arch> {
        Arch::from_machine(self.source.facts().machine)
    }

    fn host_cpu(&mut self, visit: &mut dyn FnMut(&Definition<'_>)) -> Result<(), Unavailable> {
        visit(&host_definition(&self.source.caps()?));
        Ok(())
    }

    fn security_model(
        &mut self,
        visit: &mut dyn FnMut(SecurityModel<'_>),
    ) -> Result<(), Unavailable> {
        let caps = self.source.caps()?;
        let first = caps.secmodels().next();
        let named = first.map(|first| SecurityModel { model: first.model, doi: first.doi });
        visit(named.unwrap_or_default());
        Ok(())
    }

    fn hostname<'b>(&mut self, room: &'b mut [u8]) -> Result<&'b [u8], Unavailable> {
        let names = known(Names::ask().ok(), "the name of the host is not known")?;
        Ok(copy(names.host().as_bytes(), room))
    }

    fn machine<'b>(&mut self, room: &'b mut [u8]) -> Result<&'b [u8], Unavailable> {
        Ok(copy(self.source.facts().machine.as_bytes(), room))
    }

    fn emulator_version(&mut self) -> Result<Option<u64>, Unavailable> {
        let Some(arch) = self.arch() else { return Ok(None) };
        Ok(self.source.emulators()?.version(arch))
    }

    fn info(&mut self) -> Result<NodeInfo, Unavailable> {
        let topology = self.source.caps()?.cpu().map(|cpu| cpu.topology);
        let usage = self.usage();
        let online = known(usage.online_cpus(), "cannot read the online CPUs")?.len();
        let present = known(usage.present_cpus(), "cannot read the present CPUs")?.len();
        let memory = known(usage.all_cells_memory(), "cannot read the memory of the cells")?;
        let shape = topology.map_or((1, present, 1), |it| (it.sockets, it.cores, it.threads));
        let (sockets, cores, threads) = shape;
        let of_a_cell = sockets.saturating_mul(cores).saturating_mul(threads).max(1);
        Ok(NodeInfo {
            memory_kib: memory.total_kib,
            cpus: online,
            mhz: unless_failed(&usage, usage.frequency_mhz(), "cannot read the frequency")?
                .unwrap_or(0),
            nodes: (present / of_a_cell).max(1),
            sockets,
            cores,
            threads,
        })
    }

    fn last_cell(&mut self) -> Result<u32, Unavailable> {
        let cells = known(self.usage().cells(), "cannot list the cells")?;
        Ok(cells.runs().last().map_or(0, |run| run.last))
    }

    fn cell_free_bytes(&mut self, cell: u32) -> Result<u64, Unavailable> {
        let usage = self.usage();
        let memory = unless_failed(&usage, usage.cell_memory(cell), "cannot read the memory")?;
        Ok(memory.unwrap_or_default().free_kib.saturating_mul(1024))
    }

    fn free_bytes(&mut self) -> Result<u64, Unavailable> {
        let memory = self.usage().all_cells_memory();
        Ok(known(memory, "cannot read the memory of the cells")?.free_kib.saturating_mul(1024))
    }

    fn memory_stats(&mut self, cell: Option<u32>) -> Result<MemoryStats, Unavailable> {
        let usage = self.usage();
        let memory = cell.map_or_else(|| usage.memory(), |cell| usage.cell_memory(cell));
        let memory = known(memory, "cannot read the memory")?;
        Ok(MemoryStats {
            total_kib: memory.total_kib,
            free_kib: memory.free_kib,
            buffers_kib: memory.buffers_kib,
            cached_kib: memory.cached_kib,
        })
    }

    fn cpu_times(&mut self, cpu: Option<u32>) -> Result<Option<CpuTimes>, Unavailable> {
        let ticks = known(self.usage().cpu_ticks(cpu), "cannot read the times of the CPUs")?;
        let nanoseconds = |ticks: u64| ticks.saturating_mul(TICK_NS);
        Ok(ticks.map(|ticks| CpuTimes {
            kernel_ns: nanoseconds(ticks.kernel),
            user_ns: nanoseconds(ticks.user),
            idle_ns: nanoseconds(ticks.idle),
            iowait_ns: nanoseconds(ticks.iowait),
        }))
    }

    fn cpu_count(&mut self) -> Result<u32, Unavailable> {
        let present = known(self.usage().present_cpus(), "cannot read the present CPUs")?;
        Ok(present.runs().last().map_or(0, |run| run.last + 1))
    }

    fn online_cpus(&mut self, visit: &mut dyn FnMut(u32)) -> Result<(), Unavailable> {
        known(self.usage().online_cpus(), "cannot read the online CPUs")?.iter().for_each(visit);
        Ok(())
    }

    fn free_pages(&mut self, cell: u32, size_kib: u32) -> Result<Option<u64>, Unavailable> {
        let usage = self.usage();
        if u64::from(size_kib) * 1024 != self.source.facts().page_bytes {
            let pages = usage.free_huge_pages(cell, size_kib);
            return unless_failed(&usage, pages, "cannot read the free pages");
        }
        let memory = unless_failed(&usage, usage.cell_memory(cell), "cannot read the memory")?;
        Ok(memory.and_then(|memory| memory.free_kib.checked_div(size_kib.into())))
    }
}

/// As much of `bytes` as `room` takes.
fn copy<'b>(bytes: &[u8], room: &'b mut [u8]) -> &'b [u8] {
    let len = bytes.len().min(room.len());
    let (room, _) = room.split_at_mut(len);
    if let Some(bytes) = bytes.get(..len) {
        room.copy_from_slice(bytes);
    }
    room
}
