//! The Rust `virt` crate, over libvirt's own library, asks capsd.

use caps_tests::agent::{Agent, Client};
use caps_tests::difference::assert_same;
use caps_tests::place::has_program;
use caps_tests::program::run;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

/// Whether there is what the crate links with.
fn has_libvirt() -> bool {
    let found = || {
        Command::new("pkg-config")
            .args(["--exists", "libvirt"])
            .status()
            .is_ok_and(|it| it.success())
    };
    let found = has_program("pkg-config") && found();
    if !found {
        eprintln!("skipped: no libvirt-dev on this machine");
    }
    found
}

#[test]
fn the_virt_crate_is_answered() {
    if !has_libvirt() {
        return;
    }
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = tests.join("../target/virt");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(tests.join("virt")).args(["build", "--locked"]);
    let built = cargo.env("CARGO_TARGET_DIR", &target).env_remove("RUSTFLAGS").output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let agent = Agent::start();
    let uri = format!("qemu+unix:///system?socket={}", agent.socket().display());
    let said = run(Command::new(target.join("debug/caps-virt-client")).arg(uri), LIMIT);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let document = Client::open(&agent.socket()).unwrap().capabilities().unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    let (_, behind) = text.split_once("</capabilities>\n").unwrap();
    let info = behind.split_inclusive('\n').next().unwrap();
    let twice = [document.as_bytes(), info.as_bytes()].concat().repeat(2);
    assert!(info.starts_with("x86_64 ") && info.ends_with(" QEMU\n"), "{info}");
    assert_same("virt", &twice, text.as_bytes());
}
