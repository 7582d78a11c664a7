//! The log: frames of defmt, which only the program that wrote them can explain, and `defmt-print` reads it.

use crate::image::Image;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

/// What decodes the log.
pub const PRINTER: &str = "defmt-print";

/// The lines of the file `frames`, by the symbols of the image: `WARN Srat: Checksum`. One line that says so where there is
/// nothing to decode them with.
pub(crate) fn decode(image: &Image, frames: &Path) -> Result<Vec<String>, String> {
    let Ok(frames) = File::open(frames) else { return Ok(Vec::new()) };
    let mut printer = Command::new(PRINTER);
    printer.args(["--log-format", "{L} {s}", "-e"]).arg(&image.0);
    let output = match printer.stdin(Stdio::from(frames)).output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(vec![format!("no {PRINTER} here: the log is not decoded")]);
        }
        output => output.map_err(|error| format!("{PRINTER}: {error}"))?,
    };
    let text = String::from_utf8_lossy(&output.stdout);
    match output.status.success() {
        true => Ok(text.lines().map(String::from).collect()),
        false => Err(format!("{PRINTER}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}
