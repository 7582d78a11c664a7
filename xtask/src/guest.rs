//! What a Linux guest is made of: Debian's cloud kernel and a static busybox, unpacked beside what is built.

use crate::chore::{self, Done, root};
use crate::setup;
use std::fs;
use std::process::Command;

/// The package that depends on the kernel of the day.
const KERNEL: &str = "linux-image-cloud-amd64";
const SHELL: &str = "busybox-static";

/// Fetches both once, without installing anything.
pub(crate) fn fetch() -> Done {
    let place = root().join("target/guest");
    if place.join("bin/busybox").exists() && place.join("boot").exists() {
        return Ok(());
    }
    let kernel = kernel().or_else(|_| setup::update().and_then(|()| kernel()))?;
    fs::create_dir_all(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    chore::run(&place, "apt-get", &["-q", "download", &kernel, SHELL])?;
    let entries = fs::read_dir(&place).map_err(|error| error.to_string())?;
    let files = entries.flatten().map(|entry| entry.path());
    files
        .filter(|file| file.extension().is_some_and(|end| end == "deb"))
        .try_for_each(|file| chore::run(&place, "dpkg", &["-x", &file.to_string_lossy(), "."]))
}

fn kernel() -> Result<String, String> {
    let output = Command::new("apt-cache").args(["depends", KERNEL]).output();
    let output = output.map_err(|error| format!("apt-cache: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut names = text.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    let found = names.find(|name| name.starts_with("linux-image-"));
    found.map(String::from).ok_or(format!("{KERNEL} is not in the package lists"))
}
