//! Facts that a record lacks: they are derived from its files where those leave no doubt, with a notice, and refused otherwise.

use crate::host::is_there;
use crate::{Arguments, Command, Failure};
use caps_core::Arch;
use caps_linux::parse::line::{find, lines};
use caps_linux::parse::meminfo::kib;
use caps_linux::{Facts, Path as HostPath, Tree, Unavailable};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::path::Path;

/// Most bytes of a file that is looked at: the first CPU of `/proc/cpuinfo` is enough.
const FILE_BYTES: usize = 1 << 16;

/// Words of `/proc/cpuinfo` that only one kind of machine has.
const MARKS: [(&[u8], &str); 5] = [
    (b"address sizes", "x86_64"),
    (b"IBM/S390", "s390x"),
    (b"rv64", "riscv64"),
    (b"rv32", "riscv32"),
    (b"Loongson", "loongarch64"),
];

/// Facts that a command needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needed {
    /// All that the document is made of.
    All,
    /// The machine alone.
    Machine,
}

impl Needed {
    pub(crate) const fn of(arguments: &Arguments) -> Self {
        match arguments.command {
            None | Some(Command::Xml | Command::Explain | Command::Record { .. }) => Self::All,
            Some(_) => Self::Machine,
        }
    }
}

/// A record whose facts are being completed.
pub(crate) struct Missing<'r> {
    directory: &'r Path,
    tree: &'r dyn Tree,
    /// The text of `facts`; empty without one.
    text: &'r [u8],
    notices: RefCell<Vec<String>>,
}

impl<'r> Missing<'r> {
    pub(crate) fn new(directory: &'r Path, tree: &'r dyn Tree, text: &'r [u8]) -> Self {
        Self { directory, tree, text, notices: RefCell::default() }
    }

    /// The facts with those that were missing. Each is named on standard error, with what it was taken as.
    pub(crate) fn complete<'f>(
        &self,
        mut facts: Facts<'f>,
        needed: Needed,
    ) -> Result<Facts<'f>, Failure> {
        if !self.has("machine") {
            facts.machine = self.machine()?;
        }
        if needed == Needed::All {
            self.complete_numbers(&mut facts)?;
        }
        self.notices.take().iter().for_each(|notice| eprintln!("caps: {notice}"));
        Ok(facts)
    }

    fn complete_numbers(&self, facts: &mut Facts<'_>) -> Result<(), Failure> {
        if !self.has("page_size") {
            facts.page_bytes = self.page_bytes(facts.machine)?;
        }
        if !self.has("numa") {
            facts.numa = is_there(self.tree, "/sys/devices/system/node")?;
            self.notice("numa", yes_or_no(facts.numa), "from sys/devices/system/node");
        }
        // With NUMA the nodes have the memory.
        if !self.has("phys_pages") && !facts.numa {
            facts.physical_bytes = self.physical_bytes(facts.page_bytes)?;
        }
        if !self.has("privileged") {
            self.notice("privileged", yes_or_no(facts.privileged), "by default");
        }
        Ok(())
    }

    /// Whether a line of `facts` has this name.
    fn has(&self, name: &str) -> bool {
        let mut names = lines(self.text).map(|line| line.split(u8::is_ascii_whitespace));
        names.any(|mut words| words.find(|word| !word.is_empty()) == Some(name.as_bytes()))
    }

    fn machine(&self) -> Result<&'static str, Failure> {
        let (machine, source) = self
            .derived_machine()?
            .ok_or_else(|| self.refusal("machine", "x86_64", "`uname -m` prints on that host"))?;
        self.notice("machine", machine, &format!("from {}", source.trim_start_matches('/')));
        Ok(machine)
    }

    fn derived_machine(&self) -> Result<Option<(&'static str, &'static str)>, Failure> {
        let kernel = self.contents("/proc/sys/kernel/arch")?;
        let kernel = String::from_utf8_lossy(&kernel).into_owned();
        let cpuinfo = self.contents("/proc/cpuinfo")?;
        let marked = MARKS.iter().find(|(mark, _)| find(&cpuinfo, mark).is_some());
        let midr = "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1";
        Ok(if let Some(arch) = Arch::from_machine(kernel.trim_end()) {
            Some((arch.name(), "/proc/sys/kernel/arch"))
        } else if let Some((_, machine)) = marked {
            Some((with_word_size(machine, &cpuinfo), "/proc/cpuinfo"))
        } else if is_there(self.tree, midr)? {
            Some(("aarch64", midr))
        } else {
            is_there(self.tree, "/cpuid.tsv")?.then_some(("x86_64", "/cpuid.tsv"))
        })
    }

    /// Machines whose pages have one size; others have a choice.
    fn page_bytes(&self, machine: &str) -> Result<u64, Failure> {
        let arch = Arch::from_machine(machine);
        let fixed = arch.is_some_and(|arch| arch.is_x86() || arch.is_s390())
            || machine.starts_with("riscv");
        if !fixed {
            return Err(self.refusal(
                "page_size",
                "4096",
                "`getconf PAGESIZE` prints on that host",
            ));
        }
        self.notice("page_size", "4096", "from the machine");
        Ok(4096)
    }

    fn physical_bytes(&self, page_bytes: u64) -> Result<u64, Failure> {
        let total = kib(&self.contents("/proc/meminfo")?, b"MemTotal");
        let bytes = total.and_then(|kib| kib.checked_mul(1024)).ok_or_else(|| {
            self.refusal("phys_pages", "2097152", "`getconf _PHYS_PAGES` prints on that host")
        })?;
        let pages = bytes.checked_div(page_bytes).unwrap_or(0);
        self.notice("phys_pages", &pages.to_string(), "from proc/meminfo");
        Ok(bytes)
    }

    /// The beginning of a file; nothing where it cannot be read, which leaves the fact missing.
    fn contents(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let (path, mut contents) = (HostPath::new(&[&path]), Vec::new());
        let read = self.tree.stream(&path, &mut [0; 4096], &mut |chunk| {
            contents.extend_from_slice(chunk);
            if contents.len() < FILE_BYTES {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        match read {
            Err(errno) if errno.is_trouble() => Err(Unavailable::new(&path, errno).into()),
            _ => Ok(contents),
        }
    }

    fn notice(&self, name: &str, value: &str, source: &str) {
        let facts = self.directory.join("facts");
        let facts = facts.display();
        let notice = format!("{facts}: no {name}; assuming `{name} {value}` {source}");
        self.notices.borrow_mut().push(notice);
    }

    fn refusal(&self, name: &str, example: &str, source: &str) -> Failure {
        let facts = self.directory.join("facts");
        Failure::Refused(format!(
            "{}: no {name}; add a line such as `{name} {example}` with what {source}",
            facts.display()
        ))
    }
}

/// A 32-bit kernel of x86 is taken for one only where the flags of its CPU leave no doubt.
fn with_word_size(machine: &'static str, cpuinfo: &[u8]) -> &'static str {
    let mut flags = lines(cpuinfo).filter(|line| line.starts_with(b"flags"));
    let narrow = flags
        .next()
        .is_some_and(|flags| !flags.split(|&byte| byte == b' ').any(|flag| flag == b"lm"));
    if machine == "x86_64" && narrow { "i686" } else { machine }
}

const fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
