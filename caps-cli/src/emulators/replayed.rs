//! What the emulators of a recorded host said: files of the record.

use super::shown;
use crate::Failure;
use caps_linux::{Errno, Path, Tree};
use caps_qemu::{MAX_REPLY_BYTES, Recordings};
use std::ops::ControlFlow;

/// Where a record has them.
const RECORDINGS: &str = "/qmp";

/// The place of what this emulator said.
pub(super) fn place(emulator: &[u8]) -> Vec<u8> {
    [RECORDINGS.as_bytes(), b"/", &Recordings::file_name(emulator)].concat()
}

/// All that a record has.
pub(super) fn recordings(tree: &dyn Tree) -> Result<Recordings, Failure> {
    let mut recordings = Recordings::default();
    for name in names(tree)? {
        let path = Path::new(&[&RECORDINGS, &"/", &name.as_slice()]);
        recordings.add(&name, text(tree, &path).map_err(refused(&path))?);
    }
    Ok(recordings)
}

fn names(tree: &dyn Tree) -> Result<Vec<Vec<u8>>, Failure> {
    let (path, mut names) = (Path::new(&[&RECORDINGS]), Vec::new());
    let listed = tree.list(&path, &mut |name| {
        names.extend(Recordings::emulator_of(name).map(|_| name.to_vec()));
        ControlFlow::Continue(())
    });
    match listed {
        Err(Errno::NOENT) => Ok(Vec::new()),
        listed => listed.map(|()| names).map_err(refused(&path)),
    }
}

/// What a recording holds, up to where it is too much.
fn text(tree: &dyn Tree, path: &Path) -> Result<Vec<u8>, Errno> {
    let mut text = Vec::new();
    tree.stream(path, &mut [0; 4096], &mut |chunk| {
        text.extend_from_slice(chunk);
        if text.len() > MAX_REPLY_BYTES {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    Ok(text)
}

fn refused(path: &Path) -> impl FnOnce(Errno) -> Failure + use<> {
    let path = shown(path.as_bytes());
    move |errno| Failure::Unavailable(format!("{path}: {errno}"))
}
