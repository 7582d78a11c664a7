//! The commands that an emulator is sent, and the recording of its replies.
//!
//! QEMU lists its machines in the order of a hash table of all types. libvirt has it list the types first, which loads every
//! module, and the types of modules may change that order. So the types are listed before the machines here as well.

use super::talk::Answer;
use crate::query::Query;

/// The commands that matter, in libvirt's order. It sends one of the two about the accelerator, by QEMU's version.
pub(super) const QUERIES: [Query; 6] =
    [Query::Version, Query::Target, Query::Accelerators, Query::Kvm, Query::Types, Query::Machines];

/// Returns the text of all commands. Their ids are numbers, since an emulator reads each byte with half a dozen system calls.
pub(super) fn commands() -> String {
    let greeting = "{\"execute\":\"qmp_capabilities\"}\n".to_owned();
    let commands = QUERIES.iter().enumerate();
    greeting
        + &commands
            .map(|(id, query)| format!("{{\"execute\":\"{query}\",\"id\":{id}}}\n"))
            .collect::<String>()
}

/// Returns the lines of a recording with these replies, which are in the order of [`QUERIES`].
pub(super) fn recording(answers: &[Answer]) -> Vec<u8> {
    let lines = QUERIES.iter().zip(answers).map(|(query, answer)| {
        format!("{{\"probe\":\"first\",\"execute\":\"{query}\",{}}}\n", answer.member())
    });
    lines.collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rejection, Replies};

    #[test]
    fn types_are_listed_before_machines() {
        let commands = commands();
        let place = |name| commands.find(name).unwrap();
        assert!(place("qom-list-types") < place("query-machines"));
        assert_eq!(commands.lines().count(), 1 + QUERIES.len());
    }

    #[test]
    fn refusals_are_recorded() {
        let text = recording(&QUERIES.map(|_| Answer::Refused("{}".to_owned())));
        let replies = Replies::read(&text).unwrap();
        for query in QUERIES {
            assert_eq!(replies.needed::<u8>(query), Err(Rejection::Refused(query)));
        }
    }
}
