//! What a call takes of capsd, beside what it takes of a libvirtd on the same machine in the same run.

use caps_tests::agent::{Agent, Client, program};
use caps_tests::caps;
use caps_tests::libvirtd::beside;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Starts capsd with its cache filled, and lives until `$place/done` is there.
const SERVE: &str = r#"
"$2" --cache-dir "$place/cache" > /dev/null
"$1" --quiet --cache "$place/cache" --caps "$2" --socket "$place/sock" &
touch "$place/ready"
for second in $(seq 300); do
  if [ -e "$place/done" ]; then break; fi
  sleep 1
done
"#;

/// Pairs of calls.
const PAIRS: usize = 300;
/// Least ratio of the medians: 10 to 46 were measured. Half of the time of capsd is its client and the switches to it and back,
/// which take longer on a busy machine; that of libvirtd is its own work.
const LESS: u32 = 5;

#[test]
fn a_call_takes_a_fraction_of_libvirtds() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let path = std::env::var("PATH").unwrap();
    let Some(mut command) = beside(SERVE, place, &path) else { return };
    command.arg(program()).arg(caps!().get_program());
    let mut serving = command.stderr(Stdio::null()).spawn().unwrap();
    let ready = wait_for(&place.join("ready"), &mut serving);
    let [theirs, ours] = ["libvirtd/libvirt-sock", "sock"].map(|socket| place.join(socket));
    let measured = if ready { measure(&theirs, &ours) } else { None };
    fs::write(place.join("done"), "").unwrap();
    serving.wait().unwrap();
    let Some([theirs, ours]) = measured else {
        return eprintln!("skipped: libvirtd does not start here");
    };
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    println!("median of a call: libvirtd {theirs:?}, capsd {ours:?}, {ratio:.0} times less");
    assert!(theirs >= ours * LESS, "{ratio:.1} times");
}

fn wait_for(file: &Path, serving: &mut std::process::Child) -> bool {
    let begin = Instant::now();
    while !file.exists() && serving.try_wait().unwrap().is_none() {
        assert!(begin.elapsed() < Duration::from_secs(300), "it does not begin");
        sleep(Duration::from_millis(10));
    }
    file.exists()
}

/// The medians of both, asked in turns.
fn measure(theirs: &Path, ours: &Path) -> Option<[Duration; 2]> {
    let mut clients = [Client::open(theirs).ok()?, Client::wait_for(ours)];
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..PAIRS {
        for (client, times) in clients.iter_mut().zip(&mut times) {
            let begin = Instant::now();
            client.ask(7, &[]).unwrap();
            times.push(begin.elapsed());
        }
    }
    Some(times.map(median))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// A call that is answered from what is held takes a fraction of making a document, which the start of a process does.
#[test]
fn a_call_takes_less_than_a_process() {
    let agent = Agent::start();
    let mut client = Client::open(&agent.socket()).unwrap();
    let (mut calls, mut processes) = (Vec::new(), Vec::new());
    for _ in 0..40 {
        let begin = Instant::now();
        client.ask(7, &[]).unwrap();
        calls.push(begin.elapsed());
        let begin = Instant::now();
        let mut once = std::process::Command::new(program());
        assert!(once.args(["--no-guests", "--once"]).output().unwrap().status.success());
        processes.push(begin.elapsed());
    }
    let (call, process) = (median(calls), median(processes));
    println!("median of a call {call:?}, of a process {process:?}");
    assert!(process > call * 5, "{call:?} {process:?}");
}
