//! `facts` and `cpuid.tsv` of a recorded host: what is not a file of it.

use caps_core::Uuid;
use caps_cpu::x86::{Read, walk};
use caps_cpu::{CpuidSource, Registers};
use caps_linux::Facts;
use caps_linux::parse::line::trim;
use std::fmt::Write;

/// The text of `facts`. What the host does not answer is left out, and so is what a line cannot hold.
pub(crate) fn facts(facts: &Facts<'_>) -> Vec<u8> {
    let mut text = b"# answers of the host that are not files\n".to_vec();
    let mut line = |name: &str, value: &[u8]| {
        if is_line(value) {
            text.extend_from_slice(&[name.as_bytes(), b" ", value, b"\n"].concat());
        }
    };
    for (name, word) in words(facts) {
        line(name, word.as_bytes());
    }
    for (name, number) in numbers(facts) {
        line(name, number.to_string().as_bytes());
    }
    if let Some(uuid) = facts.random_uuid {
        line("random_uuid", uuid_text(uuid).as_bytes());
    }
    line("path", &places(facts.path).collect::<Vec<_>>().join(&b':'));
    if facts.config_dir != Facts::SYSTEM_CONFIG {
        line("config_dir", facts.config_dir);
    }
    text
}

fn numbers(facts: &Facts<'_>) -> impl Iterator<Item = (&'static str, u64)> {
    let page_bytes = Some(facts.page_bytes).filter(|&bytes| bytes > 0);
    let pages = facts.physical_bytes.checked_div(facts.page_bytes).filter(|&pages| pages > 0);
    [
        ("page_size", page_bytes),
        ("phys_pages", pages),
        ("kvm_tsc_khz", facts.tsc.map(|tsc| tsc.khz)),
        ("kvm_tsc_control", facts.tsc.map(|tsc| tsc.control)),
        ("hwcap", facts.hwcap),
    ]
    .into_iter()
    .filter_map(|(name, number)| Some((name, number?)))
}

fn words<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (&'static str, &'f str)> {
    let yes_or_no = |yes: bool| Some(if yes { "yes" } else { "no" });
    let logind = facts.logind.as_ref();
    [
        ("machine", Some(facts.machine).filter(|machine| !machine.is_empty())),
        ("numa", yes_or_no(facts.numa)),
        ("kvm", yes_or_no(facts.kvm)),
        ("privileged", yes_or_no(facts.privileged)),
        ("logind_suspend", logind.map(|answers| answers.suspend.as_str())),
        ("logind_hibernate", logind.map(|answers| answers.hibernate.as_str())),
        ("logind_hybrid_sleep", logind.map(|answers| answers.hybrid_sleep.as_str())),
    ]
    .into_iter()
    .filter_map(|(name, word)| Some((name, word?)))
}

/// The places of a `PATH` where emulators are looked for.
pub(crate) fn places(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&byte| byte == b':').filter(|place| place.starts_with(b"/") && is_line(place))
}

/// Whether a line of `facts` gives `value` back as it is.
fn is_line(value: &[u8]) -> bool {
    trim(value) == value && !value.contains(&b'\n')
}

fn uuid_text(Uuid(bytes): Uuid) -> String {
    let mut text = String::new();
    for (index, byte) in bytes.iter().enumerate() {
        let dash = if matches!(index, 4 | 6 | 8 | 10) { "-" } else { "" };
        // A string takes all that is written to it.
        let _ = write!(text, "{dash}{byte:02x}");
    }
    text
}

/// The text of `cpuid.tsv`: what libvirt reads of `source` and keeps. `None` for a processor without CPUID.
pub(crate) fn cpuid(source: &dyn CpuidSource) -> Option<String> {
    if source.cpuid(0, 0) == Registers::default() {
        return None;
    }
    let mut text = String::from(
        "# CPUID and MSRs of the first CPU\n# cpuid\tLEAF\tSUBLEAF\tEAX\tEBX\tECX\tEDX\n# msr\tINDEX\tLOW32\tHIGH32\n",
    );
    walk(source, |read| row(&mut text, read));
    Some(text)
}

fn row(text: &mut String, read: Read) {
    // A string takes all that is written to it.
    let _ = match read {
        Read::Cpuid { leaf, subleaf, registers: Registers { eax, ebx, ecx, edx }, kept: true } => {
            writeln!(
                text,
                "cpuid\t{leaf:#010x}\t{subleaf:#x}\t{eax:#010x}\t{ebx:#010x}\t{ecx:#010x}\t{edx:#010x}"
            )
        }
        Read::Msr { index, value: Some(value) } => {
            let (low, high) = (value as u32, value >> 32);
            writeln!(text, "msr\t{index:#x}\t{low:#010x}\t{high:#010x}")
        }
        Read::Cpuid { .. } | Read::Msr { value: None, .. } => Ok(()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use caps_cpu::dump::Dump;
    use caps_linux::TscFacts;
    use caps_linux::dbus::{Answer, Answers};

    fn same(told: &Facts<'_>) {
        let text = facts(told);
        let read = caps_linux::parse::facts::facts(&text).unwrap();
        assert_eq!(format!("{read:?}"), format!("{told:?}"));
    }

    #[test]
    fn facts_are_read_as_they_were_told() {
        same(&Facts::default());
        let answers = Answers { suspend: Answer::new(b"yes"), ..Answers::default() };
        same(&Facts {
            machine: "x86_64",
            page_bytes: 4096,
            physical_bytes: 12288,
            numa: true,
            kvm: true,
            tsc: Some(TscFacts { khz: 7, control: 1 }),
            hwcap: Some(0x803),
            logind: Some(answers),
            privileged: true,
            path: b"/odd \xff#:/bin",
            random_uuid: Some(Uuid(*b"0123456789abcdef")),
            config_dir: b"home/me/.config/libvirt",
            ..Facts::default()
        });
    }

    #[test]
    fn a_value_never_becomes_a_line() {
        let told = Facts { path: b"/a\nnuma yes:relative:/b :/bin", ..Facts::default() };
        same(&Facts { path: b"/bin", ..Facts::default() });
        assert!(facts(&told).ends_with(b"\npath /bin\n"));
        let told = Facts { config_dir: b"a\nnuma yes", ..Facts::default() };
        assert!(!facts(&told).windows(8).any(|window| window == b"numa yes"));
    }

    struct Cpu;

    impl CpuidSource for Cpu {
        fn cpuid(&self, leaf: u32, subleaf: u32) -> Registers {
            match (leaf, subleaf) {
                (0, 0) => {
                    Registers { eax: 4, ebx: 0x756e_6547, ecx: 0x6c65_746e, edx: 0x4965_6e69 }
                }
                (4, 0) => Registers { eax: 1, ..Registers::default() },
                _ => Registers::default(),
            }
        }

        fn msr(&self, index: u32) -> Option<u64> {
            (index == 0x10a).then_some(0x1_0000_0002)
        }
    }

    #[test]
    fn registers_are_read_as_they_were_kept() {
        let text = cpuid(&Cpu).unwrap();
        let dump = Dump::parse(text.as_bytes()).unwrap();
        for (leaf, subleaf) in [(0, 0), (1, 0), (4, 0), (4, 1), (7, 0), (0x8000_0000, 0)] {
            assert_eq!(dump.cpuid(leaf, subleaf), Cpu.cpuid(leaf, subleaf), "{leaf:#x} {subleaf}");
        }
        assert_eq!((dump.msr(0x10a), dump.msr(0xcf)), (Some(0x1_0000_0002), None));
        assert!(cpuid(&|_, _| Registers::default()).is_none());
    }
}
