//! The Debian package: installed, run and purged on an overlay of this machine, which never sees it.

use caps_tests::place::has_program;
use caps_tests::program::run;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Most that `systemd-analyze security` may say, in tenths; it says 12.
const EXPOSURE: &str = "15";
const LIMIT: Duration = Duration::from_secs(300);

/// `$1` is a directory for the overlay, `$2` the package. What is left is listed in `$1/left`.
const INSTALL: &str = r#"
set -e
place="$1"
mkdir "$place/over" "$place/root"
mount -t tmpfs tmpfs "$place/over"
mkdir "$place/over/upper" "$place/over/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/over/upper,workdir=$place/over/work" "$place/root" ||
  { echo overlay > "$place/skipped"; exit 0; }
cp "$2" "$place/root/capsd.deb"
for kernel in proc sys dev; do mount --rbind /$kernel "$place/root/$kernel"; done
inside() { chroot "$place/root" "$@"; }
inside dpkg -i /capsd.deb
inside sh -c 'dpkg -s capsd | grep "^Status: install ok installed"'
inside /usr/sbin/capsd --no-guests --once > "$place/once"
inside /usr/bin/caps --no-guests --output /var/tmp/caps.xml
mkdir -p "$place/root/var/cache/caps"
test -s "$place/root/usr/share/man/man8/capsd.8.gz"
echo '# mine' >> "$place/root/etc/default/capsd"
inside dpkg -i /capsd.deb
grep '# mine' "$place/root/etc/default/capsd"
inside dpkg -r capsd
grep '# mine' "$place/root/etc/default/capsd"
inside dpkg -P capsd
rm "$place/root/capsd.deb" "$place/root/var/tmp/caps.xml"
cd "$place/over/upper"
find . -type f -o -type l -o -type d | grep -i caps > "$place/left" || true
"#;

/// The package, as `cargo xtask dist` makes it.
fn package() -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if !["dpkg-deb", "gzip"].into_iter().all(has_program) {
        return None;
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(&repository).args(["run", "--quiet", "--package", "xtask", "--", "dist"]);
    let made = cargo.env_remove("RUSTFLAGS").output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let package = format!("target/dist/capsd_{}_amd64.deb", env!("CARGO_PKG_VERSION"));
    Some(repository.join(package))
}

#[test]
fn it_is_installed_and_purged_without_a_trace() {
    let Some(package) = package() else { return };
    if !["unshare", "mount", "chroot", "dpkg"].into_iter().all(has_program) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", INSTALL, "install"]);
    let ended = run(command.arg(place).arg(package), LIMIT);
    if place.join("skipped").exists() || ended.stderr.contains("unshare failed") {
        return eprintln!("skipped: no overlay of this machine's files: {}", ended.stderr);
    }
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(fs::read_to_string(place.join("once")).unwrap().ends_with("</capabilities>\n"));
    assert_eq!(fs::read_to_string(place.join("left")).unwrap(), "");
}

#[test]
fn the_service_is_confined() {
    if !has_program("systemd-analyze") {
        return;
    }
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/capsd.service");
    let analyze = |threshold: &str, unit: &Path| {
        let mut command = Command::new("systemd-analyze");
        command.args(["security", "--no-pager", "--offline=true", "--threshold", threshold]);
        run(command.arg(unit), LIMIT)
    };
    let ended = analyze(EXPOSURE, &unit);
    let text = String::from_utf8_lossy(&ended.stdout).into_owned();
    if !text.contains("Overall exposure level") {
        return eprintln!("skipped: systemd-analyze cannot do that: {}", ended.stderr);
    }
    assert_eq!(ended.code, Some(0), "{text}");
    // Without what confines it, it is not.
    let directory = tempfile::tempdir().unwrap();
    let naked = directory.path().join("capsd.service");
    fs::write(&naked, "[Service]\nExecStart=/usr/sbin/capsd\n").unwrap();
    assert_ne!(analyze(EXPOSURE, &naked).code, Some(0));
}
