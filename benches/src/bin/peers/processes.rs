//! Whole processes in turn, round by round, so that a machine that drifts does so for all: wall time.

use crate::{Fallible, Pair, Run};
use caps_benches::median;
use caps_tests::difference::difference;
use caps_tests::masks::masked;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 31;
/// A daemon gives its first answer once; caps can be asked for its own again.
const FIRST_ROUNDS: usize = 5;
const VIRSH: [&str; 5] = ["virsh", "-q", "-c", "qemu:///system", "capabilities"];
/// How long a daemon is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The first answer of a daemon that has just been started, with no emulator known to it, and that of caps, which asks them all
/// and keeps what they say: wall time, and CPU time with that of the emulators.
pub(crate) fn first_answer(run: &Run) -> Fallible<[Pair; 2]> {
    let begin = Instant::now();
    while !std::path::Path::new("/run/libvirt/libvirt-sock").exists() {
        if begin.elapsed() > PATIENCE {
            return Err("libvirtd does not start".into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let first = |command: &[&str]| {
        let before_us = cpu_us()?;
        let wall_us = wall_us(command)?;
        // What was ended is reaped by then.
        std::thread::sleep(Duration::from_millis(300));
        Ok::<_, String>([wall_us, cpu_us()? - before_us])
    };
    let peer_us = first(&VIRSH)?;
    let caps = path(&run.caps);
    let ours: Vec<[f64; 2]> =
        (0..FIRST_ROUNDS).map(|_| first(&[&caps, "--refresh"])).collect::<Result<_, _>>()?;
    let ours_us =
        [0, 1].map(|index| median(&mut ours.iter().map(|us| us[index]).collect::<Vec<_>>()));
    let works =
        ["First answer, no emulator known: wall time", "First answer: CPU time of all processes"];
    let pair = |index: usize| Pair {
        work: works[index],
        peer: "libvirtd and virsh",
        peer_us: peer_us[index],
        ours: "caps",
        ours_us: ours_us[index],
        allocations: None,
    };
    Ok([pair(0), pair(1)])
}

/// The next answers: the whole document, emulators known.
pub(crate) fn next_answers(run: &Run) -> Fallible<Pair> {
    let caps = path(&run.caps);
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        theirs.push(wall_us(&VIRSH)?);
        ours.push(wall_us(&[&caps])?);
    }
    Ok(Pair {
        work: "Whole process, whole document, emulators known",
        peer: "virsh capabilities",
        peer_us: median(&mut theirs),
        ours: "caps",
        ours_us: median(&mut ours),
        allocations: None,
    })
}

/// CPU time of all processes that there are and of all that they have reaped, in this PID namespace.
fn cpu_us() -> Fallible<f64> {
    let entries = std::fs::read_dir("/proc").map_err(|error| error.to_string())?;
    let stats = entries.flatten().filter_map(|entry| {
        entry.file_name().to_str()?.parse::<u32>().ok()?;
        std::fs::read_to_string(entry.path().join("stat")).ok()
    });
    let ticks: u64 = stats.map(|stat| ticks(&stat)).sum();
    Ok(ticks as f64 * 1e6 / rustix::param::clock_ticks_per_second() as f64)
}

/// `utime`, `stime`, `cutime` and `cstime` of a line of `/proc/PID/stat`.
fn ticks(stat: &str) -> u64 {
    let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let numbers = behind_name.split_ascii_whitespace().skip(11).take(4);
    numbers.filter_map(|number| number.parse::<u64>().ok()).sum()
}

/// Makes sure that both say the same of the host, but for what differs between versions.
pub(crate) fn agree(run: &Run) -> Fallible<()> {
    let theirs = masked(&output(&VIRSH)?);
    let ours = masked(&output(&[&path(&run.caps), "--no-guests"])?);
    match difference("the host part", theirs.as_bytes(), ours.as_bytes()) {
        Some(difference) => Err(difference),
        None => Ok(()),
    }
}

/// Each peer with caps or its agent beside it.
pub(crate) fn pairs(run: &Run) -> Fallible<Vec<Pair>> {
    let (caps, agent) = (path(&run.caps), path(&run.agent));
    let ours: [(&str, &[&str]); 2] =
        [("caps --no-guests", &[&caps, "--no-guests"]), ("agent without std", &[&agent])];
    let peers: [(&str, &[&str]); 4] = [
        ("virsh capabilities", &VIRSH),
        ("lstopo --of xml", &["lstopo-no-graphics", "--of", "xml"]),
        ("cpuid -r", &["cpuid", "-r"]),
        ("lscpu --json", &["lscpu", "--json"]),
    ];
    let commands: Vec<&[&str]> = ours.iter().chain(&peers).map(|(_, command)| *command).collect();
    let mut times = vec![Vec::new(); commands.len()];
    for _ in 0..ROUNDS {
        for (command, times) in commands.iter().zip(&mut times) {
            times.push(wall_us(command)?);
        }
    }
    let medians: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
    let [caps_us, agent_us, peer_us @ ..] = &medians[..] else { return Ok(Vec::new()) };
    let pair = |(peer, peer_us): (&'static str, f64), ours, ours_us| {
        let work = "Whole process, host part";
        Pair { work, peer, peer_us, ours, ours_us, allocations: None }
    };
    let mut named = peers.iter().map(|(name, _)| *name).zip(peer_us.iter().copied());
    let agent = named.clone().take(1).map(|peer| pair(peer, "agent without std", *agent_us));
    let agent: Vec<Pair> = agent.collect();
    let all = named.by_ref().map(|peer| pair(peer, "caps --no-guests", *caps_us));
    Ok(agent.into_iter().chain(all).collect())
}

fn path(program: &std::path::Path) -> String {
    program.display().to_string()
}

fn wall_us(command: &[&str]) -> Fallible<f64> {
    let mut process = prepared(command)?;
    process.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = process.status().map_err(|error| format!("{}: {error}", command[0]))?;
    if !status.success() {
        return Err(format!("{}: {status}", command[0]));
    }
    Ok(start.elapsed().as_secs_f64() * 1e6)
}

fn output(command: &[&str]) -> Fallible<String> {
    let output = prepared(command)?.output().map_err(|error| format!("{}: {error}", command[0]))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn prepared(command: &[&str]) -> Fallible<Command> {
    let (program, arguments) = command.split_first().ok_or("no command")?;
    let mut process = Command::new(program);
    process.args(arguments).stdin(Stdio::null());
    Ok(process)
}
