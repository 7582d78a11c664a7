//! `cargo xtask peers`: caps beside its peers in one run, written to `docs/performance.md`.

use crate::chore::{self, Done, root};
use crate::dist::Checkout;
use crate::setup;

/// What only this needs: a program that shows that a package is there, and the package.
const PEERS: [(&str, &str); 4] = [
    ("lstopo-no-graphics", "hwloc-nox"),
    ("cpuid", "cpuid"),
    ("lscpu", "util-linux"),
    ("qemu-system-x86_64", "qemu-system-x86"),
];

pub(crate) fn run() -> Done {
    setup::run()?;
    setup::install_missing(&PEERS)?;
    let root = root();
    let cargo = |line: &str| chore::run(&root, "cargo", &line.split(' ').collect::<Vec<_>>());
    Checkout::this()?.command()?;
    cargo("build --locked --release -p caps-benches")?;
    let agent = [
        "build",
        "--locked",
        "--release",
        "--features",
        "host-only",
        "--target-dir",
        "../../target/agent",
    ];
    chore::run(&root.join("tests/nostd"), "cargo", &agent)?;
    let compiled =
        ["-O2", "-rdynamic", "-o", "target/peer-libvirt", "benches/peers/libvirt.c", "-ldl"];
    chore::run(&root, "cc", &compiled)?;
    let run = [
        "target/release/peers",
        "target/dist/caps",
        "target/agent/x86_64-unknown-linux-gnu/release/caps-nostd",
        "target/peer-libvirt",
        "docs",
    ];
    chore::run(&root, "benches/peers/beside.sh", &run)
}
