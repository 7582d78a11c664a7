//! Ten thousand calls on one cache, some of them killed, some asking again, some clearing it: never a broken document, never a
//! broken file.

mod support;

use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;
use support::doubles::{Doubles, sh4};
use support::{Run, assert_no_litter};

const CALLS: u32 = 10_000;
const AT_ONCE: u32 = 8;

/// What a call does, by its number.
fn arguments(call: u32) -> &'static [&'static str] {
    match call % 64 {
        7 => &["guest", "--refresh"],
        23 => &["cache", "clear"],
        _ => &["guest"],
    }
}

fn is_killed(call: u32) -> bool {
    call % 16 == 7
}

/// Kills it at a time that depends on the call, be it ended by then or not.
fn kill(mut child: Child, call: u32) {
    thread::sleep(Duration::from_micros(u64::from(call % 97) * 100));
    child.kill().unwrap();
    child.wait().unwrap();
}

fn call(doubles: &Doubles, cache: &str, guests: &str, call: u32) {
    let arguments = [arguments(call), &["--cache-dir", cache]].concat();
    let child = doubles.command(&arguments).spawn().unwrap();
    if is_killed(call) {
        return kill(child, call);
    }
    let run = Run::of(child);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "call {call}");
    assert!(arguments[0] == "cache" || run.stdout == guests, "call {call}: {}", run.stdout);
}

#[test]
fn ten_thousand_calls() {
    let doubles = Doubles::new();
    let guests = sh4(&doubles.good("qemu-system-sh4"));
    let cache = doubles.path("cache");
    let next = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= CALLS {
                        break;
                    }
                    call(&doubles, &cache, &guests, number);
                }
            });
        }
    });
    let starts = doubles.mark().lines().count();
    println!("{starts} starts of the emulator in {CALLS} calls");
    assert!(starts < (CALLS / 16) as usize, "{starts} starts: it is not remembered");
    assert_no_litter(&cache);
}
