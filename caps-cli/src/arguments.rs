//! The command line.

use caps_core::Arch;
use caps_qemu::Store;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Describes what this host can virtualise: the XML document that libvirt calls capabilities, byte for byte as libvirt
/// 12.8.0 would say it, without a daemon.
///
/// Without a command, `caps` prints the document.
#[derive(Debug, Default, Parser)]
#[command(name = "caps", version, max_term_width = 80, after_help = EXAMPLES)]
pub struct Arguments {
    /// What to do; `xml` if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Describe a recorded host instead of this one: nothing of this host is looked at
    #[arg(long, value_name = "DIR", global = true)]
    pub root: Option<PathBuf>,

    /// Where the guests come from
    #[arg(long, value_name = "SOURCE", default_value = "qmp", global = true)]
    pub guests: GuestSource,

    /// Leave the guests out; the same as --guests none
    #[arg(long, global = true, conflicts_with = "guests")]
    pub no_guests: bool,

    /// Neither use nor keep what emulators and KVM said before: ask them all
    #[arg(long, global = true)]
    pub no_cache: bool,

    /// Ask all emulators and KVM, and keep what they say
    #[arg(long, global = true, conflicts_with_all = ["no_cache", "root"])]
    pub refresh: bool,

    /// Keep what they say in DIR; otherwise in /var/cache/caps for root, in caps in the cache directory of other users
    #[arg(long, value_name = "DIR", global = true)]
    pub cache_dir: Option<PathBuf>,

    /// Print what can be had if a source fails: a warning for each that failed, exit status 3
    #[arg(long, global = true)]
    pub partial: bool,

    /// Write to FILE instead of standard output; a file is replaced as a whole or not at all
    #[arg(short, long, value_name = "FILE", global = true)]
    pub output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  caps                          print the document of this host
  caps --no-guests -o host.xml  write its host part to a file
  caps record here              keep all that the document is made of
  caps --root here              make the document again from that, anywhere
  caps explain                  say where each part comes from
  caps cpu --why                say why the CPU model is what it is
  caps compare guest.xml        say whether this host can run that CPU
  caps baseline a.xml b.xml     print a CPU that both hosts can run
  caps guest --qmp replies      print guests from recorded QMP replies

Exit status: 0 if the output is complete or the answer is yes, 1 if the command
failed, 2 for a malformed command line, 3 if the output is incomplete, 4 if the
answer is no. Standard error names the cause of 1 and 3.";

impl Arguments {
    /// Where the guests come from.
    pub(crate) const fn guest_source(&self) -> GuestSource {
        if self.no_guests { GuestSource::None } else { self.guests }
    }

    /// The arguments, if they go together as far as their definition cannot express it.
    ///
    /// # Errors
    /// A usage error of clap's.
    pub fn validated(self) -> Result<Self, clap::Error> {
        if self.partial && !matches!(self.command, None | Some(Command::Xml)) {
            let message = "--partial can only be used when the document is printed";
            return Err(Self::command().error(ErrorKind::ArgumentConflict, message));
        }
        Ok(self)
    }

    /// Where is kept what was said before, if that is to be used.
    pub(crate) fn store(&self) -> Option<Store> {
        match &self.cache_dir {
            _ if self.no_cache => None,
            Some(directory) => Some(Store::new(directory.clone())),
            None => Store::of_user(),
        }
    }
}

/// A command of `caps`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the document
    Xml,
    /// Say, topic by topic, where the document comes from and what was absent, denied or odd
    Explain,
    /// Record this host in DIR, so that `caps --root DIR` makes the same document anywhere
    Record {
        /// A directory that is not there yet, or empty
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        /// Replace UUIDs and serial numbers, and leave out accounts that do not matter
        #[arg(long)]
        scrub: bool,
    },
    /// Print the CPU element of this host, or of registers that were recorded elsewhere
    Cpu(CpuArguments),
    /// Say whether this host can run a CPU, as virsh cpu-compare does
    #[command(
        after_help = "Exit status: 0 if the host can run it, 4 if not, 1 if the comparison failed."
    )]
    Compare(CompareArguments),
    /// Print a CPU that several hosts can run, as virsh cpu-baseline does
    Baseline(BaselineArguments),
    /// Print the guests of this host alone, or those that libvirt makes of what other emulators said
    #[command(after_help = GUEST_HELP)]
    Guest(GuestArguments),
    /// Show or clear what is kept of emulators and KVM
    Cache {
        /// What to do
        #[command(subcommand)]
        action: CacheAction,
    },
}

/// What to do with what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum CacheAction {
    /// Print where it is, whether it still holds, and what each emulator offers
    Show,
    /// Remove all of it
    Clear,
}

const GUEST_HELP: &str = "\
A recording holds JSON, a line for each answer: {\"probe\": \"first\",
\"execute\": \"query-target\", \"return\": {\"arch\": \"arm\"}}. In a directory it is named
after its emulator: usr%bin%qemu-system-arm.jsonl for /usr/bin/qemu-system-arm.

Exit status: 0 with guests, 1 with the reason where none is left.";

/// Arguments of `caps guest`.
#[derive(Debug, Args)]
pub struct GuestArguments {
    /// Read what emulators said over QMP: a directory of recordings, or one recording
    #[arg(long, value_name = "PATH", conflicts_with = "root")]
    pub qmp: Option<PathBuf>,
    /// Where the emulator of the one recording lies; without it, where the name of the recording says
    #[arg(long, value_name = "PATH", requires = "qmp")]
    pub binary: Option<PathBuf>,
    /// Architecture of the host that the recordings are of
    #[arg(long, value_name = "ARCH", requires = "qmp", default_value = "x86_64", value_parser = arch)]
    pub host_arch: Arch,
}

fn arch(name: &str) -> Result<Arch, &'static str> {
    Arch::from_machine(name).ok_or("libvirt has no architecture of this name")
}

/// Arguments of `caps cpu`.
#[derive(Debug, Args)]
pub struct CpuArguments {
    /// Decode the registers in FILE (standard input if it is `-`): cpuid -r, InstLatx64, AIDA64, libcpuid, cpudata XML or TSV
    #[arg(long, value_name = "FILE", conflicts_with = "root")]
    pub cpuid: Option<PathBuf>,
    /// Of the registers in FILE use only those that libvirt reads on a live host
    #[arg(long, requires = "cpuid")]
    pub as_probed: bool,
    /// List every feature, those of the model too
    #[arg(long)]
    pub expand: bool,
    /// Print a guest definition that amounts to this CPU
    #[arg(long)]
    pub guest: bool,
    /// Explain the model: what was chosen, what comes near and what lacks, where each feature was found
    #[arg(long, conflicts_with_all = ["expand", "guest"])]
    pub why: bool,
    /// Explain the model in JSON
    #[arg(long, conflicts_with_all = ["expand", "guest"])]
    pub json: bool,
}

impl CpuArguments {
    /// Whether what is asked for depends on registers alone.
    pub(crate) const fn of_registers(&self) -> bool {
        self.guest || self.why || self.json
    }
}

/// Arguments of `caps compare`.
#[derive(Debug, Args)]
pub struct CompareArguments {
    /// A document with the CPU: capabilities, domain capabilities, a domain, or the element alone; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Say why, if the host cannot run it
    #[arg(long)]
    pub error: bool,
    /// Compare with the CPU in this document instead of this host's
    #[arg(long, value_name = "FILE", conflicts_with = "root")]
    pub host: Option<PathBuf>,
}

/// Arguments of `caps baseline`.
#[derive(Debug, Args)]
pub struct BaselineArguments {
    /// Documents with CPUs, one or several in each: capabilities, or the elements alone; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// List every feature, those of the model too
    #[arg(long)]
    pub features: bool,
    /// Leave out features that keep a guest from being moved
    #[arg(long)]
    pub migratable: bool,
}

/// Where guests come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum GuestSource {
    /// The emulators tell over QMP; one that has told and is the same since is not started again
    #[default]
    Qmp,
    /// Look for emulators, start none
    Files,
    /// No guests
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_plain_call() {
        let parsed = Arguments::try_parse_from(["caps"]).unwrap();
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Arguments::default()));
    }
}
