//! The emulators of this machine, and test doubles: shell scripts in a directory of their own.
#![allow(dead_code, reason = "each test uses a part")]

use caps_core::Arch;
use caps_qemu::{Found, find};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Answers in the right form.
pub(crate) const ANSWERS: &str = r#"
echo '{"QMP": {}}'
echo '{"return": {}}'
echo '{"return": {"qemu": {"major": 11, "minor": 1}}, "id": 0}'
echo '{"return": {"arch": "x86_64"}, "id": 1}'
echo '{"return": {"enabled": "kvm"}, "id": 2}'
echo '{"error": {"class": "CommandNotFound"}, "id": 3}'
echo '{"return": [{"name": "tcg-accel"}], "id": 4}'
echo '{"return": [{"name": "pc-1", "alias": "pc"}], "id": 5}'
"#;

/// The emulators of this machine along `PATH`: those of one architecture, or all.
pub(crate) fn emulators(arch: Option<Arch>) -> Vec<Found> {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut executable = |path: &[u8]| {
        let file = fs::metadata(Path::new(str::from_utf8(path).unwrap()));
        file.is_ok_and(|file| file.is_file() && file.permissions().mode() & 1 != 0)
    };
    find(arch, path.as_bytes(), &mut executable)
}

/// Test doubles in a directory of their own.
pub(crate) struct Doubles {
    directory: TempDir,
}

impl Doubles {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A shell script; `$mark` is a file that it may write to. Another process writes it: what this one has open for writing,
    /// any process that it starts meanwhile has too, and then it cannot be run.
    pub(crate) fn script(&self, name: &str, body: &str) -> Found {
        let (text, mark) = (self.path("text"), self.path("mark"));
        fs::write(&text, format!("#!/bin/sh\nmark='{}'\n{body}", mark.display())).unwrap();
        let mut install = Command::new("install");
        assert!(
            install.args(["-m", "755"]).args([text, self.path(name)]).status().unwrap().success()
        );
        self.found(name)
    }

    pub(crate) fn found(&self, name: &str) -> Found {
        let emulator = self.path(name).to_str().unwrap().into();
        Found { arch: Arch::X86_64, emulator }
    }

    pub(crate) fn mark(&self) -> String {
        fs::read_to_string(self.path("mark")).unwrap()
    }
}
