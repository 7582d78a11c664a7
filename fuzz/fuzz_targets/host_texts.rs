//! Texts of a host: every reader takes every text.
#![no_main]

use caps_linux::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let _ = (parse::int::signed(text), parse::int::unsigned(text), parse::int::scaled(text));
    let _ = (parse::int::c_unsigned(text), parse::int::decimal_line(text));
    let _ = (parse::cpulist::cpulist(text), parse::mask::cpumap(text));
    let _ = (parse::meminfo::total_kib(text), parse::uuid::uuid(text).is_ok());
    let _ = (parse::cpuinfo::microcode(text), parse::cpuinfo::address_bits(text));
    let _ = (parse::facts::facts(text).is_ok(), parse::account::id_on_line(text, b"qemu"));
    let _ = parse::auxv::entry(text, parse::auxv::AT_HWCAP);
    for mut conf in [parse::conf::Conf::qemu(), parse::conf::Conf::daemon()] {
        conf.feed(text);
        if let Ok(Some(parse::conf::Value::List(items))) =
            conf.finish().as_ref().map(|settings| settings.value("security_driver"))
        {
            assert!(items.count() <= text.len());
        }
    }
});
