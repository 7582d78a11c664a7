//! The program, and the recorded processors beside the project.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod doubles;
pub(crate) mod dump;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared");

/// What the program did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The same without the warning of leaves that are missing: synthetic processors leave some out.
    pub(crate) fn unwarned(self) -> Self {
        let is_warning = |line: &&str| line.contains(": warning: the dump is incomplete");
        let lines = self.stderr.split_inclusive('\n').filter(|line| !is_warning(line));
        Self { stderr: lines.collect(), ..self }
    }

    /// What a program did that was started.
    pub(crate) fn of(child: Child) -> Self {
        let output = child.wait_with_output().unwrap();
        Self {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Its output; it must have succeeded.
    #[track_caller]
    pub(crate) fn output(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        self.stdout
    }

    /// What it said went wrong: one line. It must have printed nothing else.
    #[track_caller]
    pub(crate) fn failure(self) -> String {
        assert_eq!((self.status, self.stdout.as_str()), (1, ""), "{}", self.stderr);
        let sentence = self.stderr.strip_prefix("caps: ").and_then(|rest| rest.strip_suffix('\n'));
        let sentence = sentence.filter(|sentence| !sentence.contains('\n'));
        sentence.unwrap_or_else(|| panic!("no sentence: {}", self.stderr)).to_owned()
    }
}

/// Runs the program.
pub(crate) fn caps(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Run {
    caps_with("", arguments)
}

/// Runs the program with `input` to read. It neither uses nor keeps what emulators said.
pub(crate) fn caps_with(
    input: &str,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_caps"))
        .args(arguments)
        .arg("--no-cache")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without having read all.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Run::of(child)
}

/// What a cache may hold: two files, of each a part that a process had begun when it was killed, and the lock.
const CACHED: [&str; 5] = ["emulators", "emulators.new", "lock", "tsc", "tsc.new"];

/// The directory of a cache holds nothing else.
#[track_caller]
pub(crate) fn assert_no_litter(cache: &str) {
    for entry in fs::read_dir(cache).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(CACHED.iter().any(|cached| name == *cached), "{name:?}");
    }
}

/// A directory of files for one test.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Writes a file; its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The path of a file.
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// What the program says of a file, with the directory left out.
    pub(crate) fn plain(&self, sentence: &str) -> String {
        sentence.replace(&format!("{}/", self.0.path().display()), "")
    }
}

/// A folder beside the project; says so where it is missing.
pub(crate) fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(SHARED).join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: no ../shared/{folder} beside the project");
    None
}

/// A recorded processor and what libvirt 12.8.0 made of it.
pub(crate) struct Case {
    pub(crate) name: String,
    /// Its registers, in the TSV form.
    pub(crate) dump: String,
    path: PathBuf,
}

impl Case {
    fn new(path: PathBuf) -> Self {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Self { name, dump: fs::read_to_string(&path).unwrap(), path }
    }

    /// The text of the file with this ending, if there is one.
    pub(crate) fn file(&self, ending: &str) -> Option<String> {
        fs::read_to_string(self.beside(ending)).ok()
    }

    /// The path of the file with this ending.
    pub(crate) fn beside(&self, ending: &str) -> PathBuf {
        self.path.with_file_name(format!("{}.{ending}", self.name))
    }

    /// Whether libvirt has a model for it.
    pub(crate) fn has_model(&self) -> bool {
        self.file("host-12.8.xml").is_some_and(|host| host.starts_with("<cpu>"))
    }
}

/// All recorded processors; none where the folder is missing.
pub(crate) fn cases() -> Vec<Case> {
    let Some(folder) = shared("cases/cpu") else { return Vec::new() };
    let files = ["real", "syn"].iter().flat_map(|kind| fs::read_dir(folder.join(kind)).unwrap());
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "tsv"));
    paths.sort();
    paths.into_iter().map(Case::new).collect()
}

/// Panics with the names of the cases that `differs` holds of.
pub(crate) fn every_case(differs: impl Fn(&Case) -> bool) {
    let cases = cases();
    let wrong = cases.iter().filter(|case| differs(case)).map(|case| case.name.as_str());
    let wrong: Vec<&str> = wrong.collect();
    println!("{} of {} as expected", cases.len() - wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{wrong:?}");
}
