//! Test doubles of emulators: shell scripts in a directory of their own.
#![allow(dead_code, reason = "each test uses a part")]

use caps_core::Arch;
use caps_qemu::Found;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

/// Answers in the right form.
pub(crate) const ANSWERS: &str = r#"
echo '{"QMP": {}}'
echo '{"return": {}}'
echo '{"return": {"qemu": {"major": 11, "minor": 1}}, "id": "query-version"}'
echo '{"return": {"arch": "x86_64"}, "id": "query-target"}'
echo '{"return": {"enabled": "kvm"}, "id": "query-accelerators"}'
echo '{"error": {"class": "CommandNotFound"}, "id": "query-kvm"}'
echo '{"return": [], "id": "qom-list-properties"}'
echo '{"return": [{"name": "pc-1", "alias": "pc"}], "id": "query-machines"}'
"#;

/// Test doubles in a directory of their own.
pub(crate) struct Doubles {
    directory: TempDir,
    /// While one test writes a script another must not start a process: it would hold the file open, and it could not be run.
    _alone: MutexGuard<'static, ()>,
}

static ALONE: Mutex<()> = Mutex::new(());

impl Doubles {
    pub(crate) fn new() -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        Self { directory: tempfile::tempdir().unwrap(), _alone: alone }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A shell script; `$mark` is a file that it may write to.
    pub(crate) fn script(&self, name: &str, body: &str) -> Found {
        let path = self.path(name);
        let mark = self.path("mark");
        fs::write(&path, format!("#!/bin/sh\nmark='{}'\n{body}", mark.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
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
