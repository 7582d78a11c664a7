//! The memory of a machine on which the image ran to its end.

use super::machine::image;
use caps_boot::{EMULATOR, LIMIT};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Two cells of 32 MiB, the second without CPUs.
const ARGUMENTS: &str = "-machine q35,hmat=on -cpu Haswell -smp 2,sockets=1,cores=2 -m 64 \
     -object memory-backend-ram,id=m0,size=32M -object memory-backend-ram,id=m1,size=32M \
     -numa node,nodeid=0,memdev=m0,cpus=0-1 -numa node,nodeid=1,memdev=m1,initiator=0 \
     -numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-latency,latency=5 \
     -numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-bandwidth,bandwidth=200M \
     -numa hmat-lb,initiator=0,target=1,hierarchy=memory,data-type=access-latency,latency=10 \
     -numa hmat-lb,initiator=0,target=1,hierarchy=memory,data-type=access-bandwidth,bandwidth=100M \
     -numa hmat-cache,node-id=1,size=20K,level=1,associativity=complex,policy=write-through,line=64 \
     -numa dist,src=0,dst=1,val=21";
const MEMORY_BYTES: usize = 64 << 20;

/// The memory of the machine, from address 0 on; empty where there is no emulator.
pub(crate) static MEMORY: LazyLock<Vec<u8>> = LazyLock::new(|| match image() {
    Some(image) => dump(&image.0),
    None => Vec::new(),
});

/// Boots the image without the port that ends the emulator, so that it stops when it is done, and asks for the memory then.
fn dump(image: &Path) -> Vec<u8> {
    let place = tempfile::tempdir().unwrap();
    let (document, memory) = (place.path().join("document"), place.path().join("memory"));
    let mut qemu = Command::new(EMULATOR);
    qemu.args(["-accel", "tcg", "-nodefaults", "-display", "none", "-monitor", "stdio"]);
    qemu.arg("-serial").arg(format!("file:{}", document.display())).arg("-kernel").arg(image);
    qemu.args(ARGUMENTS.split_whitespace()).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = qemu.stderr(Stdio::null()).spawn().unwrap();
    let begin = Instant::now();
    let is_done = || fs::read(&document).is_ok_and(|text| text.ends_with(b"</capabilities>\n"));
    while !is_done() && begin.elapsed() < LIMIT {
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut monitor = child.stdin.take().unwrap();
    writeln!(monitor, "pmemsave 0 {MEMORY_BYTES} \"{}\"\nquit", memory.display()).unwrap();
    child.wait().unwrap();
    fs::read(memory).unwrap()
}
