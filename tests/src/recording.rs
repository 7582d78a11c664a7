//! A recorded host, and its document made in process.

use caps_core::{Caps, Driver, Sink, storage};
use caps_cpu::CpuidSource;
use caps_cpu::dump::Dump;
use caps_linux::{Errno, Error, Guests, Host, Root, Tree};
use std::convert::Infallible;
use std::ffi::{CStr, CString};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A recorded host that is open.
#[derive(Debug)]
pub struct Recording {
    root: Root,
    facts: Vec<u8>,
    cpuid: Option<Vec<u8>>,
}

impl Recording {
    /// Opens the host that is recorded in `directory`.
    ///
    /// # Panics
    /// Where it is none, or where the kernel cannot confine links.
    pub fn open(directory: &Path) -> Self {
        Self::with_root(directory, Root::recorded)
    }

    /// As [`open`](Self::open), and takes the record at its word as if it were sysfs.
    ///
    /// # Panics
    /// As [`open`](Self::open).
    pub fn open_as_sysfs(directory: &Path) -> Self {
        Self::with_root(directory, Root::recorded_as_sysfs)
    }

    fn with_root(directory: &Path, open: fn(&CStr) -> Result<Root, Errno>) -> Self {
        let name = CString::new(directory.as_os_str().as_bytes()).unwrap();
        let root = open(&name).unwrap_or_else(|errno| panic!("{}: {errno}", directory.display()));
        let facts = contents(&root, "/facts").unwrap_or_default();
        let cpuid = contents(&root, "/cpuid.tsv").ok();
        Self { root, facts, cpuid }
    }

    /// Its files.
    pub const fn root(&self) -> &Root {
        &self.root
    }

    /// Says something more of it, as a line of `facts`.
    #[must_use]
    pub fn with_fact(mut self, line: &str) -> Self {
        self.facts.extend_from_slice(b"\n");
        self.facts.extend_from_slice(line.as_bytes());
        self
    }

    /// Hands the host to `visit`.
    ///
    /// # Panics
    /// Where its facts or its CPUID make no sense.
    pub fn visit<T>(&self, visit: impl FnOnce(&Host<'_>) -> T) -> T {
        self.visit_through(&self.root, visit)
    }

    /// As [`visit`](Self::visit), its files seen through `tree`.
    ///
    /// # Panics
    /// Where its facts or its CPUID make no sense.
    pub fn visit_through<T>(&self, tree: &dyn Tree, visit: impl FnOnce(&Host<'_>) -> T) -> T {
        let facts = caps_linux::parse::facts::facts(&self.facts).unwrap();
        let dump = self.cpuid.as_deref().map(|text| Dump::parse(text).unwrap());
        let cpuid = dump.as_ref().map(|dump| dump as &dyn CpuidSource);
        visit(&Host { tree, facts: &facts, cpuid })
    }

    /// Its document, without guests.
    ///
    /// # Panics
    /// Where there is none.
    pub fn document(&self) -> Vec<u8> {
        self.visit(document).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// All of a file.
fn contents(tree: &dyn Tree, path: &str) -> Result<Vec<u8>, Errno> {
    let mut all = Vec::new();
    tree.stream(&caps_linux::Path::new(&[&path]), &mut [0; 4096], &mut |chunk| {
        all.extend_from_slice(chunk);
        ControlFlow::Continue(())
    })?;
    Ok(all)
}

/// The document of `host`, without guests, made in as much storage as it takes.
///
/// # Errors
/// Where libvirt would refuse.
pub fn document(host: &Host<'_>) -> Result<Vec<u8>, Error> {
    document_in(host, Guests::None, &mut vec![0; storage::MAX])
}

/// The document of `host` in exactly this storage.
///
/// # Errors
/// Where it does not fit, or libvirt would refuse.
pub fn document_in(
    host: &Host<'_>,
    guests: Guests<'_>,
    storage: &mut [u8],
) -> Result<Vec<u8>, Error> {
    let made = caps_linux::capabilities(host, &Driver::QEMU, guests, storage, None, &mut ());
    Ok(text(&made?))
}

/// The text of a document.
pub fn text(caps: &Caps<'_>) -> Vec<u8> {
    let mut text = Text(Vec::new());
    match caps_xml::write(caps, &mut text) {
        Ok(()) => text.0,
    }
}

/// A sink that keeps everything.
struct Text(Vec<u8>);

impl Sink for Text {
    type Error = Infallible;

    fn write(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// The child `<name>` of `<host>` with all its lines; empty where there is none.
pub fn element<'d>(document: &'d str, name: &str) -> &'d str {
    let (open, empty, close) =
        (format!("    <{name}>\n"), format!("    <{name}/>\n"), format!("\n    </{name}>\n"));
    let begin = |start: &str| {
        document.match_indices(start).map(|(at, _)| at).find(|&at| document[..at].ends_with('\n'))
    };
    if let Some(at) = begin(&empty) {
        return &document[at..at + empty.len()];
    }
    let Some(at) = begin(&open) else { return "" };
    let end = document[at..].find(&close).map_or(document.len(), |end| at + end + close.len());
    &document[at..end]
}
