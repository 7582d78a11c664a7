//! Files that people hand over: read as a whole, up to a bound.

use crate::Failure;
use caps_xml::read::{MAX_BYTES, Position};
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A file, or standard input where its name is `-`.
#[derive(Debug)]
pub(crate) struct Input {
    path: PathBuf,
    /// All that it holds, at most [`MAX_BYTES`].
    pub(crate) bytes: Vec<u8>,
}

impl Input {
    /// Reads the file at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = if path == Path::new("-") {
            bounded(io::stdin().lock())
        } else {
            File::open(path).and_then(bounded)
        };
        Ok(Self { path: path.to_owned(), bytes: bytes.map_err(Failure::file(path))? })
    }

    /// Standard input with these bytes.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self { path: "-".into(), bytes: bytes.to_vec() }
    }

    /// What to call it in a message.
    pub(crate) fn name(&self) -> impl Display {
        self.path.display()
    }

    /// What is wrong at a place of it.
    pub(crate) fn refuse_at(&self, place: Position, what: impl Display) -> Failure {
        refuse_at(&self.path, place, what)
    }
}

/// What is wrong at a place of the file at `path`: `FILE:LINE:COLUMN: what`.
pub(crate) fn refuse_at(path: &Path, place: Position, what: impl Display) -> Failure {
    let Position { line, column } = place;
    Failure::Refused(format!("{}:{line}:{column}: {what}", path.display()))
}

fn bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_BYTES {
        let sentence = format!("larger than {} MiB", MAX_BYTES >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, sentence));
    }
    Ok(bytes)
}
