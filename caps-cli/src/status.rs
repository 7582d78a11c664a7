//! Exit statuses, the same for every command.

use std::process::ExitCode;

/// Result of a command, as scripts see it.
///
/// The exit status 2, for a malformed command line, is printed by clap before any command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0: the output is complete, or the answer is yes.
    Complete,
    /// 1: the command failed, and standard error names the cause.
    Failed,
    /// 3: the output was printed but is incomplete, and standard error names what is missing.
    Incomplete,
    /// 4: the answer is no.
    No,
}

impl Status {
    /// Returns the status of an output with two parts, of which both must be complete.
    pub(crate) fn and(self, other: Self) -> Self {
        if self == Self::Complete { other } else { self }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Complete => 0,
            Status::Failed => 1,
            Status::Incomplete => 3,
            Status::No => 4,
        })
    }
}
