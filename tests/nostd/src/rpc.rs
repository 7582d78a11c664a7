//! A client that says anything, and a machine that answers anything.

use crate::entries::see;
use caps_core::Arch;
use caps_cpu::definition::Definition;
use caps_rpc::{
    Connection, CpuTimes, Document, MemoryStats, Node, NodeInfo, SecurityModel, Unavailable,
};
use core::hint::black_box;

/// What it answers with.
struct Machine<'m>(&'m [u8]);

/// Any number.
fn any() -> u32 {
    black_box(0)
}

/// Any answer, or none.
fn maybe<T>(answer: T) -> Result<T, Unavailable> {
    if any() == 1 { Ok(answer) } else { Err(Unavailable("nothing")) }
}

impl Node for Machine<'_> {
    fn document(&mut self) -> Result<Document, Unavailable> {
        maybe(Document { id: any(), bytes: any() })
    }

    fn read(&self, _: Document, _: u32, _: &mut [u8]) -> usize {
        any() as usize
    }

    fn release(&mut self, document: Document) {
        see(document);
    }

    fn arch(&self) -> Option<Arch> {
        Arch::from_name(core::str::from_utf8(self.0).ok()?)
    }

    fn host_cpu(&mut self, visit: &mut dyn FnMut(&Definition<'_>)) -> Result<(), Unavailable> {
        let mut definition = Definition::of_host("x86_64");
        definition.model = core::str::from_utf8(self.0).ok();
        visit(&definition);
        maybe(())
    }

    fn security_model(
        &mut self,
        visit: &mut dyn FnMut(SecurityModel<'_>),
    ) -> Result<(), Unavailable> {
        visit(SecurityModel { model: self.0, doi: any() });
        maybe(())
    }

    fn hostname<'b>(&mut self, room: &'b mut [u8]) -> Result<&'b [u8], Unavailable> {
        maybe(room)
    }

    fn machine<'b>(&mut self, room: &'b mut [u8]) -> Result<&'b [u8], Unavailable> {
        maybe(room)
    }

    fn emulator_version(&mut self) -> Result<Option<u64>, Unavailable> {
        maybe(Some(any().into()))
    }

    fn info(&mut self) -> Result<NodeInfo, Unavailable> {
        maybe(NodeInfo { cpus: any(), ..NodeInfo::default() })
    }

    fn last_cell(&mut self) -> Result<u32, Unavailable> {
        maybe(any())
    }

    fn cell_free_bytes(&mut self, cell: u32) -> Result<u64, Unavailable> {
        maybe(cell.into())
    }

    fn free_bytes(&mut self) -> Result<u64, Unavailable> {
        maybe(any().into())
    }

    fn memory_stats(&mut self, cell: Option<u32>) -> Result<MemoryStats, Unavailable> {
        see(cell);
        maybe(MemoryStats { total_kib: any().into(), ..MemoryStats::default() })
    }

    fn cpu_times(&mut self, cpu: Option<u32>) -> Result<Option<CpuTimes>, Unavailable> {
        see(cpu);
        maybe((any() == 2).then(CpuTimes::default))
    }

    fn cpu_count(&mut self) -> Result<u32, Unavailable> {
        maybe(any())
    }

    fn online_cpus(&mut self, visit: &mut dyn FnMut(u32)) -> Result<(), Unavailable> {
        (0..any()).for_each(|_| visit(any()));
        maybe(())
    }

    fn free_pages(&mut self, cell: u32, size_kib: u32) -> Result<Option<u64>, Unavailable> {
        maybe((cell == size_kib).then(|| any().into()))
    }
}

pub(crate) fn call(input: &[u8], room: &mut [u8]) {
    let (mut connection, mut machine) = (Connection::new(), Machine(input));
    see((connection.wanted(input), connection.is_open()));
    for chunk in input.chunks(64) {
        see(connection.receive(chunk, any() as usize, &mut machine, room));
        if connection.is_streaming() {
            let len = connection.stream(&machine, room);
            connection.passed(len, &mut machine);
        }
    }
    connection.close(&mut machine);
}
