//! Where the output goes, and what is left where it cannot go.

mod support;

#[path = "output/ended.rs"]
mod ended;
#[path = "output/files.rs"]
mod files;
#[path = "output/stdout.rs"]
mod stdout;

use crate::support::Scratch;
use std::process::Command;

const CPU: &str = "<cpu><arch>x86_64</arch><model>Penryn</model><vendor>Intel</vendor></cpu>\n";
/// What `baseline` makes of it.
const BASELINE: &str = "<cpu mode='custom' match='exact'>\n  <model fallback='forbid'>Penryn</model>\n  \
                        <vendor>Intel</vendor>\n</cpu>\n";

/// A directory for output, and a command that writes [`BASELINE`].
struct Writing {
    scratch: Scratch,
    input: Scratch,
}

impl Writing {
    fn new() -> Self {
        let input = Scratch::new();
        input.file("cpu.xml", CPU);
        Self { scratch: Scratch::new(), input }
    }

    /// The words that write it to the file `name` of the directory.
    fn words(&self, name: &str) -> [String; 4] {
        ["baseline".into(), self.input.path("cpu.xml"), "-o".into(), self.scratch.path(name)]
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caps"));
        command.args(self.words(name));
        command
    }

    /// Names in the directory, in order.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.scratch.path("")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

/// Whether the tests are run by root.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}
