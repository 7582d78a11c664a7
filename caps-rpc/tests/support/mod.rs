//! A machine of literals, a client's encoder, and one call after another.
#![allow(dead_code, reason = "each test uses what it needs")]

use caps_core::Arch;
use caps_cpu::definition::Definition;
use caps_rpc::packet::{Head, Kind, Program, Status};
use caps_rpc::xdr::{Reader, Writer};
use caps_rpc::{
    Connection, CpuTimes, Document, Hangup, MAX_REPLY_BYTES, MemoryStats, Node, NodeInfo,
    Procedure, Progress, SecurityModel, Unavailable,
};

/// Bytes of calls that the caller of the tests can gather.
pub(crate) const CAPACITY: usize = 16 << 10;

/// Two CPUs in one cell.
pub(crate) struct Machine {
    pub(crate) text: Vec<u8>,
    pub(crate) arch: Option<Arch>,
    pub(crate) held: usize,
    pub(crate) made: u32,
    pub(crate) cpus: u32,
    pub(crate) online: Vec<u32>,
    /// Pools of pages that were read.
    pub(crate) pools_read: u32,
}

impl Default for Machine {
    fn default() -> Self {
        let text = b"<capabilities>\n</capabilities>\n".to_vec();
        let arch = Some(Arch::X86_64);
        Self { text, arch, held: 0, made: 0, cpus: 2, online: vec![0, 1], pools_read: 0 }
    }
}

pub(crate) const INFO: NodeInfo = NodeInfo {
    memory_kib: 0x0049_68cc,
    cpus: 2,
    mhz: 2596,
    nodes: 1,
    sockets: 1,
    cores: 2,
    threads: 1,
};

impl Node for Machine {
    fn document(&mut self) -> Result<Document, Unavailable> {
        self.held += 1;
        self.made += 1;
        Ok(Document { id: self.made, bytes: self.text.len() as u32 })
    }

    fn read(&self, _: Document, offset: u32, room: &mut [u8]) -> usize {
        let rest = self.text.get(offset as usize..).unwrap_or(&[]);
        let len = rest.len().min(room.len());
        room[..len].copy_from_slice(&rest[..len]);
        len
    }

    fn release(&mut self, _: Document) {
        self.held -= 1;
    }

    fn arch(&self) -> Option<Arch> {
        self.arch
    }

    fn host_cpu(&mut self, visit: &mut dyn FnMut(&Definition<'_>)) -> Result<(), Unavailable> {
        let mut host = Definition::of_host("x86_64");
        host.model = Some("Penryn");
        host.vendor = Some("Intel");
        host.feature("aes", None).unwrap();
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

    fn hostname<'b>(&mut self, room: &'b mut [u8]) -> Result<&'b [u8], Unavailable> {
        copy(b"vm", room)
    }

    fn machine<'b>(&mut self, room: &'b mut [u8]) -> Result<&'b [u8], Unavailable> {
        copy(b"x86_64", room)
    }

    fn emulator_version(&mut self) -> Result<Option<u64>, Unavailable> {
        Ok((self.arch == Some(Arch::X86_64)).then_some(7_002_022))
    }

    fn info(&mut self) -> Result<NodeInfo, Unavailable> {
        Ok(INFO)
    }

    fn last_cell(&mut self) -> Result<u32, Unavailable> {
        Ok(1)
    }

    fn cell_free_bytes(&mut self, cell: u32) -> Result<u64, Unavailable> {
        Ok(0x1_12c6_9000 + u64::from(cell))
    }

    fn free_bytes(&mut self) -> Result<u64, Unavailable> {
        Ok(0x1_10c2_d000)
    }

    fn memory_stats(&mut self, cell: Option<u32>) -> Result<MemoryStats, Unavailable> {
        match cell {
            Some(1) => Err(Unavailable("no meminfo of this cell")),
            _ => Ok(MemoryStats { total_kib: 4, free_kib: 3, buffers_kib: 2, cached_kib: 1 }),
        }
    }

    fn cpu_times(&mut self, cpu: Option<u32>) -> Result<Option<CpuTimes>, Unavailable> {
        let times = CpuTimes { kernel_ns: 1, user_ns: 2, idle_ns: 3, iowait_ns: 4 };
        Ok(cpu.is_none_or(|cpu| cpu < 2).then_some(times))
    }

    fn cpu_count(&mut self) -> Result<u32, Unavailable> {
        Ok(self.cpus)
    }

    fn online_cpus(&mut self, visit: &mut dyn FnMut(u32)) -> Result<(), Unavailable> {
        self.online.iter().for_each(|&cpu| visit(cpu));
        Ok(())
    }

    fn free_pages(&mut self, cell: u32, size_kib: u32) -> Result<Option<u64>, Unavailable> {
        self.pools_read += 1;
        Ok(matches!(size_kib, 4 | 2048).then_some(u64::from(cell * 10 + size_kib)))
    }
}

fn copy<'b>(text: &[u8], room: &'b mut [u8]) -> Result<&'b [u8], Unavailable> {
    room[..text.len()].copy_from_slice(text);
    Ok(&room[..text.len()])
}

/// A packet as a client makes it.
pub(crate) fn packet(head: &Head, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 28 + payload.len()];
    let mut writer = Writer::new(&mut bytes);
    head.write(&mut writer, 28 + payload.len() as u32);
    writer.raw(payload);
    bytes
}

pub(crate) const fn head(procedure: Procedure, serial: u32) -> Head {
    Head { program: Program::MAIN, procedure, kind: Kind::CALL, serial, status: Status::OK }
}

pub(crate) fn call(procedure: u32, serial: u32, payload: &[u8]) -> Vec<u8> {
    packet(&head(Procedure(procedure), serial), payload)
}

/// Arguments, written by our own encoder.
pub(crate) fn arguments(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut bytes = vec![0; 1 << 20];
    let mut writer = Writer::new(&mut bytes);
    write(&mut writer);
    let len = writer.written().unwrap();
    bytes.truncate(len);
    bytes
}

pub(crate) fn words(words: &[i32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

pub(crate) fn open(uri: &str, flags: u32) -> Vec<u8> {
    arguments(|writer| {
        writer.some_display(&uri);
        writer.u32(flags);
    })
}

/// A connection with its machine.
#[derive(Default)]
pub(crate) struct Client {
    pub(crate) connection: Connection,
    pub(crate) machine: Machine,
}

/// The end of a reply to a call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: u32,
    pub(crate) domain: u32,
    pub(crate) sentence: String,
}

impl Client {
    /// Authenticated, and the driver open.
    pub(crate) fn opened() -> Self {
        let mut client = Self::default();
        client.ask(66, &[]).unwrap();
        client.ask(1, &open("qemu:///system", 0)).unwrap();
        client
    }

    /// All that is said to `input`, which comes at once, a document included.
    pub(crate) fn say(&mut self, mut input: &[u8]) -> Result<Vec<u8>, Hangup> {
        let mut said = Vec::new();
        let mut output = vec![0xaa; MAX_REPLY_BYTES];
        loop {
            while self.connection.is_streaming() {
                let len = self.connection.stream(&self.machine, &mut output);
                said.extend_from_slice(&output[..len]);
                self.connection.passed(len, &mut self.machine);
            }
            let progress =
                self.connection.receive(input, CAPACITY, &mut self.machine, &mut output)?;
            if progress == Progress::default() {
                return Ok(said);
            }
            said.extend_from_slice(&output[..progress.made]);
            input = &input[progress.taken..];
        }
    }

    /// The payload of the reply to a call.
    pub(crate) fn ask(&mut self, procedure: u32, payload: &[u8]) -> Result<Vec<u8>, Refused> {
        let said = self.say(&call(procedure, 7, payload)).unwrap();
        let length = u32::from_be_bytes(said[..4].try_into().unwrap());
        assert_eq!(length as usize, said.len());
        let reply = Head::read(said.first_chunk().unwrap());
        assert_eq!((reply.kind, reply.serial, reply.procedure.0), (Kind::REPLY, 7, procedure));
        let payload = said[28..].to_vec();
        if reply.status == Status::OK { Ok(payload) } else { Err(refused(&payload)) }
    }

    /// The call is refused.
    pub(crate) fn refused(&mut self, procedure: u32, payload: &[u8]) -> (u32, u32, String) {
        let Refused { code, domain, sentence } = self.ask(procedure, payload).unwrap_err();
        (code, domain, sentence)
    }
}

fn refused(record: &[u8]) -> Refused {
    let mut reader = Reader::new(record);
    let (code, domain) = (reader.u32().unwrap(), reader.u32().unwrap());
    let sentence = reader.nullable_text().unwrap().unwrap();
    assert_eq!((reader.u32(), reader.u32()), (Ok(2), Ok(0)));
    let texts = [(); 3].map(|()| reader.nullable_text().unwrap());
    assert!(texts[0].is_some() && texts[1].is_some() && texts[2].is_none());
    let ends = [(); 3].map(|()| reader.i32().unwrap());
    assert!(matches!(ends, [-1, -1, 0] | [0, 0, 0]), "{ends:?}");
    assert!(reader.u32().is_err(), "more behind the record");
    Refused { code, domain, sentence: String::from_utf8(sentence.to_vec()).unwrap() }
}
