//! `cargo xtask setup`: Debian packages that the tests compare with. Without them those tests skip, and say so.

use crate::chore::{self, Done, is_installed};
use std::path::Path;

/// A program that shows that a package is there, and the package.
const PACKAGES: &[(&str, &str)] = &[
    ("cc", "gcc"),
    ("xmllint", "libxml2-utils"),
    ("strace", "strace"),
    ("valgrind", "valgrind"),
    ("python3", "python3"),
    ("dbus-daemon", "dbus"),
    ("virsh", "libvirt-clients"),
    ("libvirtd", "libvirt-daemon-system"),
    ("unshare", "util-linux"),
    ("qemu-system-x86_64", "qemu-system-x86"),
    ("qemu-system-aarch64", "qemu-system-arm"),
    ("qemu-system-ppc64", "qemu-system-ppc"),
    ("qemu-system-mips64", "qemu-system-mips"),
    ("qemu-system-s390x", "qemu-system-misc"),
];

/// Packages without a program of their own.
const LIBRARIES: &[(&str, &str)] = &[
    ("/usr/lib/python3/dist-packages/dbus/__init__.py", "python3-dbus"),
    ("/usr/lib/python3/dist-packages/gi/__init__.py", "python3-gi"),
];

pub(crate) fn run() -> Done {
    let programs = PACKAGES.iter().filter(|(program, _)| !is_anywhere(program));
    let libraries = LIBRARIES.iter().filter(|(file, _)| !Path::new(file).exists());
    let missing: Vec<&str> = programs.chain(libraries).map(|&(_, package)| package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if let Err(why) = install(&missing) {
        println!("==> not installed: {} ({why}); the tests that use them skip", missing.join(" "));
    }
    Ok(())
}

/// Daemons are not on every user's PATH.
fn is_anywhere(program: &str) -> bool {
    is_installed(program) || Path::new("/usr/sbin").join(program).is_file()
}

fn install(packages: &[&str]) -> Done {
    let here = Path::new(".");
    let mut arguments = vec!["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"];
    let program = if is_root() { arguments.remove(0) } else { "sudo" };
    let update = [&arguments[..], &["update"]].concat();
    let install = [&arguments[..], &["install", "--no-install-recommends"], packages].concat();
    chore::run(here, program, &update)?;
    chore::run(here, program, &install)
}

/// The owner of this process, as the kernel shows it.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}
