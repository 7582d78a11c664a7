//! Every public entry of the zero-heap crates, with input that the compiler knows nothing of. None of it is ever run: that it
//! links shows that none of it can allocate or panic.

use caps_core::sink::{CountSink, HashSink, SliceSink};
use caps_core::{Builder, Caps, Driver, Storage, storage};
use caps_cpu::baseline::Baseline;
use caps_cpu::compare::compare;
use caps_cpu::definition::{Definition, Match, Role};
use caps_cpu::dump::Dump;
use caps_cpu::x86::{Brand, CpuData, Feature, ModelSet, Policy, walk};
use caps_linux::dbus::{Logind, Step};
use caps_linux::{Change, Facts, Guests, Held, Host, Report, Root, Topic, Tree, parse};
use caps_roster::{Roster, Surroundings};
use caps_xml::cpu::{BaselineBuilder, Cpu, Expected};
use caps_xml::read::{Event, Reader};
use core::ffi::CStr;

/// All of them. `input` stands for any bytes, and numbers and texts are made of it.
pub(crate) fn call(input: &[u8], room: &mut [u8]) {
    let text = core::str::from_utf8(input).unwrap_or_default();
    texts_of_a_host(input);
    bus(input);
    cpu(input, text);
    xml(input, text, room);
    crate::rpc::call(input, room);
    host(input, text, room);
}

fn texts_of_a_host(input: &[u8]) {
    see((parse::int::signed(input), parse::int::unsigned(input), parse::int::scaled(input)));
    see((parse::int::c_unsigned(input), parse::int::decimal_line(input)));
    see((parse::cpulist::cpulist(input), parse::mask::cpumap(input)));
    see((parse::meminfo::total_kib(input), parse::uuid::uuid(input)));
    see((parse::cpuinfo::microcode(input), parse::cpuinfo::address_bits(input)));
    see((parse::facts::facts(input).is_ok(), parse::account::id_on_line(input, input)));
    see(parse::auxv::entry(input, parse::auxv::AT_HWCAP));
    for mut conf in [parse::conf::Conf::qemu(), parse::conf::Conf::daemon()] {
        conf.feed(input);
        let Ok(settings) = conf.finish() else { continue };
        see(settings.text("user"));
        if let Some(parse::conf::Value::List(items)) = settings.value("security_driver") {
            items.for_each(see);
        }
    }
}

fn bus(input: &[u8]) {
    let mut logind = Logind::new(input.len() as u32);
    for chunk in input.chunks(16) {
        while let Step::Send(bytes) = logind.step() {
            see(bytes);
        }
        logind.received(chunk);
    }
}

fn cpu(input: &[u8], text: &str) {
    let Ok(dump) = Dump::parse(input) else { return };
    let (given, probed) = (CpuData::as_given(&dump), CpuData::as_probed(&dump));
    see((given.decode_host(), given.candidates().count(), probed.without_broken()));
    see(given.decode_guest(&ModelSet::default()));
    see((Brand::read(&dump), dump.missing().count()));
    walk(&dump, see);
    let mut definition = Definition::new(Role::Guest(Match::Exact));
    definition.model = Some(text);
    see(definition.feature(text, Some(Policy::Require)).is_ok());
    see(compare(&Definition::of_host(text), &definition).is_ok());
    if let Ok(baseline) = Baseline::of([definition]) {
        see(baseline.migratable().of_driver().expanded().features().count());
    }
    see((caps_cpu::ppc64::decode_host(text.len() as u32), Feature::by_name(text)));
    see(caps_cpu::arm::decode_host(text.len() as u64, 0)
        .map(|cpu| cpu.features.names().count())
        .is_ok());
}

fn xml(input: &[u8], text: &str, room: &mut [u8]) {
    let Ok(mut reader) = Reader::new(input) else { return };
    while let Ok(Some(event)) = reader.next_event() {
        match event {
            Event::Start(start) => {
                see((start.attribute(text).is_some(), start.attributes.prefix(text)));
                see(reader.raw_element().is_ok());
            }
            Event::Text(text) => see(text.copy_to(room).is_ok()),
            Event::End { .. } => {}
        }
    }
    see((reader.find_first(text).is_ok(), reader.element_span().is_ok()));
    see(caps_xml::read_hooks(input, &mut (), &mut ()).is_ok());
    cpu_element(input);
}

fn cpu_element(input: &[u8]) {
    let mut builder = BaselineBuilder::default();
    match Cpu::read_document(input, Expected::Host) {
        Ok(cpu) => see((builder.add(&cpu).is_ok(), cpu.definition())),
        Err(error) => see((error.refusal.class.prefix(), error.at)),
    }
    see(builder.finish().is_ok());
    see(Cpu::read_document(input, Expected::Any).is_ok());
}

fn host(input: &[u8], text: &str, room: &mut [u8]) {
    let Ok(root) = Root::recorded(CStr::from_bytes_until_nul(input).unwrap_or_default()) else {
        return;
    };
    let facts = Facts { machine: text, path: input, ..Facts::default() };
    let dump = Dump::parse(input).ok();
    let cpuid = dump.as_ref().map(|dump| dump as &dyn caps_cpu::CpuidSource);
    let host = Host { tree: &root as &dyn Tree, facts: &facts, cpuid };
    let mut report = Report::default();
    let (first, second) = room.split_at_mut_checked(input.len()).unwrap_or_default();
    let made =
        caps_linux::capabilities(&host, &Driver::QEMU, Guests::Files, first, None, &mut report);
    let Ok(mut old) = made else { return };
    write(&old, text.as_bytes());
    let again = caps_linux::capabilities(
        &host,
        &Driver::QEMU,
        Guests::Files,
        second,
        Some(&mut old),
        &mut report,
    );
    see((again.is_ok(), Topic::ALL.map(|topic| report.tally(topic).outcome())));
    held(&host, &old);
    roster(&host, input);
}

/// Guests of emulators that are known from before.
fn roster(host: &Host<'_>, input: &[u8]) {
    let Ok(roster) = Roster::open(input) else { return };
    let Ok(now) = Surroundings::of(host, roster.surroundings().release) else { return };
    let check = roster.check(&now, host.tree);
    see((check.holds(), check.places_hold(), check.emulator_holds(input.len())));
    for emulator in roster.emulators().iter() {
        see(emulator);
    }
    let mut storage = Storage::<{ storage::TINY }>::new();
    let add = |builder: &mut Builder<'_>| roster.add_guests(builder);
    let bytes = storage.bytes_mut();
    let made =
        caps_linux::capabilities(host, &Driver::QEMU, Guests::Added(&add), bytes, None, &mut ());
    see(made.is_ok());
}

/// Guests of another document, added to a host that is held.
fn held(host: &Host<'_>, other: &Caps<'_>) {
    let (mut storage, mut files) = (Storage::<{ storage::TINY }>::new(), [const { None }; 4]);
    let mut held = Held::new(Driver::QEMU, storage.bytes_mut(), &mut files);
    let add = |builder: &mut Builder<'_>| {
        for entry in other.guests() {
            let mut guest = builder.guest(&entry.guest);
            guest.machines(&entry.machines);
            entry.domains.for_each(|domain| guest.domain(&domain.domain));
        }
    };
    if let Ok(Change::Numbers | Change::Probed) = held.refresh(host, Guests::Added(&add), &mut ()) {
        held.caps().iter().for_each(|caps| write(caps, &[]));
    }
    held.forget();
}

fn write(caps: &Caps<'_>, input: &[u8]) {
    let mut room = [0; 256];
    see(caps_xml::write(caps, &mut SliceSink::new(&mut room)).is_ok());
    see(caps_xml::write_cpu(caps, &mut CountSink::default()).is_ok());
    see(caps_xml::write_guests(caps, &mut HashSink::default()).is_ok());
    see(caps_xml::write_with(caps, &(), &(), &mut CountSink::default()).is_ok());
    see((caps.stored_bytes(), caps.init_path(), input));
}

/// Makes the compiler believe that somebody looks.
pub(crate) fn see<T>(value: T) {
    let _ = core::hint::black_box(value);
}
