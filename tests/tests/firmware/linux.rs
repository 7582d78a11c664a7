//! A Linux guest: Debian's cloud kernel, and a small initramfs that runs caps.

use caps_boot::{EMULATOR, run};
use caps_tests::place::target;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// What a guest is made of: a kernel and a static busybox, which `cargo xtask setup` fetches.
pub(crate) struct Linux {
    kernel: PathBuf,
    initramfs: &'static [u8],
}

/// What a guest left behind.
pub(crate) struct Guest {
    /// The document of caps.
    pub(crate) document: String,
    /// Topology and caches of its CPUs as busybox reads them: lines of `cpu0/topology/core_id:0`.
    pub(crate) files: String,
}

const INIT: &str = "#!/bin/busybox sh\n\
    /bin/busybox mount -t proc proc /proc\n\
    /bin/busybox mount -t sysfs sysfs /sys\n\
    /bin/busybox mount -t devtmpfs dev /dev\n\
    /bin/busybox stty -F /dev/ttyS1 raw\n\
    /bin/busybox stty -F /dev/ttyS2 raw\n\
    /bin/caps > /dev/ttyS1\n\
    cd /sys/devices/system/cpu\n\
    /bin/busybox grep -H '' cpu*/topology/*_id cpu*/topology/thread_siblings_list cpu*/cache/index*/* > /dev/ttyS2\n\
    /bin/busybox poweroff -f\n";

/// One build for all guests.
static INITRAMFS: LazyLock<Vec<u8>> = LazyLock::new(|| initramfs(&guest().join("bin/busybox")));

/// Where `cargo xtask setup` puts what it fetches for guests.
fn guest() -> PathBuf {
    target().join("guest")
}

impl Linux {
    /// `None` where it was not fetched; that is said.
    pub(crate) fn find() -> Option<Self> {
        let entries = fs::read_dir(guest().join("boot")).into_iter().flatten().flatten();
        let mut files = entries.map(|entry| entry.path());
        let kernel = files.find(|path| path.to_string_lossy().contains("/vmlinuz-"));
        if kernel.is_none() {
            eprintln!("skipped: no kernel in target/guest, which cargo xtask setup fetches");
        }
        Some(Self { kernel: kernel?, initramfs: &INITRAMFS })
    }

    /// Boots a guest on the machine that `arguments` describe.
    pub(crate) fn boot(&self, arguments: &str) -> Guest {
        let place = tempfile::tempdir().unwrap();
        let [initramfs, console, document, files] =
            ["initramfs", "console", "xml", "files"].map(|name| place.path().join(name));
        fs::write(&initramfs, self.initramfs).unwrap();
        let mut qemu = Command::new(EMULATOR);
        qemu.args(["-accel", "tcg", "-nodefaults", "-no-reboot", "-display", "none"]);
        qemu.arg("-kernel").arg(&self.kernel).arg("-initrd").arg(&initramfs);
        qemu.args(["-append", "console=ttyS0 quiet panic=-1"]);
        for file in [&console, &document, &files] {
            qemu.arg("-serial").arg(format!("file:{}", file.display()));
        }
        run(qemu.args(arguments.split_whitespace())).unwrap();
        let [console, document, files] =
            [console, document, files].map(|file| fs::read_to_string(file).unwrap());
        assert!(document.ends_with("</capabilities>\n"), "{console}");
        Guest { document, files }
    }
}

/// An archive of the form that the kernel unpacks: busybox, caps, and what runs them.
fn initramfs(busybox: &Path) -> Vec<u8> {
    let mut archive = Vec::new();
    for directory in ["bin", "dev", "proc", "sys"] {
        entry(&mut archive, directory, 0o040_755, &[]);
    }
    entry(&mut archive, "bin/busybox", 0o100_755, &fs::read(busybox).unwrap());
    entry(&mut archive, "bin/caps", 0o100_755, &fs::read(caps()).unwrap());
    entry(&mut archive, "init", 0o100_755, INIT.as_bytes());
    entry(&mut archive, "TRAILER!!!", 0, &[]);
    archive
}

fn entry(archive: &mut Vec<u8>, name: &str, mode: u32, content: &[u8]) {
    let (size, name_size) = (content.len() as u32, name.len() as u32 + 1);
    let fields = [0, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0];
    archive.extend(b"070701");
    fields.iter().for_each(|field| archive.extend(format!("{field:08x}").bytes()));
    for part in [&[name.as_bytes(), b"\0"].concat(), content] {
        archive.extend(part);
        archive.resize(archive.len().next_multiple_of(4), 0);
    }
}

/// caps without std and libc, which runs anywhere.
fn caps() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("nostd");
    let target = target().join("guest-caps");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(package).args(["build", "--locked", "--release", "--features", "host-only"]);
    let built = cargo.env("CARGO_TARGET_DIR", &target).env_remove("RUSTFLAGS").output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    target.join("x86_64-unknown-linux-gnu/release/caps-nostd")
}
