//! Every read of libvirt on a live host, in its order: for a record of a host, and for those who compare traces.
use crate::source::{CpuidSource, Registers};
use crate::x86::register::Source;

/// Where the extended leaves begin.
pub(crate) const EXTENDED: u32 = 0x8000_0000;
/// Bit of leaf 7 EBX without which leaf 0x12 means nothing.
pub(crate) const SGX: u32 = 1 << 2;

/// libvirt believes any count that a processor gives; no processor comes near these.
const MAX_LEAVES: u32 = 0xffff;
const MAX_SUBLEAVES: u32 = 0xff;

/// One read of the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// CPUID.
    Cpuid {
        /// EAX in.
        leaf: u32,
        /// ECX in.
        subleaf: u32,
        /// What came back.
        registers: Registers,
        /// Whether libvirt keeps it; a few reads only say how to go on.
        kept: bool,
    },
    /// An MSR.
    Msr {
        /// ECX of RDMSR.
        index: u32,
        /// What came back; `None` where it does not exist or cannot be read.
        value: Option<u64>,
    },
}

/// Reads all that libvirt 12.8.0 reads from `source`, in its order, and hands each read to `visit`.
///
/// Ends on any source: at most 65536 leaves of a range and 256 subleaves of a leaf are read, whatever the source claims.
pub fn walk<S: CpuidSource + ?Sized>(source: &S, visit: impl FnMut(Read)) {
    let mut walk = Walk { source, visit, sgx: false };
    walk.range(0);
    walk.range(EXTENDED);
    for at in Source::all() {
        if let Source::Msr { index } = at {
            (walk.visit)(Read::Msr { index, value: source.msr(index) });
        }
    }
}

/// The last leaf of a range that begins at `base` and claims to end at `max`; `None` if it has none.
pub(crate) const fn last_leaf(base: u32, max: u32) -> Option<u32> {
    match max.checked_sub(base) {
        None => None,
        Some(leaves) if leaves > MAX_LEAVES => Some(base + MAX_LEAVES),
        Some(_) => Some(max),
    }
}

struct Walk<'a, S: ?Sized, V> {
    source: &'a S,
    visit: V,
    sgx: bool,
}

impl<S: CpuidSource + ?Sized, V: FnMut(Read)> Walk<'_, S, V> {
    fn range(&mut self, base: u32) {
        let max = self.skip(base, 0).eax;
        if let Some(last) = last_leaf(base, max) {
            (base..=last).for_each(|leaf| self.leaf(leaf));
        }
    }

    fn leaf(&mut self, leaf: u32) {
        match leaf {
            4 => self.until(leaf, 0, |registers| registers.eax & 0x1f == 0),
            7 => self.features(leaf),
            0xb => self.topology(leaf),
            0xd => self.states(leaf),
            0xf => self.listed(leaf, |first| first.edx),
            0x10 => self.listed(leaf, |first| first.ebx),
            0x12 => self.enclaves(leaf),
            0x14 => {
                self.counted(leaf);
            }
            0x17 => self.vendor(leaf),
            _ => {
                self.keep(leaf, 0);
            }
        }
    }

    /// Leaf 7 says how many subleaves it has, and whether there is SGX.
    fn features(&mut self, leaf: u32) {
        let first = self.counted(leaf);
        self.sgx = first.ebx & SGX != 0;
    }

    /// Leaf 0xb ends with a level of type 0, which is not kept.
    fn topology(&mut self, leaf: u32) {
        for subleaf in 0..=MAX_SUBLEAVES {
            if !self.keep_if(leaf, subleaf, |registers| registers.ecx >> 8 & 0xff != 0) {
                return;
            }
        }
    }

    /// Leaf 0xd lists states in two pairs of registers, of subleaves 0 and 1.
    fn states(&mut self, leaf: u32) {
        let (user, supervisor) = (self.keep(leaf, 0), self.keep(leaf, 1));
        let low = u64::from(user.eax | supervisor.ecx);
        let high = u64::from(user.edx | supervisor.edx);
        let states = low | high << 32;
        for subleaf in (2..64).filter(|state| states >> state & 1 == 1) {
            self.keep(leaf, subleaf);
        }
    }

    /// Subleaf 0 has a bit for every other.
    fn listed(&mut self, leaf: u32, list: impl Fn(Registers) -> u32) {
        let list = list(self.keep(leaf, 0));
        for subleaf in (1..32).filter(|subleaf| list >> subleaf & 1 == 1) {
            self.keep(leaf, subleaf);
        }
    }

    fn enclaves(&mut self, leaf: u32) {
        let sgx = self.sgx;
        if self.keep_if(leaf, 0, |_| sgx) {
            self.keep(leaf, 1);
            self.until(leaf, 2, |registers| registers.eax & 0xf == 0);
        }
    }

    /// Leaf 0x17 counts only from three on.
    fn vendor(&mut self, leaf: u32) {
        let (first, kept) = self.read(leaf, 0, |registers| registers.eax >= 3);
        if kept {
            self.rest(leaf, first.eax);
        }
    }

    /// Subleaf 0 says in EAX which is the last.
    fn counted(&mut self, leaf: u32) -> Registers {
        let first = self.keep(leaf, 0);
        self.rest(leaf, first.eax);
        first
    }

    fn rest(&mut self, leaf: u32, last: u32) {
        for subleaf in 1..=last.min(MAX_SUBLEAVES) {
            self.keep(leaf, subleaf);
        }
    }

    /// Subleaves from `first` on until one is the last, which is kept too.
    fn until(&mut self, leaf: u32, first: u32, is_last: impl Fn(Registers) -> bool) {
        for subleaf in first..=MAX_SUBLEAVES {
            if is_last(self.keep(leaf, subleaf)) {
                return;
            }
        }
    }

    fn keep(&mut self, leaf: u32, subleaf: u32) -> Registers {
        self.read(leaf, subleaf, |_| true).0
    }

    fn skip(&mut self, leaf: u32, subleaf: u32) -> Registers {
        self.read(leaf, subleaf, |_| false).0
    }

    fn keep_if(&mut self, leaf: u32, subleaf: u32, keeps: impl Fn(Registers) -> bool) -> bool {
        self.read(leaf, subleaf, keeps).1
    }

    fn read(
        &mut self,
        leaf: u32,
        subleaf: u32,
        keeps: impl Fn(Registers) -> bool,
    ) -> (Registers, bool) {
        let registers = self.source.cpuid(leaf, subleaf);
        let kept = keeps(registers);
        (self.visit)(Read::Cpuid { leaf, subleaf, registers, kept });
        (registers, kept)
    }
}
