//! The same machine twice: what the image says of it, and what caps says of it in a Linux guest.

use super::linux::Linux;
use super::machine::{booted, image};
use caps_tests::difference::assert_same;

/// Two cells, the second without CPUs, with latencies, bandwidths and caches in front of both.
pub(crate) const HMAT: &str = "-machine q35,hmat=on -cpu Haswell -smp 2,sockets=1,cores=2 -m 512 \
     -object memory-backend-ram,id=m0,size=256M -object memory-backend-ram,id=m1,size=256M \
     -numa node,nodeid=0,memdev=m0,cpus=0-1 -numa node,nodeid=1,memdev=m1,initiator=0 \
     -numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-latency,latency=5 \
     -numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-bandwidth,bandwidth=200M \
     -numa hmat-lb,initiator=0,target=1,hierarchy=memory,data-type=access-latency,latency=10 \
     -numa hmat-lb,initiator=0,target=1,hierarchy=memory,data-type=access-bandwidth,bandwidth=100M \
     -numa hmat-cache,node-id=0,size=10K,level=1,associativity=direct,policy=write-back,line=8 \
     -numa hmat-cache,node-id=1,size=20K,level=1,associativity=complex,policy=write-through,line=64 \
     -uuid 4c4c4544-0051-3610-8052-b4c04f4e3132";

/// Two packages of two cores of two threads, a cell each, far from each other.
const INTEL: &str = "-machine q35 -cpu Skylake-Server -smp 8,sockets=2,dies=1,cores=2,threads=2 \
     -m 512 -object memory-backend-ram,id=m0,size=256M -object memory-backend-ram,id=m1,size=256M \
     -numa node,nodeid=0,memdev=m0,cpus=0-3 -numa node,nodeid=1,memdev=m1,cpus=4-7 \
     -numa dist,src=0,dst=1,val=21 -uuid 4c4c4544-0051-3610-8052-b4c04f4e3132";

/// A package of AMD's.
const AMD: &str = "-machine pc -cpu EPYC -smp 4,sockets=1,cores=4 -m 512 \
     -uuid 4c4c4544-0051-3610-8052-b4c04f4e3132";

#[test]
fn two_packages_of_intel_are_what_linux_sees() {
    is_what_linux_sees("Intel", INTEL);
}

#[test]
fn a_package_of_amd_is_what_linux_sees() {
    is_what_linux_sees("AMD", AMD);
}

#[test]
fn memory_attributes_are_what_linux_sees() {
    is_what_linux_sees("HMAT", HMAT);
}

/// The stated differences aside: features that only an operating system sets, security models, and how much of the memory
/// the kernel keeps for itself.
fn is_what_linux_sees(name: &str, arguments: &str) {
    let (Some(image), Some(linux)) = (image(), Linux::find()) else { return };
    let bare = booted(image, arguments).document;
    let guest = linux.document(arguments);
    assert!(guest.contains("<feature name='osxsave'/>"), "no guest of Linux: {guest}");
    assert_memory_left(&bare, &guest);
    assert_same(name, comparable(&guest).as_bytes(), comparable(&bare).as_bytes());
}

fn comparable(document: &str) -> String {
    const OF_LINUX: [&str; 2] = ["<feature name='osxsave'/>", "<feature name='ospke'/>"];
    let mut secmodel = false;
    let mut kept = String::new();
    for line in document.lines() {
        let element = line.trim_start();
        secmodel |= element == "<secmodel>";
        if !secmodel && !OF_LINUX.contains(&element) {
            kept.push_str(memory(line).map_or(line, |(element, _)| element));
            kept.push('\n');
        }
        secmodel &= element != "</secmodel>";
    }
    kept
}

/// The amount in a line that tells one: KiB, or pages of 4 KiB.
fn memory(line: &str) -> Option<(&str, u64)> {
    let (element, rest) = line.split_once('>')?;
    let tells =
        ["<memory unit='KiB'", "<pages unit='KiB' size='4'"].contains(&element.trim_start());
    let amount = rest.split_once('<')?.0.parse().ok()?;
    tells.then_some((element, amount))
}

/// Linux keeps some of the memory for itself, not most of it.
fn assert_memory_left(bare: &str, guest: &str) {
    let amounts = |document: &str| -> Vec<u64> {
        document.lines().filter_map(|line| Some(memory(line)?.1)).collect()
    };
    let (bare, guest) = (amounts(bare), amounts(guest));
    assert_eq!(bare.len(), guest.len());
    for (bare, guest) in bare.into_iter().zip(guest) {
        assert!(guest <= bare && guest > bare / 2, "{guest} of {bare}");
    }
}
