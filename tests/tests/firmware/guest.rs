//! The same machine twice: what the image says of it, and what caps says of it in a Linux guest.

use super::linux::Linux;
use super::machine::{MACHINES, booted, image};
use caps_tests::difference::assert_same;

/// Machines of Intel and AMD; with threads, dies, cells near and far, without CPUs, with memory attributes; without leaf 0xb.
const COMPARED: [&str; 8] = [
    "pc-conroe",
    "pc-epyc",
    "q35-epyc-2-2-2",
    "q35-skylake-2-2-2",
    "q35-dies",
    "four-cells",
    "cell-without-cpus",
    "hmat",
];

/// The stated differences aside: features that only an operating system sets, security models, a UUID where there is none, and
/// how much of the memory the kernel keeps for itself.
#[test]
fn machines_are_what_linux_sees() {
    let (Some(image), Some(linux)) = (image(), Linux::find()) else { return };
    for name in COMPARED {
        let arguments = MACHINES.iter().find(|machine| machine.name == name).unwrap().arguments;
        let bare = booted(image, arguments).document;
        let guest = linux.boot(arguments).document;
        assert!(guest.contains("<secmodel>"), "no guest of Linux: {guest}");
        assert_memory_left(&bare, &guest);
        let has_uuid = bare.contains("<uuid>");
        let (bare, guest) = (comparable(&bare, has_uuid), comparable(&guest, has_uuid));
        assert_same(name, guest.as_bytes(), bare.as_bytes());
    }
}

fn comparable(document: &str, has_uuid: bool) -> String {
    const OF_LINUX: [&str; 2] = ["<feature name='osxsave'/>", "<feature name='ospke'/>"];
    let mut secmodel = false;
    let mut kept = String::new();
    for line in document.lines() {
        let element = line.trim_start();
        secmodel |= element == "<secmodel>";
        let made_up = !has_uuid && element.starts_with("<uuid>");
        if !secmodel && !made_up && !OF_LINUX.contains(&element) {
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
