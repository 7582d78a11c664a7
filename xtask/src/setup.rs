//! `cargo xtask setup`: Debian packages that the tests compare with. Without them those tests skip, and say so.

use crate::chore::{self, Done, is_installed};
use crate::guest;
use std::path::Path;

/// A program that shows that a package is there, and the package.
const PACKAGES: &[(&str, &str)] = &[
    ("cc", "gcc"),
    ("c++", "g++"),
    ("xmllint", "libxml2-utils"),
    ("strace", "strace"),
    ("valgrind", "valgrind"),
    ("python3", "python3"),
    ("dbus-daemon", "dbus"),
    ("virsh", "libvirt-clients"),
    ("libvirtd", "libvirt-daemon-system"),
    ("unshare", "util-linux"),
    ("nm", "binutils"),
    ("qemu-system-x86_64", "qemu-system-x86"),
    ("qemu-system-aarch64", "qemu-system-arm"),
    ("qemu-system-ppc64", "qemu-system-ppc"),
    ("qemu-system-mips64", "qemu-system-mips"),
    ("qemu-system-s390x", "qemu-system-misc"),
];

/// Packages without a program of their own.
const LIBRARIES: &[(&str, &str)] = &[
    ("/usr/lib/python3/dist-packages/dbus/__init__.py", "python3-dbus"),
    ("/usr/lib/python3/dist-packages/libvirt.py", "python3-libvirt"),
    ("/usr/include/libvirt/libvirt.h", "libvirt-dev"),
    ("/usr/lib/python3/dist-packages/gi/__init__.py", "python3-gi"),
];

/// Programs of cargo's and their versions: what decodes the log of the image, and what fuzzes.
const PROGRAMS: [(&str, &str); 2] = [(caps_boot::PRINTER, "1.2.0"), ("cargo-fuzz", "0.13.2")];

pub(crate) fn run() -> Done {
    packages();
    PROGRAMS.iter().for_each(|&(program, version)| optional(program, of_cargo(program, version)));
    optional("a Linux guest", guest::fetch());
    Ok(())
}

/// What the tests that use it do without.
fn optional(name: &str, done: Done) {
    if let Err(why) = done {
        println!("==> no {name} ({why}); the tests that use it skip");
    }
}

/// A program of cargo's, once for all checkouts. Without optimisation it is there sooner than it would ever be faster.
fn of_cargo(program: &str, version: &str) -> Done {
    if is_installed(program) {
        return Ok(());
    }
    let package = format!("{program}@{version}");
    chore::run(Path::new("."), "cargo", &["install", "--quiet", "--locked", "--debug", &package])
}

fn packages() {
    let programs = missing(PACKAGES);
    let libraries = LIBRARIES.iter().filter(|(file, _)| !Path::new(file).exists());
    let missing: Vec<&str> = programs.chain(libraries.map(|&(_, package)| package)).collect();
    if !missing.is_empty() {
        optional(&missing.join(" "), install(&missing));
    }
}

/// Installs the packages whose programs are not there.
pub(crate) fn install_missing(packages: &[(&str, &str)]) -> Done {
    let missing: Vec<&str> = missing(packages).collect();
    if missing.is_empty() { Ok(()) } else { install(&missing) }
}

fn missing<'p>(packages: &[(&'p str, &'p str)]) -> impl Iterator<Item = &'p str> {
    packages.iter().filter(|(program, _)| !is_anywhere(program)).map(|&(_, package)| package)
}

/// Daemons are not on every user's PATH.
fn is_anywhere(program: &str) -> bool {
    is_installed(program) || Path::new("/usr/sbin").join(program).is_file()
}

fn install(packages: &[&str]) -> Done {
    update()?;
    apt(&[&["install", "--no-install-recommends"], packages].concat())
}

/// Fetches the lists of packages.
pub(crate) fn update() -> Done {
    apt(&["update"])
}

fn apt(arguments: &[&str]) -> Done {
    let mut words = vec!["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"];
    let program = if is_root() { words.remove(0) } else { "sudo" };
    words.extend(arguments);
    chore::run(Path::new("."), program, &words)
}

/// The owner of this process, as the kernel shows it.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}
