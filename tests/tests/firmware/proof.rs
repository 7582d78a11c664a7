//! Proofs of the image, each with a control that fails: no heap, no panic, and how large and how long it may be.

use super::dump::MEMORY;
use super::machine::{booted, image};
use caps_boot::{Image, PRINTER, build};
use caps_tests::place::has_program;
use std::process::Command;

/// Most bytes of code and constants, the CPU tables among them.
const MAX_LOADED_BYTES: u64 = 96 << 10;
/// Most instructions from the entry to the last byte on a machine with one CPU, waiting for the serial port included:
/// software emulation takes a hundred times less than 100 ms for them.
const MAX_INSTRUCTIONS: u64 = 400_000;
/// Most instructions on a machine with 255 CPUs.
const MAX_INSTRUCTIONS_255: u64 = 16_000_000;

#[test]
fn the_image_links_without_an_allocator_and_without_a_panic() {
    assert!(build("").is_ok_and(|Image(file)| file.is_file()));
}

#[test]
fn the_control_that_allocates_does_not_link() {
    let said = build("heap").unwrap_err();
    assert!(said.contains("no global memory allocator"), "{said}");
}

#[test]
fn the_control_that_panics_does_not_link() {
    let said = build("panic").unwrap_err();
    assert!(said.contains("undefined symbol: caps_image_has_a_panic_path"), "{said}");
}

/// What `nm` says of the image; `None` where there is no such program.
fn symbols() -> Option<String> {
    let Image(file) = has_program("nm").then(|| build("").unwrap())?;
    let output = Command::new("nm").arg("-C").arg(file).output().unwrap();
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The stack is zero until it is used: what is not stays so to the end.
#[test]
fn most_of_the_stack_is_never_used() {
    let Some(symbols) = symbols().filter(|_| !MEMORY.is_empty()) else { return };
    let address = |name: &str| {
        let line = symbols.lines().find(|line| line.split(' ').nth(2) == Some(name));
        let digits = line.and_then(|line| line.split(' ').next());
        usize::from_str_radix(digits.unwrap(), 16).unwrap()
    };
    let stack = &MEMORY[address("stack")..address("stack_end")];
    let used = stack.len() - stack.iter().take_while(|&&byte| byte == 0).count();
    println!("{used} bytes of {} of stack", stack.len());
    assert!((1024..=stack.len() / 2).contains(&used), "{used}");
}

#[test]
fn no_symbol_is_of_a_panic() {
    let Some(symbols) = symbols() else { return };
    assert!(symbols.contains("pvh_entry") && symbols.contains("caps_acpi"), "{symbols}");
    let panics: Vec<&str> = symbols.lines().filter(|line| line.contains("panicking")).collect();
    assert!(panics.is_empty(), "{panics:?}");
}

#[test]
fn code_and_constants_fit_96_kib() {
    let Image(file) = build("").unwrap();
    let segments = segments(&std::fs::read(file).unwrap());
    let constant = segments.iter().filter(|segment| segment.loaded && !segment.written);
    let bytes = constant.map(|segment| segment.file_bytes).sum();
    println!("{bytes} bytes of code and constants");
    // Fewer would mean that the tables are not in it.
    assert!((caps_cpu::table_bytes() as u64..=MAX_LOADED_BYTES).contains(&bytes), "{bytes}");
    // Nothing of the storage is in the file.
    let written = segments.iter().filter(|segment| segment.loaded && segment.written);
    assert!(written.map(|segment| segment.file_bytes).sum::<u64>() < 4096);
}

#[test]
fn few_instructions_lead_to_the_document() {
    let Some(image) = image() else { return };
    if !has_program(PRINTER) {
        return;
    }
    let one = instructions(image, "-machine q35 -cpu Skylake-Server");
    let many = instructions(image, "-machine q35 -cpu Skylake-Server -smp 255,sockets=1,cores=255");
    println!("{one} instructions for 1 CPU, {many} for 255");
    assert!(one <= MAX_INSTRUCTIONS && many <= MAX_INSTRUCTIONS_255, "{one}, {many}");
    assert!(many > 10 * one, "the counter counts something else: {one}, {many}");
}

/// With a clock that ticks once an instruction, ticks are instructions.
fn instructions(image: &Image, arguments: &str) -> u64 {
    let log = booted(image, &format!("{arguments} -icount shift=0")).log;
    let done = log.iter().find_map(|line| line.split_once("done after ")?.1.split_once(' '));
    done.and_then(|(ticks, _)| ticks.parse().ok()).unwrap_or_else(|| panic!("{log:?}"))
}

/// A part of a program as it is loaded.
struct Segment {
    loaded: bool,
    written: bool,
    file_bytes: u64,
}

/// The program headers of a 64-bit ELF file.
fn segments(elf: &[u8]) -> Vec<Segment> {
    let number = |at: usize, len: usize| {
        elf[at..at + len].iter().rev().fold(0, |sum: u64, &byte| sum << 8 | u64::from(byte))
    };
    let (first, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    (0..count)
        .map(|index| (first + index * size) as usize)
        .map(|at| Segment {
            loaded: number(at, 4) == 1,
            written: number(at + 4, 4) & 2 != 0,
            file_bytes: number(at + 32, 8),
        })
        .collect()
}
