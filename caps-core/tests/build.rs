//! A document is read back as it was built, whatever the storage: too small never gives a wrong one.

use caps_core::*;
use core::iter;

const LEVEL_3: CacheControl = CacheControl {
    level: 3,
    kind: CacheKind::Both,
    max_allocs: 16,
    portions: 20,
    min_portions: 2,
    bank_bytes: 0,
};

fn build(builder: &mut Builder<'_>) {
    builder.arch(Some(Arch::X86_64));
    builder.transport(Transport::Tcp);
    builder.page_sizes([2048, 4]);
    builder.cpu(
        &HostCpu { model: Some("kvm64"), vendor: Some("AMD"), ..HostCpu::default() },
        [b"sse4.1".as_slice(), b"aes"],
    );
    cells(builder);
    banks(builder);
    assert!(builder.secmodel(&SecModel {
        model: b"dac",
        kvm_label: Some(b"+1:+1"),
        ..SecModel::default()
    }));
    guests(builder);
}

fn cells(builder: &mut Builder<'_>) {
    let mut topology = builder.topology();
    for node in [0, 2] {
        let mut cell = topology.cell();
        cell.pages(PagePool { size_kib: 2048, count: 7 });
        cell.pages(PagePool { size_kib: 4, count: 9 });
        for (id, value) in [(0, 10), (2, 255), (3, 0)] {
            cell.distance(Distance { id, value });
        }
        for id in [node, node + 1] {
            let cpu = CellCpu {
                id,
                socket_id: node,
                die_id: 0,
                cluster_id: 65535,
                core_id: 1,
                siblings: CpuSet::EMPTY,
            };
            cell.cpu(&cpu, [Run { first: node, last: node + 1 }]);
        }
        cell.finish(node, 1 << 20);
    }
    topology.cell();
    for kind in [InterconnectKind::Bandwidth, InterconnectKind::Latency] {
        topology.interconnect(Interconnect {
            kind,
            initiator: 2,
            target: 0,
            write: false,
            value: 1,
        });
    }
    topology.finish();
}

fn banks(builder: &mut Builder<'_>) {
    let mut cache = builder.cache();
    assert!(cache.control(&LEVEL_3));
    cache.banks(4);
    let bank = |id, level| Bank {
        id,
        level,
        kind: CacheKind::Both,
        size_bytes: 15 << 20,
        cpus: CpuSet::EMPTY,
    };
    for bank in [bank(1, 3), bank(0, 3), bank(0, 2)] {
        cache.bank(&bank, iter::empty()).unwrap();
    }
    // A probe does not hand in a bank twice while only counting: nothing is there to compare it with.
    if !cache.is_full() {
        cache.bank(&bank(0, 3), iter::empty()).unwrap();
    }
    cache.cache_monitor(4, 100, [b"llc_occupancy".as_slice()]);
    cache.finish();
}

fn guests(builder: &mut Builder<'_>) {
    let features = [GuestFeature::Acpi, GuestFeature::Apic].into_iter().collect();
    let (os_type, arch) = (OsType::Hvm, Arch::X86_64);
    let guest = Guest {
        os_type,
        arch,
        word_bits: 64,
        emulator: b"/usr/bin/qemu",
        loader: None,
        emulator_mtime: 5,
        features,
    };
    let mut guest = builder.guest(&guest);
    guest.machine(&Machine {
        name: b"pc",
        canonical: Some(b"pc-i440fx-7.2"),
        max_cpus: 255,
        deprecated: false,
    });
    guest.domain(&Domain { virt: VirtType::Qemu, emulator: None, emulator_mtime: 0 });
    guest.domain(&Domain {
        virt: VirtType::Kvm,
        emulator: Some(b"/usr/bin/kvm"),
        emulator_mtime: 9,
    });
    guest.machine(&Machine { name: b"q35", ..Machine::default() });
}

fn check(caps: &Caps<'_>) {
    assert!(caps.page_sizes().eq([4, 2048]));
    assert!(caps.cpu_features().eq([b"sse4.1".as_slice(), b"aes"]));
    assert_eq!(caps.cpu().and_then(|cpu| cpu.model), Some("kvm64"));
    check_cells(caps);
    assert!(caps.banks().map(|bank| (bank.level, bank.id)).eq([(2, 0), (3, 0), (3, 1)]));
    assert_eq!(caps.controls(3).next().unwrap().sizes().0, 768);
    assert_eq!((caps.controls(3).count(), caps.controls(2).count()), (1, 0));
    assert!(caps.cache_monitor().unwrap().features.eq([b"llc_occupancy".as_slice()]));
    assert_eq!(caps.secmodels().next().unwrap().kvm_label, Some(b"+1:+1".as_slice()));
    check_guests(caps);
}

fn check_cells(caps: &Caps<'_>) {
    assert!(
        caps.cells()
            .map(|cell| (cell.id, cell.memory_kib, cell.cpu_count))
            .eq([(0, 1 << 20, 2), (2, 1 << 20, 2)])
    );
    for cell in caps.cells() {
        assert!(cell.pages().map(|pages| (pages.size_kib, pages.count)).eq([(4, 9), (2048, 7)]));
        assert!(
            cell.distances().map(|distance| (distance.id, distance.value)).eq([(0, 10), (2, 255)])
        );
        assert!(cell.cpus().all(|cpu| cpu.siblings.len() == 2 && cpu.siblings.contains(cell.id)));
        assert!(cell.cpus().map(|cpu| cpu.id).eq([cell.id, cell.id + 1]));
    }
    assert!(
        caps.interconnects()
            .map(|link| link.kind)
            .eq([InterconnectKind::Latency, InterconnectKind::Bandwidth])
    );
}

fn check_guests(caps: &Caps<'_>) {
    let guest = caps.guests().next().unwrap();
    assert_eq!((guest.guest.arch, guest.guest.features.len()), (Arch::X86_64, 2));
    assert_eq!(guest.machines.clone().next().unwrap().canonical, Some(b"pc-i440fx-7.2".as_slice()));
    let machines: Vec<usize> = guest.domains.map(|domain| domain.machines.count()).collect();
    assert_eq!(machines, [0, 1]);
}

/// Machines are kept from one version to the next. Whoever changes these bytes counts `FORMAT` up.
#[test]
fn the_encoding_goes_with_its_number() {
    let machines = [
        Machine { name: b"pc-1", max_cpus: 255, ..Machine::default() },
        Machine { name: b"pc", canonical: Some(b"pc-1"), max_cpus: 255, deprecated: true },
    ];
    let mut storage = [0; 32];
    let stored = Machines::store(machines.into_iter(), &mut storage).unwrap();
    assert_eq!(stored.stored(), b"\xfc\x07\x04pc-1\xff\x07\x02pc\x04pc-1");
    assert_eq!(caps_core::FORMAT, 2);
    assert!(Machines::of_stored(stored.stored()).eq(machines));
    assert!(
        Machines::store(machines.into_iter(), &mut [0; 8]).is_err_and(|full| full.needed == 17)
    );
}

#[test]
fn every_size_of_storage_gives_the_document_or_the_same_needed() {
    let mut empty = [];
    let mut builder = Builder::new(&mut empty);
    build(&mut builder);
    let needed = builder.finish().unwrap_err().needed;
    for size in 0..needed + 64 {
        let mut storage = vec![0xa5; size];
        let mut builder = Builder::new(&mut storage);
        build(&mut builder);
        match builder.finish() {
            Ok(caps) => check(&caps),
            Err(full) => assert_eq!(full.needed, needed, "{size}"),
        }
        assert!(size >= needed || Builder::new(&mut []).finish().is_ok());
    }
}

#[test]
fn what_fits_is_said_to_fit() {
    let mut storage = Storage::<{ storage::TINY }>::new();
    let mut builder = Builder::new(storage.bytes_mut());
    build(&mut builder);
    assert!(builder.finish().unwrap().stored_bytes() < 600);
}

#[test]
fn an_error_names_the_table_and_the_total() {
    let mut storage = [0; 100];
    let mut builder = Builder::new(&mut storage);
    build(&mut builder);
    let full = builder.finish().unwrap_err();
    assert_eq!(full.table, Table::Cells);
    assert_eq!(full.to_string(), format!("storage full at cells: {} bytes needed", full.needed));
}

#[test]
fn a_topology_that_is_dropped_leaves_nothing() {
    let mut storage = [0; 4096];
    let mut builder = Builder::new(&mut storage);
    let mut topology = builder.topology();
    let mut cell = topology.cell();
    cell.pages(PagePool { size_kib: 4, count: 1 });
    cell.finish(0, 4);
    drop(topology);
    let caps = builder.finish().unwrap();
    assert_eq!((caps.cell_count(), caps.stored_bytes()), (None, 0));
}

#[test]
fn a_bank_of_another_size_ends_a_controlled_level() {
    let mut storage = [0; 4096];
    let mut builder = Builder::new(&mut storage);
    let mut cache = builder.cache();
    assert!(cache.control(&LEVEL_3));
    assert!(!cache.control(&LEVEL_3));
    let bank = |id, size_bytes| Bank {
        id,
        level: 3,
        kind: CacheKind::Both,
        size_bytes,
        cpus: CpuSet::EMPTY,
    };
    cache.bank(&bank(1, 1024), iter::empty()).unwrap();
    assert_eq!(
        cache.bank(&bank(0, 2048), iter::empty()),
        Err(SizeMismatch { level: 3, expected_bytes: 1024 })
    );
    cache.bank(&bank(0, 1024), iter::empty()).unwrap();
    cache.finish_failed();
    let caps = builder.finish().unwrap();
    assert!(caps.banks().map(|bank| bank.id).eq([1, 0]));
}

#[test]
fn the_defaults_are_those_of_the_qemu_driver() {
    let caps = Builder::new(&mut []).finish().unwrap();
    assert_eq!(caps.mac_prefix(), MacPrefix([0x52, 0x54, 0x00]));
    assert!(
        caps.flags().contains(Flags::EMULATOR_REQUIRED) && !caps.flags().contains(Flags::WIDE_SCSI)
    );
    assert_eq!(caps.disk_driver(), Some(DiskDriver { name: "qemu", format: "raw" }));
    assert_eq!((caps.console_target(), caps.init_path()), (ConsoleTarget::Serial, None));
    let probing = Driver {
        allow_disk_format_probing: true,
        mac_prefix: MacPrefix([0, 12, 41]),
        ..Driver::QEMU
    };
    let caps = Builder::with_driver(&mut [], &probing).finish().unwrap();
    assert_eq!((caps.disk_driver(), caps.mac_prefix()), (None, MacPrefix([0, 12, 41])));
}

#[test]
fn old_capabilities_give_their_cpu_and_their_machines() {
    let (mut first, mut second) = ([0; 4096], [0; 4096]);
    let mut builder = Builder::new(&mut first);
    build(&mut builder);
    let mut old = builder.finish().unwrap();
    let mut builder = Builder::succeeding(&mut second, &Driver::QEMU, &mut old);
    assert!(builder.has_cpu() && old.cpu().is_none());
    let entry = old.guests().next().unwrap();
    builder.guest(&entry.guest).machines(&old.machines_for(&entry.guest).unwrap());
    let new = builder.finish().unwrap();
    assert_eq!(new.cpu().and_then(|cpu| cpu.model), Some("kvm64"));
    assert_eq!(new.guests().next().unwrap().machines.count(), 1);
}

#[test]
fn machines_hold_for_the_same_emulator_of_the_same_time_only() {
    let mut storage = [0; 4096];
    let mut builder = Builder::new(&mut storage);
    build(&mut builder);
    let old = builder.finish().unwrap();
    let guest = old.guests().next().unwrap().guest;
    let holds = |guest: &Guest<'_>| {
        old.machines_for(guest).and_then(|mut machines| machines.next()).map(|machine| machine.name)
    };
    assert_eq!(holds(&guest), Some(b"pc".as_slice()));
    assert_eq!(holds(&Guest { emulator_mtime: 6, ..guest.clone() }), None);
    assert_eq!(holds(&Guest { arch: Arch::I686, ..guest.clone() }), None);
    assert_eq!(holds(&Guest { word_bits: 32, ..guest.clone() }), None);
    assert_eq!(holds(&Guest { os_type: OsType::Xen, ..guest.clone() }), None);
    assert_eq!(
        holds(&Guest { emulator: b"/usr/bin/kvm", emulator_mtime: 9, ..guest }),
        Some(b"q35".as_slice())
    );
}

#[test]
fn a_cpu_stays_with_the_old_where_the_new_is_too_small() {
    let mut storage = [0; 4096];
    let mut builder = Builder::new(&mut storage);
    build(&mut builder);
    let mut old = builder.finish().unwrap();
    assert!(Builder::succeeding(&mut [], &Driver::QEMU, &mut old).is_full());
    assert!(old.cpu().is_some());
}
