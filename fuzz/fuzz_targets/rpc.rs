//! What a client may send: it is answered, waited for, or hung up on, in any pieces and with the same words.
#![no_main]

use caps_core::Arch;
use caps_cpu::definition::Definition;
use caps_rpc::{
    Connection, CpuTimes, Document, MAX_REPLY_BYTES, MemoryStats, Node, NodeInfo, Progress,
    SecurityModel, Unavailable,
};
use libfuzzer_sys::fuzz_target;

/// A machine that says little; `held` are documents that are being sent.
#[derive(Default)]
struct Machine {
    held: u32,
}

const TEXT: &[u8] = b"<capabilities/>\n";

impl Node for Machine {
    fn document(&mut self) -> Result<Document, Unavailable> {
        self.held += 1;
        Ok(Document { id: 0, bytes: TEXT.len() as u32 })
    }

    fn read(&self, _: Document, offset: u32, room: &mut [u8]) -> usize {
        let rest = &TEXT[(offset as usize).min(TEXT.len())..];
        let len = rest.len().min(room.len());
        room[..len].copy_from_slice(&rest[..len]);
        len
    }

    fn release(&mut self, _: Document) {
        self.held -= 1;
    }

    fn arch(&self) -> Option<Arch> {
        Some(Arch::X86_64)
    }

    fn host_cpu(&mut self, visit: &mut dyn FnMut(&Definition<'_>)) -> Result<(), Unavailable> {
        let mut host = Definition::of_host("x86_64");
        host.model = Some("Penryn");
        visit(&host);
        Ok(())
    }

    fn security_model(
        &mut self,
        visit: &mut dyn FnMut(SecurityModel<'_>),
    ) -> Result<(), Unavailable> {
        visit(SecurityModel { model: b"none", doi: 0 });
        Ok(())
    }

    fn hostname<'b>(&mut self, _: &'b mut [u8]) -> Result<&'b [u8], Unavailable> {
        Ok(b"host")
    }

    fn machine<'b>(&mut self, _: &'b mut [u8]) -> Result<&'b [u8], Unavailable> {
        Ok(b"x86_64")
    }

    fn emulator_version(&mut self) -> Result<Option<u64>, Unavailable> {
        Ok(None)
    }

    fn info(&mut self) -> Result<NodeInfo, Unavailable> {
        Ok(NodeInfo::default())
    }

    fn last_cell(&mut self) -> Result<u32, Unavailable> {
        Ok(1023)
    }

    fn cell_free_bytes(&mut self, cell: u32) -> Result<u64, Unavailable> {
        Ok(cell.into())
    }

    fn free_bytes(&mut self) -> Result<u64, Unavailable> {
        Err(Unavailable("not now"))
    }

    fn memory_stats(&mut self, _: Option<u32>) -> Result<MemoryStats, Unavailable> {
        Ok(MemoryStats::default())
    }

    fn cpu_times(&mut self, cpu: Option<u32>) -> Result<Option<CpuTimes>, Unavailable> {
        Ok(cpu.is_none().then(CpuTimes::default))
    }

    fn cpu_count(&mut self) -> Result<u32, Unavailable> {
        Ok(16384)
    }

    fn online_cpus(&mut self, visit: &mut dyn FnMut(u32)) -> Result<(), Unavailable> {
        (0..16384).step_by(3).for_each(visit);
        Ok(())
    }

    fn free_pages(&mut self, _: u32, size_kib: u32) -> Result<Option<u64>, Unavailable> {
        Ok((size_kib == 4).then_some(1))
    }
}

/// All that is said to `input`, which comes `piece` bytes at a time; `None` where it ends in hanging up.
fn said(input: &[u8], piece: usize) -> Option<Vec<u8>> {
    let (mut connection, mut machine) = (Connection::new(), Machine::default());
    let (mut gathered, mut said, mut output) = (Vec::new(), Vec::new(), vec![0; MAX_REPLY_BYTES]);
    for chunk in input.chunks(piece) {
        gathered.extend_from_slice(chunk);
        loop {
            let progress = connection.receive(&gathered, 8192, &mut machine, &mut output).ok()?;
            said.extend_from_slice(&output[..progress.made]);
            gathered.drain(..progress.taken);
            while connection.is_streaming() {
                let len = connection.stream(&machine, &mut output[..piece.min(4096)]);
                said.extend_from_slice(&output[..len]);
                connection.passed(len, &mut machine);
            }
            if progress == Progress::default() {
                break;
            }
        }
    }
    assert_eq!(machine.held, 0);
    Some(said)
}

fuzz_target!(|input: &[u8]| {
    // Past authentication and open, where most procedures are.
    let words = [28, 0x2000_8086, 1, 66, 0, 0, 0, 40, 0x2000_8086, 1, 1, 0, 1, 0, 1, 0, 0_u32];
    let mut opened = words.map(u32::to_be_bytes).as_flattened().to_vec();
    opened.extend_from_slice(input);
    for input in [input, &opened] {
        assert_eq!(said(input, usize::MAX), said(input, 3));
    }
});
