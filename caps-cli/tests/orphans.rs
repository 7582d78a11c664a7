//! However it is ended, and whenever, no process of an emulator is left.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};
use support::doubles::Doubles;

const MOMENTS: u32 = 10;
/// The kernel takes a moment, and this machine may be busy.
const LIMIT: Duration = Duration::from_secs(30);

/// Emulators that never answer, and the program that they run.
struct Held {
    doubles: Doubles,
    program: String,
}

impl Held {
    /// Of one, a child stays in its group, and another leaves group and session; the other one becomes another program.
    fn new() -> Self {
        let doubles = Doubles::new();
        let program = doubles.path("held");
        let sleep =
            ["/usr/bin/sleep", "/bin/sleep"].into_iter().find(|path| Path::new(path).exists());
        let copied = Command::new("install").args(["-m", "755", sleep.unwrap(), &program]).status();
        assert!(copied.unwrap().success());
        let body =
            format!("{program} 97 & setsid {program} 98 & trap '' TERM INT HUP; {program} 99");
        doubles.script("qemu-system-sh4", &body);
        doubles.script("qemu-system-alpha", &format!("exec {program} 96"));
        Self { doubles, program }
    }

    /// How many processes run the program.
    fn count(&self) -> usize {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let programs =
            processes.filter_map(|process| fs::read_link(process.path().join("exe")).ok());
        programs.filter(|program| program == Path::new(&self.program)).count()
    }

    fn start(&self) -> Child {
        self.doubles.command(&["--no-cache"]).spawn().unwrap()
    }

    /// Waits until so many run.
    #[track_caller]
    fn wait_for(&self, count: usize) {
        let begin = Instant::now();
        while self.count() != count {
            assert!(begin.elapsed() < LIMIT, "{} are there, not {count}", self.count());
            thread::sleep(Duration::from_millis(2));
        }
    }
}

#[test]
fn no_signal_leaves_an_emulator_behind() {
    let held = Held::new();
    let begin = Instant::now();
    let mut child = held.start();
    held.wait_for(4);
    let whole = begin.elapsed();
    child.kill().unwrap();
    child.wait().unwrap();
    held.wait_for(0);
    for signal in ["INT", "TERM", "HUP", "KILL"] {
        for moment in 0..MOMENTS {
            let mut child = held.start();
            thread::sleep(whole * moment / (MOMENTS - 1) * 5 / 4);
            let pid = child.id().to_string();
            assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
            child.wait().unwrap();
            // One that is just being started ends by itself.
            thread::sleep(Duration::from_millis(20));
            held.wait_for(0);
        }
    }
}
