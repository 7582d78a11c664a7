//! `PATH` with its relative places made absolute.

use crate::Failure;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Returns `path` with each relative place below the working directory. An empty place is that directory itself, as it is for
/// GLib, with which libvirt looks for emulators.
///
/// # Errors
/// Returns [`Failure`] if there is a relative place and the working directory is unknown. One that is removed has no files, and
/// places below it are left out.
pub(crate) fn absolute(path: &[u8]) -> Result<Vec<u8>, Failure> {
    let is_relative = |place: &[u8]| !place.starts_with(b"/");
    let mut places: Vec<_> = path.split(|&byte| byte == b':').map(<[u8]>::to_vec).collect();
    if !places.iter().any(|place| is_relative(place)) {
        return Ok(path.to_vec());
    }
    match working_directory()? {
        None => places.retain(|place| !is_relative(place)),
        Some(directory) => {
            let relative = places.iter_mut().filter(|place| is_relative(place));
            relative.for_each(|place| *place = below(&directory, place));
        }
    }
    Ok(places.join(&b':'))
}

fn below(directory: &Path, place: &[u8]) -> Vec<u8> {
    // Without the `.` that `join` leaves between two parts.
    let joined = directory.join(OsStr::from_bytes(place));
    joined.components().collect::<PathBuf>().into_os_string().into_vec()
}

/// The working directory; `None` if it was removed.
fn working_directory() -> Result<Option<PathBuf>, Failure> {
    let refused = |why: &dyn std::fmt::Display| {
        Failure::Refused(format!(
            "PATH has a relative directory, and it cannot be found from the working directory: {why}"
        ))
    };
    match std::env::current_dir() {
        Ok(directory) if directory.as_os_str().as_bytes().contains(&b':') => {
            Err(refused(&format_args!("{} has a colon in its name", directory.display())))
        }
        Ok(directory) => Ok(Some(directory)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_places_are_below_the_working_directory() {
        let here = std::env::current_dir().unwrap();
        let here = here.to_str().unwrap();
        let made = |path: &str| String::from_utf8(absolute(path.as_bytes()).unwrap()).unwrap();
        assert_eq!(made("/b:/c/../d/"), "/b:/c/../d/");
        assert_eq!(made("bin:/b"), format!("{here}/bin:/b"));
        assert_eq!(made("./x/./y:/b:.."), format!("{here}/x/y:/b:{here}/.."));
        assert_eq!(made("/b::/c"), format!("/b:{here}:/c"));
        assert_eq!(made(":/b:"), format!("{here}:/b:{here}"));
        assert_eq!(made(""), here);
    }
}
