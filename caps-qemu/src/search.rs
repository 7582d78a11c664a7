//! Looking for the emulators of the running host, and what tells whether looking again would find others.

use crate::find::{Found, LIBEXEC_PLACE, find, places};
use caps_linux::{Host, Path, Tree};
use caps_roster::{Identity, Surroundings, Watch};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

/// A path, and what lay there.
#[derive(Debug)]
pub(crate) struct Noted {
    path: Vec<u8>,
    identity: Identity,
}

/// The emulators of a host, and what that depends on.
#[derive(Debug, Default)]
pub(crate) struct Search {
    pub(crate) found: Vec<Found>,
    modules: Vec<Noted>,
    places: Vec<Noted>,
}

impl Search {
    /// Notes directories first and looks into them then: what changes meanwhile does not hold afterwards.
    pub(crate) fn of(host: &Host<'_>, now: &Surroundings<'_>) -> Self {
        let noted = |path| Noted::at(host.tree, path);
        let modules = modules(now.machine).into_iter().map(noted).collect();
        let directories = places(now.path).chain([LIBEXEC_PLACE]).map(<[u8]>::to_vec);
        let mut places: Vec<_> = directories.map(noted).collect();
        let found = find(now.arch(), now.path, &mut |path| {
            let executable = host.tree.executable(&Path::new(&[&path])).is_some();
            if !executable && is_there(path) {
                places.push(noted(path.to_vec()));
            }
            executable
        });
        Self { found, modules, places }
    }

    /// Directories of modules that emulators load.
    pub(crate) fn modules(&self) -> Vec<Watch<'_>> {
        self.modules.iter().map(Noted::watch).collect()
    }

    /// Where emulators were looked for, and what could not be executed.
    pub(crate) fn places(&self) -> Vec<Watch<'_>> {
        self.places.iter().map(Noted::watch).collect()
    }
}

impl From<&[Found]> for Search {
    /// What was found elsewhere, and depends on nothing here.
    fn from(found: &[Found]) -> Self {
        Self { found: found.to_vec(), ..Self::default() }
    }
}

impl Noted {
    fn at(tree: &dyn Tree, path: Vec<u8>) -> Self {
        Self { identity: Identity::at(tree, &path), path }
    }

    fn watch(&self) -> Watch<'_> {
        Watch { path: &self.path, identity: self.identity }
    }
}

/// Where distributions keep modules of emulators. libvirt knows the one place that it was built for.
fn modules(machine: &str) -> Vec<Vec<u8>> {
    let multiarch = format!("/usr/lib/{machine}-linux-gnu/qemu");
    [multiarch.as_str(), "/usr/lib64/qemu", "/usr/lib/qemu"].map(|path| path.into()).into()
}

/// Whether something lies there, be it a link that leads nowhere yet.
fn is_there(path: &[u8]) -> bool {
    fs::symlink_metadata(OsStr::from_bytes(path)).is_ok()
}
