//! The host that is asked for: this one, or a recorded one.

use crate::missing::{Missing, Needed};
use crate::tsc::Known;
use crate::{Arguments, Failure, search_path};
use caps_core::{Caps, Driver, Storage, storage};
use caps_cpu::CpuidSource;
use caps_cpu::dump::Dump;
use caps_linux::{
    Environment, Errno, Error, Facts, Guests, Host, Live, Native, Observer, PAGE_BYTES, Root, Tree,
    TscFacts, Unavailable,
};
use std::ffi::CString;
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::ControlFlow;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Calls `visit` with the host that the arguments name.
pub(crate) fn with<T>(
    arguments: &Arguments,
    visit: impl FnOnce(&Host<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    match &arguments.root {
        Some(directory) => recorded(directory, Needed::of(arguments), visit),
        None => remembered(arguments, visit),
    }
}

/// Calls `visit` with this host. KVM is not asked for what it said in an earlier call.
fn remembered<T>(
    arguments: &Arguments,
    visit: impl FnOnce(&Host<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    // Never closed: the process ends with it, and each call costs.
    let tree = ManuallyDrop::new(Root::live());
    let known = Known::of(arguments, &*tree);
    live(&*tree, known.tsc, |host| {
        known.keep(host.facts.tsc);
        visit(host)
    })
}

/// In `.bss`: pages that are not touched cost nothing.
static STORAGE: Mutex<Storage<{ storage::MAX }>> = Mutex::new(Storage::new());

/// The document of `host`, handed to `visit`. Where the fixed storage is too small for it, it gets as much as it needs.
pub(crate) fn capabilities<T>(
    host: &Host<'_>,
    guests: Guests<'_>,
    observer: &mut dyn Observer,
    visit: impl FnOnce(&Caps<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut fixed = STORAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let (driver, mut larger) = (&Driver::QEMU, Vec::new());
    loop {
        let storage = if larger.is_empty() { fixed.bytes_mut() } else { &mut larger };
        match caps_linux::capabilities(host, driver, guests, storage, None, observer) {
            Ok(caps) => return visit(&caps),
            Err(Error::Full(full)) => larger = vec![0; full.needed],
            Err(Error::Unavailable(unavailable)) => return Err(unavailable.into()),
            Err(error) => return Err(Failure::Refused(error.to_string())),
        }
    }
}

/// Calls `visit` with this host, its files under `tree`; KVM is asked for `tsc` unless it is given.
pub(crate) fn live<T>(
    tree: &dyn Tree,
    tsc: Option<TscFacts>,
    visit: impl FnOnce(&Host<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let native = ManuallyDrop::new(Native::open());
    let path = std::env::var_os("PATH");
    let path = path.map(|path| search_path::absolute(path.as_bytes())).transpose()?;
    let bus = system_bus();
    let config = user_config();
    let environment = Environment {
        path: path.as_deref().unwrap_or(Facts::DEFAULT_PATH),
        system_bus: bus.as_deref().unwrap_or(caps_linux::SYSTEM_BUS),
        user_config: config.as_deref(),
        page_bytes: PAGE_BYTES.unwrap_or_else(|| rustix::param::page_size() as u64),
        tsc,
        last_uuid: None,
    };
    let live = Live::ask(&native, environment);
    let live = live.map_err(Failure::call("uname"))?;
    visit(&Host { tree, facts: &live.facts(), cpuid: Some(&*native) })
}

/// The socket that the environment names, if it is one in the file system.
fn system_bus() -> Option<Vec<u8>> {
    let address = std::env::var_os("DBUS_SYSTEM_BUS_ADDRESS")?.into_vec();
    let path = address.strip_prefix(b"unix:path=")?;
    path.split(|byte| matches!(byte, b',' | b';')).next().map(Vec::from)
}

/// Where the user's own daemon has its configuration.
fn user_config() -> Option<Vec<u8>> {
    let config = std::env::var_os("XDG_CONFIG_HOME").filter(|config| !config.is_empty());
    let directory = match config {
        Some(config) => Path::new(&config).join("libvirt"),
        None => Path::new(&std::env::var_os("HOME")?).join(".config/libvirt"),
    };
    directory.as_os_str().as_bytes().strip_prefix(b"/").map(Vec::from)
}

/// Calls `visit` with the host that is recorded in `directory`.
pub(crate) fn recorded<T>(
    directory: &Path,
    needed: Needed,
    visit: impl FnOnce(&Host<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let name = CString::new(directory.as_os_str().as_bytes());
    let name = name.map_err(|error| Failure::file(directory)(error.into()))?;
    let root = Root::recorded(&name);
    let root =
        root.map_err(|errno| Failure::Unavailable(format!("{}: {errno}", directory.display())))?;
    let text = own_file(&root, directory, "facts")?;
    if text.is_none() && !is_there(&root, "/sys")? && !is_there(&root, "/proc")? {
        return Err(Failure::Refused(format!(
            "{}: not a recorded host: it has neither sys nor proc nor facts",
            directory.display()
        )));
    }
    let text = text.unwrap_or_default();
    let facts = caps_linux::parse::facts::facts(&text).map_err(|error| {
        let path = directory.join("facts");
        Failure::Refused(format!("{}: line {} makes no sense", path.display(), error.line))
    })?;
    let cpuid = own_file(&root, directory, "cpuid.tsv")?;
    let dump = cpuid.as_deref().map(|text| dump(&directory.join("cpuid.tsv"), text)).transpose()?;
    let cpuid = dump.as_ref().map(|dump| dump as &dyn CpuidSource);
    let facts = Missing::new(directory, &root, &text).complete(facts, needed)?;
    visit(&Host { tree: &root, facts: &facts, cpuid })
}

/// Whether anything can be seen at `path`. A failure that proves neither is an error.
pub(crate) fn is_there(tree: &dyn Tree, path: &str) -> Result<bool, Failure> {
    let path = caps_linux::Path::new(&[&path]);
    match tree.stat(&path) {
        Err(errno) if errno.is_trouble() => Err(Unavailable::new(&path, errno).into()),
        stat => Ok(stat.is_ok()),
    }
}

fn dump<'t>(path: &Path, text: &'t [u8]) -> Result<Dump<'t>, Failure> {
    Dump::parse(text).map_err(|error| Failure::Refused(format!("{}: {error}", path.display())))
}

/// Most bytes of a file that a record has beside those of the host.
const OWN_BYTES: usize = 1 << 20;

/// A file of the record itself, which need not be there. It is opened as those of the host are: inside the record, and without
/// waiting for anybody.
fn own_file(root: &Root, directory: &Path, name: &str) -> Result<Option<Vec<u8>>, Failure> {
    let mut text = Vec::new();
    let path = caps_linux::Path::new(&[&"/", &name]);
    let read = root.stream(&path, &mut [0; 4096], &mut |chunk| {
        text.extend_from_slice(chunk);
        if text.len() > OWN_BYTES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let refused = |why: &dyn fmt::Display| {
        Failure::Refused(format!("{}: {why}", directory.join(name).display()))
    };
    match read {
        Ok(()) if text.len() > OWN_BYTES => Err(refused(&"longer than a mebibyte")),
        Ok(()) => Ok(Some(text)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => {
            let path = directory.join(name);
            Err(Failure::Unavailable(format!("{}: {errno}", path.display())))
        }
    }
}
