//! Machines of all kinds, each against the document that is expected of it.

use caps_boot::{Booted, Image, boot, build, version};
use caps_tests::difference::difference;
use caps_tests::place::{blesses, has_program};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The release of QEMU whose processors the expected documents have.
const EMULATOR_RELEASE: &str = "7.2.";

/// A machine in QEMU's words, and what its document must have for that alone, whatever the release of QEMU.
pub(crate) struct Machine {
    pub(crate) name: &'static str,
    pub(crate) arguments: &'static str,
    has: &'static [&'static str],
}

pub(crate) const MACHINES: [Machine; 14] = [
    Machine {
        name: "pc-qemu64",
        arguments: "-machine pc -cpu qemu64 -smp 3,sockets=3 -m 256",
        has: &["sockets='3' dies='1' clusters='1' cores='1' threads='1'", "<cpus num='3'>"],
    },
    Machine {
        name: "pc-conroe",
        arguments: "-machine pc -cpu Conroe -smp 4,sockets=1,cores=2,threads=2",
        has: &["<vendor>Intel</vendor>", "family='6' model='15' stepping='3'", "siblings='2-3'"],
    },
    Machine {
        name: "pc-opteron-g5",
        arguments: "-machine pc -cpu Opteron_G5 -smp 2,sockets=1,cores=2",
        has: &["<vendor>AMD</vendor>", "family='21' model='2' stepping='0'", "cluster_id='65535'"],
    },
    Machine {
        name: "pc-epyc",
        arguments: "-machine pc -cpu EPYC -smp 4,sockets=1,cores=4",
        has: &["<vendor>AMD</vendor>", "cores='4' threads='1'"],
    },
    Machine {
        name: "q35-skylake-2-2-2",
        arguments: "-machine q35 -cpu Skylake-Server -smp 8,sockets=2,dies=1,cores=2,threads=2 \
                    -uuid 4c4c4544-0051-3610-8052-b4c04f4e3132",
        has: &[
            "<uuid>4c4c4544-0051-3610-8052-b4c04f4e3132</uuid>",
            "family='6' model='85' stepping='4'",
            "sockets='2' dies='1' clusters='1' cores='2' threads='2'",
            "<cpu id='7' socket_id='1' die_id='0' cluster_id='6' core_id='1' siblings='6-7'/>",
        ],
    },
    Machine {
        name: "q35-epyc-2-2-2",
        arguments: "-machine q35 -cpu EPYC -smp 8,sockets=2,dies=1,cores=2,threads=2",
        has: &[
            "<vendor>AMD</vendor>",
            "family='23' model='1' stepping='2'",
            "sockets='2' dies='1' clusters='1' cores='4' threads='1'",
            "<bank id='5' level='3' type='both' size='8' unit='MiB' cpus='4-7'/>",
        ],
    },
    Machine {
        name: "q35-dies",
        arguments: "-machine q35 -cpu Icelake-Server -smp 8,sockets=1,dies=2,cores=2,threads=2",
        has: &[
            "sockets='1' dies='1' clusters='1' cores='4' threads='2'",
            "<cpu id='6' socket_id='0' die_id='1' cluster_id='6' core_id='3' siblings='6-7'/>",
        ],
    },
    Machine {
        name: "two-cells",
        arguments: "-machine q35 -cpu Haswell -smp 4,sockets=2,cores=2 -m 512 \
                    -object memory-backend-ram,id=m0,size=128M \
                    -object memory-backend-ram,id=m1,size=384M \
                    -numa node,nodeid=0,memdev=m0,cpus=0-1 -numa node,nodeid=1,memdev=m1,cpus=2-3 \
                    -numa dist,src=0,dst=1,val=21",
        has: &[
            "<memory unit='KiB'>130687</memory>",
            "<memory unit='KiB'>393088</memory>",
            "<sibling id='1' value='21'/>",
        ],
    },
    Machine {
        name: "four-cells",
        arguments: "-machine q35 -cpu Haswell -smp 8,sockets=4,cores=2 -m 512 \
                    -object memory-backend-ram,id=m0,size=128M \
                    -object memory-backend-ram,id=m1,size=128M \
                    -object memory-backend-ram,id=m2,size=128M \
                    -object memory-backend-ram,id=m3,size=128M \
                    -numa node,nodeid=0,memdev=m0,cpus=0-1 -numa node,nodeid=1,memdev=m1,cpus=2-3 \
                    -numa node,nodeid=2,memdev=m2,cpus=4-5 -numa node,nodeid=3,memdev=m3,cpus=6-7 \
                    -numa dist,src=0,dst=1,val=12 -numa dist,src=0,dst=2,val=20 \
                    -numa dist,src=0,dst=3,val=32 -numa dist,src=1,dst=2,val=32 \
                    -numa dist,src=1,dst=3,val=20 -numa dist,src=2,dst=3,val=12",
        has: &["<cells num='4'>", "<sibling id='3' value='32'/>", "<sibling id='3' value='12'/>"],
    },
    Machine {
        name: "cell-without-cpus",
        arguments: "-machine q35 -cpu Haswell -smp 2 -m 512 \
                    -object memory-backend-ram,id=m0,size=256M \
                    -object memory-backend-ram,id=m1,size=256M \
                    -numa node,nodeid=0,memdev=m0 -numa node,nodeid=1,memdev=m1,cpus=0-1 \
                    -numa dist,src=0,dst=1,val=30",
        has: &["<cpus num='0'/>", "<cpus num='2'>", "<sibling id='0' value='30'/>"],
    },
    Machine {
        name: "hmat",
        arguments: "-machine q35,hmat=on -cpu Haswell -smp 2,sockets=1,cores=2 -m 512 \
                    -object memory-backend-ram,id=m0,size=256M -object memory-backend-ram,id=m1,size=256M \
                    -numa node,nodeid=0,memdev=m0,cpus=0-1 -numa node,nodeid=1,memdev=m1,initiator=0 \
                    -numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-latency,latency=5 \
                    -numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-bandwidth,bandwidth=200M \
                    -numa hmat-lb,initiator=0,target=1,hierarchy=memory,data-type=access-latency,latency=10 \
                    -numa hmat-lb,initiator=0,target=1,hierarchy=memory,data-type=access-bandwidth,bandwidth=100M \
                    -numa hmat-cache,node-id=0,size=10K,level=1,associativity=direct,policy=write-back,line=8 \
                    -numa hmat-cache,node-id=1,size=20K,level=1,associativity=complex,policy=write-through,line=64",
        has: &[
            "<latency initiator='0' target='1' type='read' value='10'/>",
            "<bandwidth initiator='0' target='1' type='write' value='102400' unit='KiB'/>",
            "<cache level='1' associativity='direct' policy='writeback'>",
        ],
    },
    Machine {
        name: "microvm",
        arguments: "-machine microvm -cpu Skylake-Server -smp 2,sockets=1,cores=2",
        has: &["<cpus num='2'>"],
    },
    Machine {
        name: "microvm-no-acpi",
        arguments: "-machine microvm,acpi=off -cpu Skylake-Server",
        has: &["<cells num='1'>", "<cpus num='1'>"],
    },
    // As many as software emulation of this release takes: the APIC ids of 8 bits.
    Machine {
        name: "q35-255-cpus",
        arguments: "-machine q35 -cpu Skylake-Server -smp 255,sockets=1,cores=255 -m 512 \
                    -object memory-backend-ram,id=m0,size=64M \
                    -numa node,nodeid=0,memdev=m0,cpus=0-31 \
                    -object memory-backend-ram,id=m1,size=64M \
                    -numa node,nodeid=1,memdev=m1,cpus=32-63 \
                    -object memory-backend-ram,id=m2,size=64M \
                    -numa node,nodeid=2,memdev=m2,cpus=64-95 \
                    -object memory-backend-ram,id=m3,size=64M \
                    -numa node,nodeid=3,memdev=m3,cpus=96-127 \
                    -object memory-backend-ram,id=m4,size=64M \
                    -numa node,nodeid=4,memdev=m4,cpus=128-159 \
                    -object memory-backend-ram,id=m5,size=64M \
                    -numa node,nodeid=5,memdev=m5,cpus=160-191 \
                    -object memory-backend-ram,id=m6,size=64M \
                    -numa node,nodeid=6,memdev=m6,cpus=192-223 \
                    -object memory-backend-ram,id=m7,size=64M \
                    -numa node,nodeid=7,memdev=m7,cpus=224-254",
        has: &["<cells num='8'>", "<cpu id='254' socket_id='0' die_id='0' cluster_id='254'"],
    },
];

/// The image, if there is an emulator to boot it.
pub(crate) fn image() -> Option<&'static Image> {
    static IMAGE: LazyLock<Image> = LazyLock::new(|| build("").unwrap());
    has_program(caps_boot::EMULATOR).then(|| &*IMAGE)
}

/// Boots the machine that `arguments` tell, to a good end.
pub(crate) fn booted(image: &Image, arguments: &str) -> Booted {
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    let booted = boot(image, &arguments).unwrap();
    assert_eq!(booted.code, 0, "{arguments:?}: {:?}", booted.log);
    booted
}

fn expected(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("firmware").join(name).with_extension("xml")
}

/// Without what the release of QEMU decides: which features of a processor its software has.
fn without_model(document: &str) -> String {
    let decided = ["<model>", "<feature ", "<microcode ", "<maxphysaddr "];
    let kept = document.lines().filter(|line| {
        let line = line.trim_start();
        !decided.iter().any(|element| line.starts_with(element))
    });
    kept.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn machines_say_what_is_expected() {
    let Some(image) = image() else { return };
    let same_release = version().is_some_and(|version| version.starts_with(EMULATOR_RELEASE));
    if !same_release {
        eprintln!("another QEMU than {EMULATOR_RELEASE}: models and features are not compared");
    }
    let mut complaints = Vec::new();
    for Machine { name, arguments, has } in MACHINES {
        let document = booted(image, arguments).document;
        let missing = has.iter().filter(|part| !document.contains(**part));
        complaints.extend(missing.map(|part| format!("{name} lacks {part}")));
        if blesses() && same_release {
            fs::write(expected(name), &document).unwrap();
        }
        let whole = fs::read_to_string(expected(name)).unwrap();
        let compared = |text: &str| match same_release {
            true => text.to_owned(),
            false => without_model(text),
        };
        let (wanted, given) = (compared(&whole), compared(&document));
        complaints.extend(difference(name, wanted.as_bytes(), given.as_bytes()));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The same machine twice: nothing in the document depends on the boot.
#[test]
fn a_boot_repeats() {
    let Some(image) = image() else { return };
    let arguments = "-machine q35 -cpu EPYC -smp 2";
    assert_eq!(booted(image, arguments).document, booted(image, arguments).document);
}

/// The control of all comparisons.
#[test]
fn a_boot_of_another_shape_is_another_document() {
    let Some(image) = image() else { return };
    let one = booted(image, "-machine q35 -cpu EPYC -smp 1").document;
    let two = booted(image, "-machine q35 -cpu EPYC -smp 2").document;
    assert!(difference("two CPUs", one.as_bytes(), two.as_bytes()).is_some());
}

/// One more than APIC ids of 8 bits tell apart: software emulation of QEMU 7.2 refuses that, later ones need not.
#[test]
fn there_may_be_256_cpus() {
    let Some(image) = image() else { return };
    let arguments = ["-cpu", "Skylake-Server", "-smp", "256,sockets=4,cores=32,threads=2"];
    match boot(image, &arguments) {
        Err(refused) if refused.contains("requires kernel irqchip and X2APIC") => {
            eprintln!("skipped: this QEMU takes at most 255 CPUs in software emulation");
        }
        booted => {
            let document = booted.unwrap().document;
            assert!(document.contains("<cpus num='256'>"), "{document}");
            assert!(document.contains("<cpu id='255' socket_id='3'"), "{document}");
        }
    }
}
