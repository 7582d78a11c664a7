//! Test doubles of emulators: shell scripts in a directory of their own.

use super::{Run, Scratch};
use std::fs;
use std::process::{Command, Stdio};

/// What an emulator of sh4 says, as it is recorded, in the order of asking.
pub(crate) const GOOD: &str = r#"
{"probe":"first","execute":"query-version","return":{"qemu":{"major":11,"minor":1,"micro":0}}}
{"probe":"first","execute":"query-target","return":{"arch":"sh4"}}
{"probe":"first","execute":"query-accelerators","error":{}}
{"probe":"first","execute":"query-kvm","return":{"present":false,"enabled":false}}
{"probe":"first","execute":"qom-list-types","return":[{"name":"tcg-accel"}]}
{"probe":"first","execute":"query-machines","return":[{"name":"r2d","cpu-max":1,"deprecated":true}]}
"#;

/// The guest that [`GOOD`] makes.
pub(crate) fn sh4(path: &str) -> String {
    format!(
        "  <guest>
    <os_type>hvm</os_type>
    <arch name='sh4'>
      <wordsize>32</wordsize>
      <emulator>{path}</emulator>
      <machine maxCpus='1' deprecated='yes'>r2d</machine>
      <domain type='qemu'/>
    </arch>
    <features>
      <cpuselection/>
      <deviceboot/>
      <disksnapshot default='on' toggle='no'/>
      <externalSnapshot/>
    </features>
  </guest>

"
    )
}

/// Scripts, and a file `mark` that they may write to.
pub(crate) struct Doubles(Scratch);

impl Doubles {
    pub(crate) fn new() -> Self {
        let doubles = Self(Scratch::new());
        doubles.0.file("mark", "");
        doubles
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path(name)
    }

    /// What scripts wrote.
    pub(crate) fn mark(&self) -> String {
        fs::read_to_string(self.path("mark")).unwrap()
    }

    /// A script that says what [`GOOD`] does, and writes a line.
    pub(crate) fn good(&self, name: &str) -> String {
        let answers = GOOD.trim().lines().zip(0..).filter_map(|(line, number)| {
            let (_, rest) = line.split_once("\"execute\":")?.1.split_once(',')?;
            Some(format!("echo '{{\"id\":{number},{rest}'\n"))
        });
        let text: String = answers.collect();
        let started = "echo \"${0##*/}\" >> $mark";
        self.script(name, &format!("{started}\n{text}"))
    }

    /// A script of any kind; its path. Another process writes it: what this one has open for writing, any process that it
    /// starts meanwhile has too, and then it cannot be run.
    pub(crate) fn script(&self, name: &str, body: &str) -> String {
        let (mark, path) = (self.path("mark"), self.path(name));
        let text = self.0.file("text", &format!("#!/bin/sh\nmark='{mark}'\n{body}\n"));
        let installed = Command::new("install").args(["-m", "755", &text, &path]).status();
        assert!(installed.unwrap().success());
        path
    }

    /// `command` with the scripts in front of its `PATH`, and nothing else of this machine's emulators.
    pub(crate) fn prepared<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let tools = self.path("tools");
        if fs::create_dir(&tools).is_ok() {
            for tool in ["ls", "sleep", "setsid", "sh"] {
                let place = ["/usr/bin", "/bin"].map(|place| format!("{place}/{tool}"));
                let place = place.into_iter().find(|place| fs::exists(place).unwrap()).unwrap();
                std::os::unix::fs::symlink(place, format!("{tools}/{tool}")).unwrap();
            }
        }
        command.env("PATH", format!("{}:{tools}", self.path(".")))
    }

    /// Runs the program.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).spawn().unwrap())
    }

    /// The program, to be started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caps"));
        command.args(arguments).stdin(Stdio::null());
        self.prepared(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        command
    }
}
