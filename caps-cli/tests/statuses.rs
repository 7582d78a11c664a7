//! Exit statuses: the same of every command, and in its help.

mod support;

use crate::support::{Scratch, caps};
use std::fs;

const PENRYN: &str = "<cpu><arch>x86_64</arch><model>Penryn</model><vendor>Intel</vendor></cpu>";
const EPYC: &str = "<cpu match='exact'><model>EPYC</model></cpu>";
/// Registers that the model 486 fits, and such that no model fits.
const CPU_486: &str = "cpuid 0x0 0x0 0x1 0x756e6547 0x6c65746e 0x49656e69\n\
                       cpuid 0x1 0x0 0x306c3 0x0 0x0 0xb\n";
const NO_MODEL: &str = "cpuid 0x0 0x0 0x1 0x756e6547 0x6c65746e 0x49656e69\n\
                        cpuid 0x1 0x0 0x306c3 0x0 0x0 0x0\n";

/// Files that make commands end in each way.
struct Inputs(Scratch);

impl Inputs {
    fn new() -> Self {
        let scratch = Scratch::new();
        for (name, text) in
            [("penryn", PENRYN), ("epyc", EPYC), ("486", CPU_486), ("no-model", NO_MODEL)]
        {
            scratch.file(name, text);
        }
        fs::create_dir_all(scratch.path("refused/etc/libvirt")).unwrap();
        scratch.file("refused/facts", "machine x86_64\npage_size 4096\nnuma yes\nprivileged no\n");
        scratch.file("refused/etc/libvirt/qemu.conf", "user = \n");
        Self(scratch)
    }

    /// A call, in which `@` stands for the directory.
    #[track_caller]
    fn ends_with(&self, status: i32, call: &str) {
        let directory = self.0.path("");
        let words = call.split(' ').map(|word| word.replace('@', &directory));
        let run = caps(words);
        assert_eq!(run.status, status, "{call}: {}", run.stderr);
        let printed = !run.stdout.is_empty();
        let why = !run.stderr.is_empty();
        // What is printed, and whether standard error has the reason.
        let expected = match status {
            0 => (true, false),
            1 | 2 => (false, true),
            3 => (true, true),
            _ if call.ends_with("--error") => (false, true),
            _ => (true, false),
        };
        assert_eq!((printed, why), expected, "{call}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn every_command_ends_with_the_same_statuses() {
    let inputs = Inputs::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/hosts/smt-offline/root");
    for (status, call) in [
        (0, format!("--root {root}")),
        (0, format!("xml --root {root}")),
        (1, "xml --root @refused".into()),
        (1, "xml --root @missing".into()),
        (0, format!("explain --root {root}")),
        (3, "explain --root @refused".into()),
        (1, "explain --root @missing".into()),
        (0, format!("record @record --root {root}")),
        (1, format!("record @refused --root {root}")),
        (0, "cpu --cpuid @486".into()),
        (0, "cpu --why --cpuid @486".into()),
        (3, "cpu --why --cpuid @no-model".into()),
        (3, "cpu --json --cpuid @no-model".into()),
        (1, "cpu --cpuid @no-model".into()),
        (1, "cpu --cpuid @missing".into()),
        (0, "compare --host @penryn @penryn".into()),
        (4, "compare --host @penryn @epyc".into()),
        (4, "compare --host @penryn @epyc --error".into()),
        (1, "compare --host @penryn @missing".into()),
        (0, "baseline @penryn".into()),
        (1, "baseline @penryn @missing".into()),
        (1, "guest --qmp @missing".into()),
        (0, "--version".into()),
    ] {
        inputs.ends_with(status, &call);
    }
}

/// Every command, those of `cache` too.
const COMMANDS: [&str; 11] = [
    "",
    "xml",
    "explain",
    "record",
    "cpu",
    "compare",
    "baseline",
    "guest",
    "cache",
    "cache show",
    "cache clear",
];

#[test]
fn every_command_refuses_what_it_has_no_option_for() {
    for command in COMMANDS {
        let run = caps(command.split_whitespace().chain(["--nonsense"]));
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{command}: {}", run.stderr);
    }
}

#[test]
fn the_help_of_every_command_lists_its_statuses() {
    for command in COMMANDS {
        let help = caps(command.split_whitespace().chain(["--help"])).output();
        let (_, statuses) = help.split_once("\nExit status:").expect(command);
        for status in ["0 ", "1 ", "2 "] {
            assert!(statuses.contains(status), "{command}: {statuses}");
        }
    }
}
