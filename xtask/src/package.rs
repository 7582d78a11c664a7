//! The Debian package, made of what `cargo xtask dist` built and of `packaging/`.
//!
//! By dpkg-deb: cargo-deb packs one package of one workspace, and this is a program of the workspace and one that is not of it.

use crate::chore::{self, Done};
use crate::dist::Checkout;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// What goes where: a file of the repository or of `target/dist`, its place, its mode.
const FILES: &[(&str, &str, u32)] = &[
    ("target/dist/caps", "usr/bin/caps", 0o755),
    ("target/dist/capsd", "usr/sbin/capsd", 0o755),
    ("packaging/default", "etc/default/capsd", 0o644),
    ("packaging/capsd.service", "lib/systemd/system/capsd.service", 0o644),
    ("packaging/capsd.socket", "lib/systemd/system/capsd.socket", 0o644),
    ("packaging/capsd-ro.socket", "lib/systemd/system/capsd-ro.socket", 0o644),
    ("packaging/copyright", "usr/share/doc/capsd/copyright", 0o644),
    ("packaging/postinst", "DEBIAN/postinst", 0o755),
    ("packaging/postrm", "DEBIAN/postrm", 0o755),
    ("packaging/prerm", "DEBIAN/prerm", 0o755),
    ("LICENSE-MIT", "usr/share/doc/capsd/LICENSE-MIT", 0o644),
    ("LICENSE-APACHE", "usr/share/doc/capsd/LICENSE-APACHE", 0o644),
    ("docs/completions/caps.bash", "usr/share/bash-completion/completions/caps", 0o644),
    ("docs/completions/_caps", "usr/share/zsh/vendor-completions/_caps", 0o644),
    ("docs/completions/caps.fish", "usr/share/fish/vendor_completions.d/caps.fish", 0o644),
];

/// Manual pages, which are compressed.
const PAGES: &[(&str, &str)] =
    &[("docs/caps.1", "usr/share/man/man1/caps.1"), ("docs/capsd.8", "usr/share/man/man8/capsd.8")];

const CONFIGURATION: &str = "/etc/default/capsd\n";

/// Makes `target/dist/capsd_VERSION_amd64.deb`.
pub(crate) fn make(checkout: &Checkout) -> Done {
    if !chore::is_installed("dpkg-deb") {
        println!("==> no dpkg-deb on this machine: no package is made");
        return Ok(());
    }
    let (root, tree) = (&checkout.root, checkout.root.join("target/deb"));
    let _ = fs::remove_dir_all(&tree);
    for &(source, place, mode) in FILES {
        put(&root.join(source), &tree.join(place), mode)?;
    }
    for &(source, place) in PAGES {
        put(&root.join(source), &tree.join(place), 0o644)?;
        chore::run(&tree, "gzip", &["-9n", place])?;
    }
    write(&tree.join("DEBIAN/conffiles"), CONFIGURATION)?;
    control(root, &tree)?;
    open_directories(&tree)?;
    let package = concat!("capsd_", env!("CARGO_PKG_VERSION"), "_amd64.deb");
    let mut build = Command::new("dpkg-deb");
    build.args(["--root-owner-group", "--build"]).arg(&tree);
    build.arg(checkout.directory().join(package)).env("SOURCE_DATE_EPOCH", date());
    chore::run_command(&mut build)
}

/// Returns the date of all files in the package, in seconds of the epoch: by convention `SOURCE_DATE_EPOCH`, or else 0, so that the
/// package depends on the sources alone.
fn date() -> String {
    std::env::var("SOURCE_DATE_EPOCH").unwrap_or_else(|_| "0".into())
}

/// Gives all directories their mode, which the umask may have reduced.
fn open_directories(directory: &Path) -> Done {
    set_mode(directory, 0o755)?;
    let entries = fs::read_dir(directory);
    let entries = entries.map_err(|error| format!("{}: {error}", directory.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    paths.filter(|path| path.is_dir()).try_for_each(|path| open_directories(&path))
}

fn set_mode(path: &Path, mode: u32) -> Done {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|error| format!("{}: {error}", path.display()))
}

fn put(source: &Path, place: &Path, mode: u32) -> Done {
    let failed = |error| format!("{}: {error}", source.display());
    place.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::copy(source, place).map_err(failed)?;
    set_mode(place, mode)
}

fn write(place: &Path, text: &str) -> Done {
    fs::write(place, text).map_err(|error| format!("{}: {error}", place.display()))?;
    set_mode(place, 0o644)
}

/// The control file, with what only the finished tree tells.
fn control(root: &Path, tree: &Path) -> Done {
    let template = root.join("packaging/control");
    let text = fs::read_to_string(&template)
        .map_err(|error| format!("{}: {error}", template.display()))?;
    let bytes = FILES.iter().filter_map(|(_, place, _)| fs::metadata(tree.join(place)).ok());
    let kib = bytes.map(|file| file.len().div_ceil(1024)).sum::<u64>().to_string();
    let text = text.replace("@VERSION@", env!("CARGO_PKG_VERSION")).replace("@KIB@", &kib);
    write(&tree.join("DEBIAN/control"), &text)
}
