//! What emulators said elsewhere: a file for each.

use crate::find::{Found, find, folded};
use crate::reply::MAX_REPLY_BYTES;
use crate::verdict::Sayings;
use caps_core::Arch;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The end of the name of a recording.
const SUFFIX: &[u8] = b".jsonl";

/// What emulators said elsewhere, as [`Replies`](crate::Replies) reads it, by the paths that they have there.
#[derive(Clone, Debug, Default)]
pub struct Recordings {
    texts: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Recordings {
    /// The recordings in a directory: each file named after its emulator's path, with `%` for `/` and `.jsonl` behind, as
    /// `usr%bin%qemu-system-arm.jsonl`. Other files are none.
    ///
    /// # Errors
    /// Of reading the directory or one of its files.
    pub fn of_directory(directory: &Path) -> io::Result<Self> {
        let mut recordings = Self::default();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name();
            if Self::emulator_of(name.as_bytes()).is_some() {
                recordings.add(name.as_bytes(), text(&entry.path())?);
            }
        }
        Ok(recordings)
    }

    /// One recording, of the emulator with this absolute path.
    ///
    /// # Errors
    /// Of reading the file.
    pub fn of_file(file: &Path, emulator: &[u8]) -> io::Result<Self> {
        Ok(Self { texts: BTreeMap::from([(folded(emulator), text(file)?)]) })
    }

    /// Adds what the recording of this name holds, if that is the name of one.
    pub fn add(&mut self, file_name: &[u8], text: Vec<u8>) {
        self.texts.extend(Self::emulator_of(file_name).map(|emulator| (emulator, text)));
    }

    /// The path of the emulator that a recording is named after.
    pub fn emulator_of(file_name: &[u8]) -> Option<Vec<u8>> {
        let name = file_name.strip_suffix(SUFFIX)?;
        let name = name.strip_prefix(b"%").unwrap_or(name);
        let path = name.iter().map(|&byte| if byte == b'%' { b'/' } else { byte });
        Some(folded(&path.collect::<Vec<_>>()))
    }

    /// The name of the recording of an emulator.
    pub fn file_name(emulator: &[u8]) -> Vec<u8> {
        let name = emulator.strip_prefix(b"/").unwrap_or(emulator).iter();
        let name = name.map(|byte| if byte == &b'/' { &b'%' } else { byte });
        name.chain(SUFFIX).copied().collect()
    }

    /// The paths of the emulators, in their own order.
    pub fn emulators(&self) -> impl Iterator<Item = &[u8]> {
        self.texts.keys().map(Vec::as_slice)
    }

    /// As [`find()`], among these emulators: along `path`, and then in every other place where there is one.
    pub fn find(&self, host: Option<Arch>, path: &[u8]) -> Vec<Found> {
        let others = self.emulators().filter_map(place);
        let path = [path].into_iter().chain(others).collect::<Vec<_>>().join(&b':');
        find(host, &path, &mut |emulator| self.texts.contains_key(emulator))
    }

    /// What the emulators said that were `found`.
    pub fn said(&self, found: &[Found]) -> Sayings {
        let texts = found.iter().filter_map(|found| self.texts.get_key_value(&found.emulator));
        texts.map(|(emulator, text)| (emulator.clone(), Ok(text.clone()))).collect()
    }
}

/// The directory of an emulator.
fn place(emulator: &[u8]) -> Option<&[u8]> {
    let slash = emulator.iter().rposition(|&byte| byte == b'/')?;
    emulator.get(..slash.max(1))
}

/// What a file holds, up to the first byte that is too much.
fn text(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_REPLY_BYTES as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}
