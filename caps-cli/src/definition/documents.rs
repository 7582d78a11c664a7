//! Where documents have their `<cpu>`.

use super::PlacedCpu;
use crate::Failure;
use crate::input::Input;
use caps_xml::cpu::{Cpu, CpuError, Expected};
use caps_xml::read::{Attributes, Event, Kind, MAX_BYTES, Position, ReadError, Reader, Start};

/// How many CPUs one file may hold.
const MAX_CPUS: usize = 1 << 16;

/// Stands around all that a file holds: that may be several documents, and XML wants one root.
const OPEN: &[u8] = b"<documents>";
const CLOSE: &[u8] = b"</documents>";

/// Reads every `<cpu>` of the documents in `input` as a host's: a document itself, in a domain, below `<host>` of
/// capabilities, and the host-model mode of domain capabilities. There is at least one.
pub(crate) fn cpus(input: &Input) -> Result<Vec<PlacedCpu>, Failure> {
    let found = Documents::new(input)?.cpus(MAX_CPUS + 1, Expected::Host)?;
    match found.get(MAX_CPUS) {
        Some(excess) => {
            Err(input.refuse_at(excess.place, format!("more than {MAX_CPUS} CPUs in one file")))
        }
        None if found.is_empty() => Err(without_cpu(input)),
        None => Ok(found),
    }
}

/// Reads the first `<cpu>`, of a host or a guest. The others must be XML, but may be refused by libvirt.
pub(crate) fn first_cpu(input: &Input) -> Result<PlacedCpu, Failure> {
    Documents::new(input)?.cpus(1, Expected::Any)?.pop().ok_or_else(|| without_cpu(input))
}

fn without_cpu(input: &Input) -> Failure {
    let kinds = "domain XML, host capabilities XML, or domain capabilities XML";
    let what = format!("does not contain any <cpu> element or valid {kinds}");
    Failure::Refused(format!("File '{}' {what}", input.name()))
}

/// The documents of a file with one element around them.
struct Documents<'i> {
    input: &'i Input,
    wrapped: Vec<u8>,
    /// Bytes of the file that were left out: its byte order mark and its XML declaration.
    prolog: usize,
}

impl<'i> Documents<'i> {
    fn new(input: &'i Input) -> Result<Self, Failure> {
        let refused = |error: ReadError| input.refuse_at(error.position(&input.bytes), error.kind);
        let prolog = Reader::new(&input.bytes).map_err(refused)?.offset();
        let documents = input.bytes.get(prolog..).unwrap_or_default();
        Ok(Self { input, wrapped: [OPEN, documents, CLOSE].concat(), prolog })
    }

    fn cpus(&self, most: usize, expected: Expected) -> Result<Vec<PlacedCpu>, Failure> {
        self.find(most, expected).map_err(|CpuError { at, refusal }| {
            let (at, end) = (self.original(at), self.input.bytes.len());
            // There is nothing of its own at the end: it is the end tag around the documents that is wrong there.
            let what = if at < end { refusal.to_string() } else { Kind::UnexpectedEnd.to_string() };
            self.input.refuse_at(Position::of(&self.input.bytes, at.min(end)), what)
        })
    }

    /// The first CPUs, `most` at most; the documents are read to their end.
    fn find(&self, most: usize, expected: Expected) -> Result<Vec<PlacedCpu>, CpuError<'_>> {
        let limit = MAX_BYTES + OPEN.len() + CLOSE.len();
        // A fault of the syntax anywhere comes before any other.
        Reader::with_limit(&self.wrapped, limit)?.finish()?;
        let mut reader = Reader::with_limit(&self.wrapped, limit)?;
        let (mut found, mut open) = (Vec::new(), Vec::new());
        let mut places = Places::new(&self.input.bytes);
        loop {
            let at = reader.offset();
            match reader.next_event()? {
                Some(Event::Start(start)) if found.len() < most && describes_cpu(&open, &start) => {
                    let place = places.place(self.original(at));
                    let cpu = Cpu::read(&mut reader, attributes(&start), at, expected)?;
                    found.push(PlacedCpu { place, cpu });
                }
                Some(Event::Start(start)) => open.push(start.name),
                Some(Event::End { .. }) => drop(open.pop()),
                Some(Event::Text(_)) => {}
                None => return Ok(found),
            }
        }
    }

    /// The offset in the file of an offset in what is read.
    const fn original(&self, at: usize) -> usize {
        at.saturating_sub(OPEN.len()) + self.prolog
    }
}

/// Whether the element that starts within the `open` ones describes a CPU. The first of them stands around the documents.
fn describes_cpu(open: &[&str], start: &Start<'_>) -> bool {
    match open {
        [_, "domainCapabilities", "cpu"] => is_host_model(start),
        [_, "domainCapabilities"] => false,
        [_] | [_, "domain"] | [_, "capabilities", "host"] => {
            // An element of a namespace is none of libvirt's.
            start.name == "cpu" && start.attribute("xmlns").is_none()
        }
        _ => false,
    }
}

/// Returns the attributes that count: virsh drops those of a mode when it makes a `<cpu>` of it.
fn attributes<'a>(start: &Start<'a>) -> Attributes<'a> {
    if start.name == "cpu" { start.attributes } else { Attributes::EMPTY }
}

fn is_host_model(start: &Start<'_>) -> bool {
    let is = |name, word| start.attribute(name).is_some_and(|value| value == word);
    start.name == "mode" && is("name", "host-model") && is("supported", "yes")
}

/// Places of ascending offsets; all of them together take one pass over the bytes.
struct Places<'b> {
    bytes: &'b [u8],
    at: usize,
    last: Position,
}

impl<'b> Places<'b> {
    const fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0, last: Position { line: 1, column: 1 } }
    }

    fn place(&mut self, at: usize) -> Position {
        let passed = self.bytes.get(self.at..at).unwrap_or_default();
        let Position { line, column } = Position::of(passed, passed.len());
        let before = if line == 1 { self.last.column - 1 } else { 0 };
        self.last = Position { line: self.last.line + line - 1, column: before + column };
        self.at = at;
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_one_look() {
        let bytes = "<a>\n ü<b/>\n\n<c/><d/>".as_bytes();
        let mut places = Places::new(bytes);
        for at in [0, 3, 4, 7, 12, 13, 17, bytes.len()] {
            assert_eq!(places.place(at), Position::of(bytes, at), "{at}");
        }
    }
}
