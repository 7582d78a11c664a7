//! A host whose files say anything: a document or a refusal, and the same from a host that is held.
#![no_main]

use caps_core::Driver;
use caps_core::sink::HashSink;
use caps_linux::{Errno, Facts, Guests, Held, Host, Identity, Path, Stat, Tree};
use libfuzzer_sys::fuzz_target;
use std::cell::Cell;
use std::ops::ControlFlow;

/// Names that directories have; which of them are there is for the input to say.
const NAMES: [&str; 16] = [
    "node0",
    "node1",
    "node7",
    "cpu0",
    "cpu1",
    "cpu9",
    "index0",
    "index2",
    "index3",
    "L2",
    "L3CODE",
    "L3DATA",
    "hugepages-2048kB",
    "hugepages-1048576kB",
    "memory_side_cache",
    "access1",
];

/// Answers in the order of the input: a byte says how, then come a length and the bytes.
struct Told<'i> {
    input: Cell<&'i [u8]>,
    is_sysfs: bool,
}

impl<'i> Told<'i> {
    fn byte(&self) -> u8 {
        let Some((&first, rest)) = self.input.get().split_first() else { return 0xff };
        self.input.set(rest);
        first
    }

    fn text(&self) -> Result<&'i [u8], Errno> {
        let len = match self.byte() {
            0xff => return Err(Errno::NOENT),
            0xfe => return Err(Errno::ACCES),
            0xfd => return Err(Errno::IO),
            len => usize::from(len),
        };
        let (text, rest) = self.input.get().split_at(len.min(self.input.get().len()));
        self.input.set(rest);
        Ok(text)
    }
}

impl Tree for Told<'_> {
    fn stream(
        &self,
        path: &Path,
        buffer: &mut [u8],
        visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        let _ = visit(self.read(path, buffer)?);
        Ok(())
    }

    fn read<'b>(&self, _: &Path, buffer: &'b mut [u8]) -> Result<&'b [u8], Errno> {
        let text = self.text()?;
        let len = text.len().min(buffer.len());
        buffer[..len].copy_from_slice(&text[..len]);
        Ok(&buffer[..len])
    }

    fn list(&self, _: &Path, visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), Errno> {
        let there = [self.byte(), self.byte()];
        if there == [0xff; 2] {
            return Err(Errno::NOENT);
        }
        let there = u16::from_le_bytes(there);
        for (_, name) in NAMES.iter().enumerate().filter(|(at, _)| there >> at & 1 != 0) {
            if visit(name.as_bytes()).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn stat(&self, _: &Path) -> Result<Stat, Errno> {
        self.text().map(|text| Stat {
            mode: 0o100_755,
            mtime_s: 1,
            links: text.len() as u32,
            owner: 0,
            identity: Identity::default(),
        })
    }

    fn executable(&self, path: &Path) -> Result<Option<Stat>, Errno> {
        self.stat(path).map(Some)
    }

    fn is_sysfs(&self) -> bool {
        self.is_sysfs
    }
}

fuzz_target!(|input: &[u8]| {
    let told = Told { input: Cell::new(input), is_sysfs: input.len() % 2 == 0 };
    let facts = Facts { machine: "x86_64", page_bytes: 4096, numa: true, ..Facts::default() };
    let host = Host { tree: &told, facts: &facts, cpuid: None };
    let mut storage = [0; 16 << 10];
    if let Ok(caps) =
        caps_linux::capabilities(&host, &Driver::QEMU, Guests::Files, &mut storage, None, &mut ())
    {
        let Ok(()) = caps_xml::write(&caps, &mut HashSink::default());
    }
    told.input.set(input);
    let mut held = Held::new(Driver::QEMU, &mut storage, &mut []);
    for _ in 0..3 {
        if held.refresh(&host, Guests::None, &mut ()).is_ok() {
            let caps = held.caps().expect("a refresh leaves a document");
            let Ok(()) = caps_xml::write(&caps, &mut HashSink::default());
        }
    }
});
