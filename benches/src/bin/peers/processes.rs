//! Whole processes in turn, round by round, so that a machine that drifts does so for all: wall time.

use crate::{Fallible, Pair, Run};
use caps_benches::median;
use caps_tests::difference::difference;
use caps_tests::masks::masked;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 31;
const VIRSH: [&str; 5] = ["virsh", "-q", "-c", "qemu:///system", "capabilities"];
/// How long a daemon is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The first answer of a daemon that has just been started, with no emulator known to it, and that of caps, which also asks
/// them.
pub(crate) fn first_answer(run: &Run) -> Fallible<Pair> {
    let begin = Instant::now();
    while !std::path::Path::new("/run/libvirt/libvirt-sock").exists() {
        if begin.elapsed() > PATIENCE {
            return Err("libvirtd does not start".into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let peer_us = wall_us(&VIRSH)?;
    let ours_us = wall_us(&[&path(&run.caps), "--guests", "qmp"])?;
    let work = "First answer, with emulators that nobody has asked yet";
    let (peer, ours) = ("libvirtd and virsh", "caps --guests qmp");
    Ok(Pair { work, peer, peer_us, ours, ours_us, allocations: None })
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
