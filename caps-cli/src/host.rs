//! The host that is asked for: this one, or a recorded one.

use crate::{Arguments, Failure, GuestSource};
use caps_core::{Caps, Driver, storage};
use caps_cpu::CpuidSource;
use caps_cpu::dump::Dump;
use caps_linux::{
    Environment, Error, Facts, Guests, Host, Live, Native, Observer, PAGE_BYTES, Root, Tree,
};
use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

/// Calls `visit` with the host that the arguments name.
pub(crate) fn with<T>(
    arguments: &Arguments,
    visit: impl FnOnce(&Host<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    match &arguments.root {
        Some(directory) => recorded(directory, visit),
        None => live(&Root::live(), visit),
    }
}

/// The document of `host`, handed to `visit`. Storage grows until it is large enough.
pub(crate) fn capabilities<T>(
    arguments: &Arguments,
    host: &Host<'_>,
    observer: &mut dyn Observer,
    visit: impl FnOnce(&Caps<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let guests = guests(arguments)?;
    let mut bytes = storage::MAX;
    loop {
        // Pages that are not touched cost nothing.
        let mut storage = vec![0; bytes];
        match caps_linux::capabilities(host, &Driver::QEMU, guests, &mut storage, None, observer) {
            Ok(caps) => return visit(&caps),
            Err(Error::Full(full)) => bytes = full.needed.max(bytes * 2),
            Err(error) => return Err(Failure::Refused(error.to_string())),
        }
    }
}

fn guests(arguments: &Arguments) -> Result<Guests, Failure> {
    match arguments.guests {
        _ if arguments.no_guests => Ok(Guests::None),
        GuestSource::None => Ok(Guests::None),
        GuestSource::Files => Ok(Guests::Files),
        GuestSource::Qmp => Err(Failure::Refused(
            "emulators cannot be asked over QMP yet; use --guests files".into(),
        )),
    }
}

/// Calls `visit` with this host, its files under `tree`.
pub(crate) fn live<T>(
    tree: &dyn Tree,
    visit: impl FnOnce(&Host<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let native = Native::open();
    let path = std::env::var_os("PATH");
    let bus = system_bus();
    let config = user_config();
    let environment = Environment {
        path: path.as_ref().map_or(Facts::DEFAULT_PATH, |path| path.as_bytes()),
        system_bus: bus.as_deref().unwrap_or(caps_linux::SYSTEM_BUS),
        user_config: config.as_deref(),
        page_bytes: PAGE_BYTES.unwrap_or_else(|| rustix::param::page_size() as u64),
    };
    let live = Live::ask(&native, environment);
    let live = live.map_err(|errno| Failure::Refused(format!("uname: {errno}")))?;
    visit(&Host { tree, facts: &live.facts(), cpuid: Some(&native) })
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
fn recorded<T>(
    directory: &Path,
    visit: impl FnOnce(&Host<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let name = CString::new(directory.as_os_str().as_bytes());
    let name = name.map_err(|error| Failure::file(directory)(error.into()))?;
    let root = Root::recorded(&name);
    let root =
        root.map_err(|errno| Failure::Refused(format!("{}: {errno}", directory.display())))?;
    let (facts, cpuid) =
        (optional(&directory.join("facts"))?, optional(&directory.join("cpuid.tsv"))?);
    let facts = caps_linux::parse::facts::facts(facts.as_deref().unwrap_or(&[]));
    let facts = facts.map_err(|error| {
        let path = directory.join("facts");
        Failure::Refused(format!("{}: line {} makes no sense", path.display(), error.line))
    })?;
    let dump = cpuid.as_deref().map(|text| dump(&directory.join("cpuid.tsv"), text)).transpose()?;
    let cpuid = dump.as_ref().map(|dump| dump as &dyn CpuidSource);
    visit(&Host { tree: &root, facts: &facts, cpuid })
}

fn dump<'t>(path: &Path, text: &'t [u8]) -> Result<Dump<'t>, Failure> {
    Dump::parse(text).map_err(|error| Failure::Refused(format!("{}: {error}", path.display())))
}

/// The contents of a file that need not be there.
fn optional(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::File(path.to_owned(), error)),
    }
}
