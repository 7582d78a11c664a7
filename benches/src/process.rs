//! Whole processes: `caps` and `virsh capabilities` in turn.

use caps_benches::median;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

const PAIRS: usize = 41;

/// Prints the ratio of `virsh capabilities` to `caps`, pair by pair.
pub(crate) fn report() -> io::Result<()> {
    let caps = caps();
    let virsh = ["virsh", "-c", "qemu:///system", "capabilities"].map(String::from);
    let host_part = [caps.display().to_string(), "--no-guests".into()];
    if !Command::new("virsh")
        .args(&virsh[1..])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
    {
        println!("no libvirtd answers at qemu:///system: caps alone");
        println!(
            "caps --no-guests          {:>9.2} ms (median of {PAIRS})",
            median(&mut times(&host_part)?)
        );
        return Ok(());
    }
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let (our, their) = (wall_ms(&host_part)?, wall_ms(&virsh)?);
        ours.push(our);
        theirs.push(their);
        ratios.push(their / our);
    }
    println!("caps --no-guests          {:>9.2} ms (median of {PAIRS} pairs)", median(&mut ours));
    println!(
        "virsh capabilities        {:>9.2} ms, a warm libvirtd behind it",
        median(&mut theirs)
    );
    println!("ratio                     {:>9.1}", median(&mut ratios));
    Ok(())
}

/// The program that lies beside this one.
fn caps() -> PathBuf {
    let mut path = std::env::current_exe().unwrap_or_default();
    path.set_file_name("caps");
    path
}

fn times(command: &[String]) -> io::Result<Vec<f64>> {
    (0..PAIRS).map(|_| wall_ms(command)).collect()
}

fn wall_ms(command: &[String]) -> io::Result<f64> {
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let start = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("{program}: {status}")));
    }
    Ok(start.elapsed().as_secs_f64() * 1e3)
}
