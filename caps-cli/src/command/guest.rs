//! `caps guest`: the guests alone, of this host's emulators or of what others said elsewhere.

use crate::emulators::{Emulators, shown};
use crate::output::WriteSink;
use crate::{Arguments, Failure, GuestArguments, Status, host, output};
use caps_core::{Builder, Caps};
use caps_linux::Facts;
use caps_qemu::Recordings;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub(crate) fn run(arguments: &Arguments, asked: &GuestArguments) -> Result<Status, Failure> {
    let emulators = match &asked.qmp {
        Some(path) => recorded(asked, path)?,
        None => host::with(arguments, |host| Emulators::of_host(arguments, host))?,
    };
    if emulators.is_none_left() && !emulators.is_empty() {
        return Err(Failure::Refused(emulators.left_out().join("; ")));
    }
    emulators.report();
    document(&emulators, |caps| {
        let file = arguments.output.as_deref();
        output::to(file, |writer| caps_xml::write_guests(caps, &mut WriteSink(writer)))
    })?;
    Ok(emulators.status())
}

/// What emulators said elsewhere. There must be one that libvirt looks for.
fn recorded(asked: &GuestArguments, path: &Path) -> Result<Emulators, Failure> {
    let recordings = recordings(path, asked.binary.as_deref())?;
    let emulators = Emulators::recorded(&recordings, Some(asked.host_arch), Facts::DEFAULT_PATH);
    if !emulators.is_empty() {
        return Ok(emulators);
    }
    let named: Vec<_> = recordings.emulators().map(shown).collect();
    Err(Failure::Refused(match named.as_slice() {
        [] => format!("{}: no recordings", path.display()),
        _ => format!("libvirt looks for no emulator of these: {}", named.join(", ")),
    }))
}

fn recordings(path: &Path, binary: Option<&Path>) -> Result<Recordings, Failure> {
    let metadata = path.metadata().map_err(Failure::file(path))?;
    if metadata.is_dir() && binary.is_none() {
        return Recordings::of_directory(path).map_err(Failure::file(path));
    }
    let binary = binary.map(|binary| binary.as_os_str().as_bytes().to_vec());
    let binary = binary
        .or_else(|| Recordings::emulator_of(path.file_name()?.as_bytes()))
        .ok_or_else(|| {
            let path = path.display();
            Failure::Refused(format!("{path} is not named after an emulator; say --binary PATH"))
        })?;
    if !binary.starts_with(b"/") {
        return Err(Failure::Refused("--binary is no absolute path".into()));
    }
    Recordings::of_file(path, &binary).map_err(Failure::file(path))
}

/// Calls `visit` with a document that has these guests and nothing else.
fn document<T>(
    emulators: &Emulators,
    visit: impl FnOnce(&Caps<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut storage = Vec::new();
    loop {
        let mut builder = Builder::new(&mut storage);
        emulators.add_to(&mut builder);
        match builder.finish() {
            Ok(caps) => return visit(&caps),
            Err(full) => storage = vec![0; full.needed],
        }
    }
}
