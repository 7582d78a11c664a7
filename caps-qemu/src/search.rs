//! Looking for the emulators of the running host, and what tells whether looking again would find others.

use crate::find::{Found, LIBEXEC_PLACE, find, places};
use caps_core::Arch;
use caps_linux::{Host, Path, Tree, Unavailable};
use caps_roster::{Identity, Surroundings, Watch};
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
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
    ///
    /// # Errors
    /// [`Unavailable`] if a file or directory of the search fails.
    pub(crate) fn of(host: &Host<'_>, now: &Surroundings<'_>) -> Result<Self, Unavailable> {
        let noted = |path| Noted::at(host.tree, path);
        let modules = modules(now.machine).into_iter().map(noted).collect();
        let directories = places(now.path).chain([LIBEXEC_PLACE]).map(<[u8]>::to_vec);
        let mut places: Vec<_> = directories.map(noted).collect();
        let found = find_in(host.tree, now.arch(), now.path, &mut |path| {
            if is_there(path) {
                places.push(noted(path.to_vec()));
            }
        })?;
        Ok(Self { found, modules, places })
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

/// As [`find`], among the files of `tree`. `unusable` is handed each path at which there is nothing to execute.
///
/// # Errors
/// [`Unavailable`] where one of the files cannot be looked at.
pub fn find_in(
    tree: &dyn Tree,
    host: Option<Arch>,
    path: &[u8],
    unusable: &mut dyn FnMut(&[u8]),
) -> Result<Vec<Found>, Unavailable> {
    let mut failure = None;
    let found = find(host, path, &mut |path| {
        let file = Path::new(&[&path]);
        let executable = tree.executable(&file);
        match executable {
            Ok(None) => unusable(path),
            Ok(Some(_)) => return true,
            Err(errno) => {
                failure.get_or_insert_with(|| Unavailable::new(&file, errno));
            }
        }
        false
    });
    failure.map_or(Ok(found), Err)
}

/// Where distributions keep modules of emulators. libvirt knows the one place that it was built for.
fn modules(machine: &str) -> Vec<Vec<u8>> {
    let multiarch = format!("/usr/lib/{machine}-linux-gnu/qemu");
    [multiarch.as_str(), "/usr/lib64/qemu", "/usr/lib/qemu"].map(|path| path.into()).into()
}

/// Whether something lies there, be it a link that leads nowhere yet.
fn is_there(path: &[u8]) -> bool {
    let metadata = fs::symlink_metadata(OsStr::from_bytes(path));
    !metadata
        .is_err_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
}
