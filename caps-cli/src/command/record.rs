//! `caps record`: keeps a host, so that its document can be made again anywhere.

use crate::emulators::Emulators;
use crate::missing::Needed;
use crate::output::{self, WriteSink};
use crate::recorder::node::{Node, Seen, write_file};
use crate::recorder::{Recorder, answers, scrub};
use crate::{Arguments, Failure, GuestSource, Status, document, host};
use caps_core::{Caps, Driver, Uuid};
use caps_cpu::{CpuidSource, SourceFailure};
use caps_linux::parse::uuid::uuid;
use caps_linux::{Errno, Error, Facts, FailedFact, Guests, Host, Root};
use std::fs;
use std::io;
use std::path::Path;

/// The fact that a record has where nothing else gives a UUID.
const RANDOM_UUID: &str = "random_uuid";

/// A document, or the sentence that says why there is none: that can be recorded too.
type Outcome = Result<Vec<u8>, String>;

/// All that becomes of a host in a directory.
struct Record {
    root: Node,
    facts: Vec<u8>,
    cpuid: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, directory: &Path, scrubbed: bool) -> Result<(), Failure> {
    require_vacant(directory)?;
    let visit = |host: &Host<'_>| record(arguments, host, scrubbed);
    let (record, made) = match &arguments.root {
        Some(root) => host::recorded(root, Needed::All, visit),
        None => host::live(&Root::live(), None, visit),
    }?;
    let files = record.write(directory)?;
    let again = host::recorded(directory, Needed::All, |host| made_again(arguments, host))?;
    if let Some(difference) = difference(&made, &again, scrubbed) {
        let directory = directory.display();
        return Err(Failure::Refused(format!(
            "{directory}: its document is not the one just made: {difference}"
        )));
    }
    output::to(arguments.output.as_deref(), |writer| {
        writeln!(writer, "recorded {files} files in {}", directory.display())
    })
}

/// A record is never mixed with anything else.
fn require_vacant(directory: &Path) -> Result<(), Failure> {
    match fs::read_dir(directory).map(|mut entries| entries.next()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::file(directory)(error)),
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(Failure::Refused(format!(
            "{}: there is something in it; a record needs an empty directory or a new one",
            directory.display()
        ))),
    }
}

/// Makes the document of `host`, and keeps all that it was made of.
fn record(
    arguments: &Arguments,
    host: &Host<'_>,
    scrubbed: bool,
) -> Result<(Record, Outcome), Failure> {
    let recorder = Recorder::new(host.tree);
    let seen = Host { tree: &recorder, ..*host };
    require_whole(host)?;
    let emulators = emulators(arguments, &seen)?;
    let made = outcome(arguments, &seen, emulators.as_ref())?;
    if emulators.is_some() {
        see_files(&seen)?;
    }
    let mut root = recorder.into_root();
    for (path, text) in emulators.iter().flat_map(Emulators::recordings) {
        root.put(&path, Seen::File(text.to_vec()));
    }
    let facts = &Facts { random_uuid: random_uuid(&mut root, host.facts)?, ..host.facts.clone() };
    let host = &Host { facts, ..*host };
    let record = if scrubbed { scrubbed_record(root, host) } else { full_record(root, host) };
    // Registers that the document does not need were read for the record.
    match host.cpuid.and_then(CpuidSource::take_failure) {
        Some(SourceFailure { source, errno }) => Err(Failure::call(source)(Errno(errno))),
        None => Ok((record, made)),
    }
}

/// A record has all facts, whether the document needs them or not. A random UUID is no fact of the host.
fn require_whole(host: &Host<'_>) -> Result<(), Failure> {
    let mut failed = host.facts.failed.iter().filter(|failed| failed.name != RANDOM_UUID);
    failed.next().map_or(Ok(()), |failed| Err(unavailable(failed)))
}

fn unavailable(failed: &FailedFact) -> Failure {
    Failure::call(failed.source)(failed.errno)
}

/// The UUID that the host drew, unless it can be derived again from the machine id in the record.
fn random_uuid(root: &mut Node, facts: &Facts<'_>) -> Result<Option<Uuid>, Failure> {
    let derived = match root.find(b"/etc/machine-id") {
        Some(Node { seen: Seen::File(text), .. }) => uuid(text).is_ok_and(|id| id.is_valid()),
        _ => false,
    };
    match facts.failure(RANDOM_UUID) {
        Some(failed) if !derived => Err(unavailable(failed)),
        _ => Ok(facts.random_uuid.or(facts.last_uuid.filter(|_| !derived))),
    }
}

/// Looks at what `--guests files` asks for, so that the record has that too.
fn see_files(host: &Host<'_>) -> Result<(), Failure> {
    // Without storage: what comes of it does not matter, if nothing failed.
    match caps_linux::capabilities(host, &Driver::QEMU, Guests::Files, &mut [], None, &mut ()) {
        Err(Error::Unavailable(unavailable)) => Err(unavailable.into()),
        _ => Ok(()),
    }
}

fn full_record(root: Node, host: &Host<'_>) -> Record {
    let (facts, cpuid) = (answers::facts(host.facts), host.cpuid.and_then(answers::cpuid));
    Record { root, facts, cpuid }
}

fn scrubbed_record(mut root: Node, host: &Host<'_>) -> Record {
    scrub::files(&mut root, host.facts);
    let path = scrub::path(&mut root, host.facts);
    let cpuid = host.cpuid.and_then(|cpuid| answers::cpuid(&scrub::WithoutSerial(cpuid)));
    let facts = answers::facts(&scrub::facts(host.facts, &path));
    Record { root, facts, cpuid }
}

/// What emulators say, if that is where the guests come from. Where libvirt refuses, none is asked. A record without one that
/// could not be asked would not be one of this host.
fn emulators(arguments: &Arguments, host: &Host<'_>) -> Result<Option<Emulators>, Failure> {
    if arguments.guest_source() != GuestSource::Qmp {
        return Ok(None);
    }
    let emulators = match Emulators::in_full(arguments, host) {
        Err(Failure::Refused(_)) => return Ok(None),
        emulators => emulators?,
    };
    if emulators.status() == Status::Incomplete {
        return Err(Failure::Unavailable(emulators.left_out().join("; ")));
    }
    emulators.report();
    Ok(Some(emulators))
}

/// As [`outcome`], of what was recorded.
fn made_again(arguments: &Arguments, host: &Host<'_>) -> Result<Outcome, Failure> {
    let emulators = match arguments.guest_source() {
        GuestSource::Qmp => Some(Emulators::replayed(host)?),
        _ => None,
    };
    outcome(arguments, host, emulators.as_ref())
}

fn outcome(
    arguments: &Arguments,
    host: &Host<'_>,
    emulators: Option<&Emulators>,
) -> Result<Outcome, Failure> {
    match document::visit(arguments, host, emulators, &mut (), text) {
        Err(Failure::Refused(sentence)) => Ok(Err(sentence)),
        made => made.map(Ok),
    }
}

fn text(caps: &Caps<'_>) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    caps_xml::write(caps, &mut WriteSink(&mut text)).map_err(Failure::Output)?;
    Ok(text)
}

impl Record {
    /// Writes everything to `directory`. Returns the number of files.
    fn write(&self, directory: &Path) -> Result<u32, Failure> {
        let files = self.root.write_below(directory)?;
        write_answer(&directory.join("facts"), &self.facts)?;
        let Some(cpuid) = &self.cpuid else { return Ok(files + 1) };
        write_answer(&directory.join("cpuid.tsv"), cpuid.as_bytes())?;
        Ok(files + 2)
    }
}

fn write_answer(place: &Path, text: &[u8]) -> Result<(), Failure> {
    write_file(place, text).map_err(Failure::file(place))
}

/// The first line in which two documents differ, in words.
fn difference(made: &Outcome, again: &Outcome, scrubbed: bool) -> Option<String> {
    let (made, again) = (lines(made, scrubbed), lines(again, scrubbed));
    let mut pairs = (1_u32..).zip(made.zip(again));
    let (line, (made, again)) = pairs.find(|(_, (made, again))| made != again)?;
    let shown = |line: Option<&[u8]>| match line {
        Some(line) => format!("`{}`", String::from_utf8_lossy(line.trim_ascii())),
        None => "nothing".into(),
    };
    Some(format!("line {line} was {} and is {}", shown(made), shown(again)))
}

/// The lines, then `None`. A UUID that was replaced is no difference.
fn lines(outcome: &Outcome, scrubbed: bool) -> impl Iterator<Item = Option<&[u8]>> {
    let text = outcome.as_ref().map_or_else(String::as_bytes, Vec::as_slice);
    let is_masked = move |line: &[u8]| scrubbed && line.trim_ascii_start().starts_with(b"<uuid>");
    let masked = move |line| if is_masked(line) { b"<uuid>".as_slice() } else { line };
    text.split(|&byte| byte == b'\n').map(masked).map(Some).chain([None])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference_of(made: &str, again: &str, scrubbed: bool) -> Option<String> {
        difference(&Ok(made.into()), &Ok(again.into()), scrubbed)
    }

    #[test]
    fn the_first_difference_is_named() {
        assert_eq!(difference_of("a\nb\n", "a\nb\n", false), None);
        let named = difference_of("a\n  b\nc\n", "a\n  d\n", false);
        assert_eq!(named.as_deref(), Some("line 2 was `b` and is `d`"));
        let named = difference_of("a", "a\nb", false);
        assert_eq!(named.as_deref(), Some("line 2 was nothing and is `b`"));
    }

    #[test]
    fn a_replaced_uuid_is_no_difference() {
        let (made, again) = ("<a>\n  <uuid>1</uuid>\n", "<a>\n  <uuid>2</uuid>\n");
        assert!(difference_of(made, again, false).is_some());
        assert_eq!(difference_of(made, again, true), None);
    }
}
