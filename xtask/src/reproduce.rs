//! `cargo xtask reproduce`: builds what is handed out in a second directory, and compares it byte for byte.

use crate::chore::{Done, copy_checkout, root};
use crate::dist::Checkout;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Compares with what `cargo xtask dist` has made of this checkout.
pub(crate) fn run() -> Done {
    let first = Checkout::this()?;
    let place = root().join("target/reproduced");
    let _ = fs::remove_dir_all(&place);
    let second = second(&place, &first)?;
    second.build()?;
    let names = compare(&first.directory(), &second.directory())?;
    for name in &names {
        without_places(&first.directory().join(name), &first)?;
    }
    println!("==> the same in two directories: {}", names.join(", "));
    fs::remove_dir_all(&place).map_err(|error| format!("{}: {error}", place.display()))
}

/// A copy of a checkout, with another home of cargo, in `place`.
fn second(place: &Path, first: &Checkout) -> Result<Checkout, String> {
    let failed = |error| format!("{}: {error}", place.display());
    let checkout =
        Checkout { root: place.join("a longer name"), cargo_home: place.join("home of cargo") };
    copy_checkout(&first.root, &checkout.root).map_err(failed)?;
    fs::create_dir_all(&checkout.cargo_home).map_err(failed)?;
    let entries = fs::read_dir(&first.cargo_home).map_err(failed)?;
    let shared = ["registry", "config", "config.toml"];
    for entry in entries.flatten().filter(|entry| shared.iter().any(|n| entry.file_name() == *n)) {
        symlink(entry.path(), checkout.cargo_home.join(entry.file_name())).map_err(failed)?;
    }
    Ok(checkout)
}

/// Compares the files of two directories. Returns their names.
fn compare(first: &Path, second: &Path) -> Result<Vec<String>, String> {
    let mut names = names(second)?;
    names.sort();
    for name in &names {
        if read(&first.join(name))? != read(&second.join(name))? {
            return Err(format!("{name} depends on the directory that it is built in"));
        }
    }
    match names.as_slice() {
        [] => Err("nothing was built".into()),
        _ => Ok(names),
    }
}

fn names(directory: &Path) -> Result<Vec<String>, String> {
    let failed = |error| format!("{}: {error}", directory.display());
    let entries = fs::read_dir(directory).map_err(failed)?;
    Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}

/// Fails if a file has a path of this machine in it.
fn without_places(file: &Path, checkout: &Checkout) -> Done {
    let bytes = read(file)?;
    let places = [Some(checkout.root.clone()), Some(checkout.cargo_home.clone()), home()];
    let found = places.into_iter().flatten().find(|place| {
        let place = place.as_os_str().as_encoded_bytes();
        bytes.windows(place.len()).any(|window| window == place)
    });
    match found {
        Some(place) => Err(format!("{}: has {} in it", file.display(), place.display())),
        None => Ok(()),
    }
}

/// The home of the user, unless it is so short that anything could contain it.
fn home() -> Option<PathBuf> {
    env::home_dir().filter(|home| home.as_os_str().len() > 4)
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_reported() {
        let place = tempfile::tempdir().unwrap();
        let [first, second] = ["first", "second"].map(|name| place.path().join(name));
        for directory in [&first, &second] {
            fs::create_dir(directory).unwrap();
            fs::write(directory.join("caps"), "the same").unwrap();
        }
        assert_eq!(compare(&first, &second), Ok(vec!["caps".to_owned()]));
        fs::write(second.join("caps"), "another").unwrap();
        assert!(compare(&first, &second).is_err());
        fs::remove_file(second.join("caps")).unwrap();
        assert!(compare(&first, &second).is_err());
    }

    #[test]
    fn a_path_of_this_machine_is_reported() {
        let place = tempfile::tempdir().unwrap();
        let checkout = Checkout { root: "/home/of/one".into(), cargo_home: "/cargo/of/one".into() };
        for (text, is_clean) in [
            ("panicked at /caps/src/main.rs", true),
            ("panicked at /home/of/one/src/main.rs", false),
            ("panicked at /cargo/of/one/registry", false),
        ] {
            let file = place.path().join("caps");
            fs::write(&file, text).unwrap();
            assert_eq!(without_places(&file, &checkout).is_ok(), is_clean, "{text}");
        }
    }
}
