//! QEMU: software emulation only, so that what it says does not depend on the machine that it runs on.

use crate::image::Image;
use crate::log;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// The emulator.
pub const EMULATOR: &str = "qemu-system-x86_64";
/// How long a boot may take: far more than any does, as a busy machine can be slow.
pub const LIMIT: Duration = Duration::from_secs(120);

/// What a boot gave.
#[derive(Clone, Debug)]
pub struct Booted {
    /// What the image ended with: 0 is well.
    pub code: u8,
    /// What it wrote to the first serial port.
    pub document: String,
    /// The lines of its log, without the time; none where the machine has no second serial port.
    pub log: Vec<String>,
}

/// Boots `image` on the machine that `arguments` tell: QEMU's own. Without a word of it, the machine is `q35`.
///
/// # Errors
/// A sentence: QEMU is not there or refuses the arguments, the image does not end in time, or its log makes no sense.
pub fn boot<S: AsRef<str>>(image: &Image, arguments: &[S]) -> Result<Booted, String> {
    let place = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (document, frames) = (place.path().join("document"), place.path().join("log"));
    let mut qemu = Command::new(EMULATOR);
    qemu.args(defaults(arguments)).arg("-kernel").arg(&image.0);
    qemu.args(["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]);
    for file in [&document, &frames] {
        qemu.arg("-serial").arg(format!("file:{}", file.display()));
    }
    qemu.args(arguments.iter().map(AsRef::as_ref));
    let (code, said) = run(&mut qemu)?;
    let document = fs::read_to_string(&document).unwrap_or_default();
    // A code leaves QEMU doubled and with a one behind it. Its own refusal is a plain 1, and then nothing was written.
    let code = u8::try_from(code / 2).ok().filter(|_| code % 2 == 1);
    let code = code.filter(|&code| code != 0 || !document.is_empty());
    let Some(code) = code else {
        let said = if said.is_empty() { "the image did not end by itself" } else { said.trim() };
        return Err(format!("{EMULATOR}: {said}"));
    };
    let log = log::decode(image, &frames)?;
    Ok(Booted { code, document, log })
}

/// Runs QEMU with these arguments to its end, within [`LIMIT`]. Its exit status, and what it said on standard error.
///
/// # Errors
/// A sentence: it cannot be started, or did not end in time and was killed.
pub fn run(qemu: &mut Command) -> Result<(i32, String), String> {
    qemu.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = qemu.spawn().map_err(|error| format!("{EMULATOR}: {error}"))?;
    let stderr = child.stderr.take();
    let reader = thread::spawn(move || stderr.map(std::io::read_to_string));
    let code = wait(&mut child)?;
    let said = reader.join().ok().flatten().and_then(Result::ok).unwrap_or_default();
    Ok((code, said))
}

fn wait(child: &mut Child) -> Result<i32, String> {
    let begin = Instant::now();
    while begin.elapsed() < LIMIT {
        match child.try_wait() {
            Ok(Some(status)) => return status.code().ok_or(format!("{EMULATOR}: {status}")),
            Ok(None) => thread::sleep(Duration::from_millis(2)),
            Err(error) => return Err(error.to_string()),
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    Err(format!("{EMULATOR} did not end within {} s", LIMIT.as_secs()))
}

/// The version of the emulator, as it writes it: `7.2.22`. `None` where there is none.
pub fn version() -> Option<String> {
    let output = Command::new(EMULATOR).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(3).map(String::from)
}

/// What the arguments do not say themselves.
fn defaults<S: AsRef<str>>(arguments: &[S]) -> Vec<&'static str> {
    let has = |names: [&str; 2]| {
        arguments.iter().any(|argument| names.contains(&argument.as_ref().trim_start_matches('-')))
    };
    let mut defaults = vec!["-nodefaults", "-no-reboot", "-display", "none"];
    if !has(["machine", "M"]) {
        defaults.extend(["-machine", "q35"]);
    }
    if !has(["accel", "enable-kvm"]) {
        defaults.extend(["-accel", "tcg"]);
    }
    defaults
}
