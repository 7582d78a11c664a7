//! One piece of work at a time, for counting its instructions under callgrind: `instructions NAME`. What is counted is the
//! function `work_NAME` and all that it calls.
#![forbid(unsafe_code)]

use caps_benches::fleet;
use caps_core::Caps;
use caps_core::sink::SliceSink;
use std::hint::black_box;
use std::process::ExitCode;

/// A piece of work: its name, and what does it with its preparations.
type Work = (&'static str, fn());

const WORKS: [Work; 2] = [
    ("write", || with_fleet(work_write)),
    // The control of the gate: it does what `write` does, twice.
    ("write_twice", || with_fleet(work_write_twice)),
];

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let Some((_, work)) = WORKS.iter().find(|(name, _)| *name == wanted) else {
        eprintln!("instructions: which of {:?}?", WORKS.map(|(name, _)| name));
        return ExitCode::FAILURE;
    };
    work();
    ExitCode::SUCCESS
}

/// Says how many bytes the work made: what instructions are divided by.
fn with_fleet(work: fn(&Caps<'_>, &mut [u8]) -> usize) {
    let (mut storage, mut text) = (vec![0; fleet::STORAGE_BYTES], vec![0; 64 << 10]);
    let Ok(caps) = fleet::document(&mut storage) else { return };
    println!("{}", work(black_box(&caps), black_box(&mut text)));
}

/// The document of 20 guests and 609 machines, into memory.
#[inline(never)]
fn work_write(caps: &Caps<'_>, text: &mut [u8]) -> usize {
    write(caps, text)
}

#[inline(never)]
fn work_write_twice(caps: &Caps<'_>, text: &mut [u8]) -> usize {
    write(black_box(caps), text).max(write(black_box(caps), text))
}

fn write(caps: &Caps<'_>, text: &mut [u8]) -> usize {
    let mut sink = SliceSink::new(text);
    caps_xml::write(caps, &mut sink).map_or(0, |()| sink.written().len())
}
