//! `cargo xtask boot`: the document of a machine without an operating system.

use crate::chore::Done;

/// Builds the image, boots it on the machine that `arguments` tell QEMU, and prints the document; its log goes to standard error.
pub(crate) fn run(arguments: &[String]) -> Done {
    let image = caps_boot::build("")?;
    let booted = caps_boot::boot(&image, arguments)?;
    booted.log.iter().for_each(|line| eprintln!("{line}"));
    print!("{}", booted.document);
    match booted.code {
        0 => Ok(()),
        code => Err(format!("the image ended with {code}")),
    }
}
