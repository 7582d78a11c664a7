//! The command line.

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Describes what this host can virtualise: the XML document that libvirt calls capabilities, byte for byte as libvirt
/// 12.8.0 would say it, without a daemon.
///
/// Without a command, `caps` prints the document.
#[derive(Debug, Parser)]
#[command(name = "caps", version, max_term_width = 80, after_help = EXAMPLES)]
pub struct Arguments {
    /// What to do; `xml` if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Describe a recorded host instead of this one: nothing of this host is looked at
    #[arg(long, value_name = "DIR", global = true)]
    pub root: Option<PathBuf>,

    /// Where the guests come from
    #[arg(long, value_name = "SOURCE", default_value = "files", global = true)]
    pub guests: GuestSource,

    /// Leave the guests out; the same as --guests none
    #[arg(long, global = true, conflicts_with = "guests")]
    pub no_guests: bool,

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

Exit status: 0 with a document, 1 with a sentence where libvirt would refuse,
2 for a command line that makes no sense.";

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
}

/// Where guests come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GuestSource {
    /// Ask every emulator over QMP (not built yet)
    Qmp,
    /// Look for emulators, start none
    Files,
    /// No guests
    None,
}
