//! What machines of a few tables say.

mod support;

use caps_acpi::{Error, Fault, Report, Source};
use caps_core::storage;
use support::{Firmware, hmat, madt, madt_x2, slit, srat, two_cells};

/// The lines of the element `name`, without their margin.
fn element(document: &str, name: &str) -> Vec<String> {
    let lines = document.lines().map(str::trim);
    let rest = lines.skip_while(|line| !line.starts_with(&format!("<{name}")));
    let mut element: Vec<String> = Vec::new();
    for line in rest {
        element.push(line.to_owned());
        if line.starts_with(&format!("</{name}>").replace(" level>", ">"))
            || (line.ends_with("/>") && element.len() == 1)
        {
            break;
        }
    }
    element
}

#[test]
fn two_packages_of_two_cores_of_two_threads() {
    let (document, report) = Firmware::of(&two_cells()).document();
    let topology = "<topology sockets='1' dies='1' clusters='1' cores='2' threads='2'/>";
    assert!(document.contains(topology), "{document}");
    let cpu = "<cpu id='6' socket_id='1' die_id='0' cluster_id='6' core_id='1' siblings='6-7'/>";
    assert!(document.contains(cpu), "{document}");
    let banks = [
        "<cache>",
        "<bank id='0' level='2' type='both' size='4' unit='MiB' cpus='0-1'/>",
        "<bank id='1' level='2' type='both' size='4' unit='MiB' cpus='2-3'/>",
        "<bank id='2' level='2' type='both' size='4' unit='MiB' cpus='4-5'/>",
        "<bank id='3' level='2' type='both' size='4' unit='MiB' cpus='6-7'/>",
        "<bank id='0' level='3' type='both' size='16' unit='MiB' cpus='0-3'/>",
        "<bank id='1' level='3' type='both' size='16' unit='MiB' cpus='4-7'/>",
        "</cache>",
    ];
    let all = document.split("</topology>").last().unwrap();
    assert_eq!(element(all, "cache"), banks);
    for source in [Source::Rsdp, Source::Root, Source::Madt, Source::Srat, Source::Hmat] {
        assert_eq!((report.tally(source).filled, report.tally(source).odd), (1, 0), "{source:?}");
    }
}

#[test]
fn cells_have_what_the_map_has_of_their_ranges() {
    let (document, _) = Firmware::of(&two_cells()).document();
    // 512 MiB without the hole below the first MiB; then 512 MiB.
    assert!(document.contains("<memory unit='KiB'>523904</memory>"), "{document}");
    assert!(document.contains("<memory unit='KiB'>524288</memory>"), "{document}");
    assert!(document.contains("<sibling id='1' value='21'/>"), "{document}");
}

#[test]
fn memory_is_reached_from_where_it_is_attached() {
    let (document, _) = Firmware::of(&two_cells()).document();
    let expected = [
        "<interconnects>",
        "<latency initiator='0' target='0' type='read' value='5'/>",
        "<latency initiator='0' target='0' type='write' value='5'/>",
        "<latency initiator='1' target='1' type='read' value='30'/>",
        "<latency initiator='1' target='1' type='write' value='30'/>",
        "<bandwidth initiator='0' target='0' type='read' value='204800' unit='KiB'/>",
        "<bandwidth initiator='0' target='0' type='write' value='200704' unit='KiB'/>",
        "<bandwidth initiator='1' target='1' type='read' value='40960' unit='KiB'/>",
        "<bandwidth initiator='1' target='1' type='write' value='36864' unit='KiB'/>",
        "</interconnects>",
    ];
    assert_eq!(element(&document, "interconnects"), expected);
    let cache = [
        "<cache level='1' associativity='direct' policy='writeback'>",
        "<size value='10240' unit='KiB'/>",
        "<line value='64' unit='B'/>",
        "</cache>",
    ];
    assert_eq!(element(&document, "cache level"), cache);
}

#[test]
fn memory_that_is_attached_nowhere_is_reached_from_the_best() {
    let mut tables = two_cells();
    tables[3] = hmat(false);
    let (document, _) = Firmware::of(&tables).document();
    let lines = element(&document, "interconnects");
    assert_eq!(lines.len(), 10, "{lines:?}");
    assert!(lines[1..9].iter().all(|line| line.contains("initiator='0'")), "{lines:?}");
    assert_eq!(lines[3], "<latency initiator='0' target='1' type='read' value='9'/>");
}

#[test]
fn nodes_are_numbered_as_domains_are_met() {
    let tables = [madt(&[0, 2]), srat(&[(0, 7), (2, 7)], &[(3, 0, 512), (7, 512, 256)]), slit(30)];
    let (document, _) = Firmware::of(&tables).document();
    let first = document.split("<cell id='1'>").next().unwrap();
    assert!(first.contains("<memory unit='KiB'>262144</memory>"), "{document}");
    assert!(first.contains("<cpus num='2'>"), "{document}");
    assert!(document.contains("<cpus num='0'/>"), "{document}");
    // The table of distances has neither domain.
    assert!(first.contains("<sibling id='1' value='20'/>"), "{document}");
}

#[test]
fn the_boot_cpu_is_the_first_and_is_listed_once() {
    let (document, report) = Firmware::of(&[madt(&[4, 0, 4, 2])]).document();
    let ids: Vec<&str> =
        document.lines().filter_map(|line| line.split("cluster_id=").nth(1)).collect();
    let places: Vec<&str> = ids.iter().filter_map(|line| line.split('\'').nth(1)).collect();
    assert_eq!(places, ["0", "4", "2"], "{document}");
    assert_eq!(report.tally(Source::Madt).odd, 0);
    let (_, report) = Firmware::of(&[madt(&[4, 2])]).document();
    assert_eq!(report.tally(Source::Madt).fault, Some(Fault::Incomplete));
}

#[test]
fn without_tables_there_is_one_cell_and_one_cpu() {
    let (document, report) = Firmware::of(&[]).document();
    assert!(document.contains("<cells num='1'>"), "{document}");
    assert!(document.contains("<cpus num='1'>"), "{document}");
    assert!(document.contains("<memory unit='KiB'>1048192</memory>"), "{document}");
    assert!(!document.contains("<uuid>") && !document.contains("<interconnects>"), "{document}");
    assert_eq!(report.tally(Source::Madt).absent, 1);
}

#[test]
fn more_cpus_than_there_is_room_for_are_an_error() {
    let firmware = Firmware::of(&[madt_x2(2000)]);
    assert_eq!(firmware.try_document(&mut Report::default()), Err(Error::Cpus(2000)));
}

/// The storage that a launcher reserves for a server.
#[test]
fn cpus_and_cells_of_a_server_fit_128_kib() {
    let cpus: Vec<(u8, u8)> = (0..=255).map(|id| (id, id / 32)).collect();
    let memory: Vec<(u32, u64, u64)> =
        (0..8).map(|domain| (domain, 128 * u64::from(domain), 128)).collect();
    let firmware = Firmware::of(&[madt_x2(256), srat(&cpus, &memory)]);
    let (document, _) = firmware.document();
    assert!(document.contains("<cells num='8'>"), "{document}");
    assert!(document.contains("<cpu id='255' socket_id='63'"), "{document}");
    let needed = firmware.stored_bytes();
    println!("{needed} bytes for 256 CPUs in 8 cells");
    assert!(needed <= storage::NODE && storage::NODE <= 128 << 10);
}

#[test]
fn storage_that_is_too_small_is_told_what_suffices() {
    let firmware = Firmware::of(&two_cells());
    let mut needed = 0;
    let Err(Error::Full(full)) = firmware.build(&mut [], &mut ()) else { panic!("no storage") };
    let mut storage = vec![0; full.needed];
    if let Ok(caps) = firmware.build(&mut storage, &mut ()) {
        needed = caps.stored_bytes();
    }
    assert!(needed > 500 && needed <= full.needed, "{needed} of {}", full.needed);
}
