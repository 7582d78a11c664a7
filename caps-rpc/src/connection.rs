//! One client: what was agreed with it, what it may ask, and what is still to be sent of a document.

use crate::answer;
use crate::call::Call;
use crate::fault::{Code, Domain, Fault, What};
use crate::node::{Document, Node};
use crate::packet::{self, BadLength, HEAD_BYTES, Head, Kind, Program, Status};
use crate::procedure::Procedure;
use crate::xdr::{Writer, padding};
use crate::{LIB_VERSION, MAX_TEXT_BYTES};

/// The state of one client.
///
/// ```
/// # fn example(node: &mut dyn caps_rpc::Node) -> Result<(), caps_rpc::Hangup> {
/// use caps_rpc::{Connection, MAX_REPLY_BYTES, Progress};
///
/// let mut connection = Connection::new();
/// let auth_list = [28, 0x2000_8086, 1, 66, 0, 0, 0_u32].map(u32::to_be_bytes);
/// let mut reply = [0; MAX_REPLY_BYTES];
/// let progress = connection.receive(auth_list.as_flattened(), 4096, node, &mut reply)?;
/// assert_eq!(progress, Progress { taken: 28, made: 36, end: false });
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Connection {
    stage: Stage,
    /// Bytes of a call that was refused for its length, still to come.
    skip: u32,
    stream: Option<Stream>,
}

/// How far the client has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It has not asked how to authenticate.
    Stranger,
    /// It has, and is content with nothing.
    Authenticated,
    /// It has opened the driver.
    Open(Driver),
}

/// What was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Driver {
    System,
    Session,
}

/// A document on its way.
#[derive(Clone, Copy, Debug)]
struct Stream {
    document: Document,
    /// Bytes that are out, zeros at the end included.
    passed: u32,
}

impl Stream {
    /// Bytes of all, zeros at the end included.
    const fn len(&self) -> u32 {
        self.document.bytes + padding(self.document.bytes as usize) as u32
    }
}

/// What became of some input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of input that are done with.
    pub taken: usize,
    /// Bytes of output that are to be sent.
    pub made: usize,
    /// Whether the connection ends when they are sent.
    pub end: bool,
}

/// The other side does not speak the protocol: the connection is to be closed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hangup(pub BadLength);

/// A reply in the making.
enum Reply {
    /// It is written.
    Whole,
    /// It is written, and the connection ends.
    Last,
    /// A document follows.
    Document(Document),
}

impl Connection {
    /// A client that has just connected.
    pub const fn new() -> Self {
        Self { stage: Stage::Stranger, skip: 0, stream: None }
    }

    /// Takes at most one packet off the front of `input`, and writes what is to be said to it to `output`, which has room for
    /// [`MAX_REPLY_BYTES`](crate::MAX_REPLY_BYTES). Takes nothing while the packet is not whole, and while a document is being
    /// sent. `capacity` is how many bytes of input the caller can gather: a longer call is answered with an error and passed
    /// over.
    ///
    /// # Errors
    /// The other side does not speak the protocol.
    pub fn receive(
        &mut self,
        input: &[u8],
        capacity: usize,
        node: &mut dyn Node,
        output: &mut [u8],
    ) -> Result<Progress, Hangup> {
        if self.stream.is_some() {
            return Ok(Progress::default());
        }
        if self.skip > 0 {
            return Ok(self.pass_over(input.len()));
        }
        let length = packet::length(input).map_err(Hangup)?.filter(|_| input.len() >= HEAD_BYTES);
        let Some((length, head)) = length.zip(input.first_chunk()) else {
            return Ok(Progress::default());
        };
        let (head, mut writer) = (Head::read(head), Writer::new(output));
        if length as usize > capacity {
            self.skip = length - HEAD_BYTES as u32;
            refuse(&mut writer, &head, Fault::rpc(What::TooLong(length)));
            return Ok(Progress { taken: HEAD_BYTES, made: made(&writer), end: false });
        }
        let Some(payload) = input.get(HEAD_BYTES..length as usize) else {
            return Ok(Progress::default());
        };
        let end = self.packet(&head, payload, node, &mut writer);
        Ok(Progress { taken: length as usize, made: made(&writer), end })
    }

    /// How many bytes the packet has that `input` begins with; `None` where that is not known yet, and where it is not to be
    /// gathered.
    pub fn wanted(&self, input: &[u8]) -> Option<u32> {
        packet::length(input).ok().flatten().filter(|_| self.skip == 0)
    }

    /// Whether the client has opened the driver.
    pub const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open(_))
    }

    /// Whether a document is being sent.
    pub const fn is_streaming(&self) -> bool {
        self.stream.is_some()
    }

    /// Copies the next bytes of the document that is being sent to the start of `room`, and tells how many. They are copied
    /// again until they are [passed](Self::passed).
    pub fn stream(&self, node: &dyn Node, room: &mut [u8]) -> usize {
        let Some(stream) = self.stream else { return 0 };
        let left = stream.len().saturating_sub(stream.passed) as usize;
        let len = left.min(room.len());
        let room = room.get_mut(..len).unwrap_or(&mut []);
        let copied = node.read(stream.document, stream.passed, room);
        room.iter_mut().skip(copied).for_each(|zero| *zero = 0);
        len
    }

    /// `bytes` of the document are out. After the last it is released.
    pub fn passed(&mut self, bytes: usize, node: &mut dyn Node) {
        let Some(stream) = &mut self.stream else { return };
        stream.passed = stream.passed.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        if stream.passed >= stream.len() {
            self.close(node);
        }
    }

    /// Releases what was kept for the client: it has all of it, or is gone.
    pub fn close(&mut self, node: &mut dyn Node) {
        if let Some(stream) = self.stream.take() {
            node.release(stream.document);
        }
    }

    fn pass_over(&mut self, len: usize) -> Progress {
        let taken = len.min(self.skip as usize);
        self.skip = self.skip.saturating_sub(taken as u32);
        Progress { taken, ..Progress::default() }
    }

    /// Answers one packet; true where the connection ends with it.
    fn packet(
        &mut self,
        head: &Head,
        payload: &[u8],
        node: &mut dyn Node,
        writer: &mut Writer<'_>,
    ) -> bool {
        match (head.program, head.kind) {
            (Program::KEEPALIVE, _) => pong(head, writer),
            (_, Kind::CALL_WITH_FDS) => {
                // Where its descriptors end and the next packet begins could only be told by taking them.
                let words = "calls with file descriptors are not served";
                refuse(writer, head, Fault::rpc(What::Fixed(words)));
                return true;
            }
            (Program::MAIN, Kind::CALL) => return self.call(head, payload, node, writer),
            (program, Kind::CALL) => refuse(writer, head, Fault::rpc(What::NoProgram(program))),
            // Nothing was asked here that a client could reply to.
            _ => {}
        }
        false
    }

    fn call(
        &mut self,
        head: &Head,
        payload: &[u8],
        node: &mut dyn Node,
        writer: &mut Writer<'_>,
    ) -> bool {
        head.reply(Status::OK).write(writer, 0);
        let reply = self.answer(head, payload, node, writer);
        if writer.written().is_none() {
            let fault = Fault::rpc(What::Fixed("Unable to encode message payload"));
            refuse(writer, head, fault);
            return false;
        }
        match reply {
            Err(fault) => refuse(writer, head, fault),
            Ok(Reply::Document(document)) => self.begin(document, writer),
            Ok(Reply::Whole | Reply::Last) => writer.patch(0, writer.len() as u32),
        }
        matches!(reply, Ok(Reply::Last))
    }

    /// The head and the length of the document are written; the rest follows as there is room.
    fn begin(&mut self, document: Document, writer: &mut Writer<'_>) {
        writer.u32(document.bytes);
        let stream = Stream { document, passed: 0 };
        writer.patch(0, writer.len() as u32 + stream.len());
        self.stream = Some(stream);
    }

    fn answer<'p>(
        &mut self,
        head: &Head,
        payload: &'p [u8],
        node: &mut dyn Node,
        writer: &mut Writer<'_>,
    ) -> Result<Reply, Fault<'p>> {
        if head.status != Status::OK {
            return Err(Fault::rpc(What::Status(head.status.0)));
        }
        if self.stage == Stage::Stranger && head.procedure != Procedure::AUTH_LIST {
            return Err(Fault::rpc(What::Fixed("authentication required")));
        }
        let call = Call::read(head.procedure, payload)?;
        let driver = match self.stage {
            Stage::Open(driver) => driver,
            _ if call.opens() => Driver::System,
            _ => return Err(Fault::state("hypervisor connection not open")),
        };
        match call {
            Call::AuthList => self.auth_list(writer),
            Call::Open { uri } => self.open(uri)?,
            Call::Close => return Ok(Reply::Last),
            Call::SupportsFeature(feature) => writer.u32(supports(feature).into()),
            Call::RegisterCloseCallback | Call::UnregisterCloseCallback => {}
            Call::Capabilities => return capabilities(node).map(Reply::Document),
            Call::Type => writer.text(b"QEMU"),
            Call::LibVersion => writer.u64(LIB_VERSION),
            Call::Uri => writer.text(driver.uri()),
            // It is a socket of this host.
            Call::IsSecure => writer.u32(1),
            call => answer::answer(&call, node, writer)?,
        }
        Ok(Reply::Whole)
    }

    /// One way: none.
    fn auth_list(&mut self, writer: &mut Writer<'_>) {
        const NONE: u32 = 0;
        writer.u32(1);
        writer.u32(NONE);
        if self.stage == Stage::Stranger {
            self.stage = Stage::Authenticated;
        }
    }

    fn open<'p>(&mut self, uri: Option<&'p [u8]>) -> Result<(), Fault<'p>> {
        if let Stage::Open(_) = self.stage {
            return Err(Fault::state("connection already open"));
        }
        self.stage = Stage::Open(Driver::by_uri(uri)?);
        Ok(())
    }
}

impl Default for Connection {
    fn default() -> Self {
        Self::new()
    }
}

impl Driver {
    const fn uri(self) -> &'static [u8] {
        match self {
            Self::System => b"qemu:///system",
            Self::Session => b"qemu:///session",
        }
    }

    /// The driver that a client means. What follows a `?` is for the client's own side.
    fn by_uri(uri: Option<&[u8]>) -> Result<Self, Fault<'_>> {
        let Some(uri) = uri else { return Err(Fault::state("connection not open")) };
        let name = uri.split(|&byte| byte == b'?').next().unwrap_or(uri);
        match name {
            b"" | b"qemu:///system" | b"qemu:/system" => return Ok(Self::System),
            b"qemu:///session" | b"qemu:/session" => return Ok(Self::Session),
            _ => {}
        }
        let (code, (before, text, behind)) = match name.strip_prefix(b"qemu://") {
            Some(path) if path.starts_with(b"/") => {
                (Code::INTERNAL, ("unexpected qemu URI path '", path, "', try qemu:///system"))
            }
            _ if name.contains(&b':') => (Code::NO_CONNECT, ("", uri, "")),
            _ => (Code::NO_CONNECT, ("URI '", uri, "' does not include a driver name")),
        };
        Err(Fault { code, domain: Domain::NONE, what: What::Text { before, text, behind } })
    }
}

/// Keepalive and the close callback; remote events are not, so that clients do not ask for any.
const fn supports(feature: u32) -> bool {
    const KEEPALIVE: u32 = 10;
    const CLOSE_CALLBACK: u32 = 15;
    matches!(feature, KEEPALIVE | CLOSE_CALLBACK)
}

fn capabilities<'p>(node: &mut dyn Node) -> Result<Document, Fault<'p>> {
    let document = node.document()?;
    if document.bytes > MAX_TEXT_BYTES {
        node.release(document);
        return Err(Fault::rpc(What::Fixed("Unable to encode message payload")));
    }
    Ok(document)
}

/// A sign of life is answered, whoever asks; one that answers is not.
fn pong(head: &Head, writer: &mut Writer<'_>) {
    if head.procedure == Procedure::PING {
        Head { procedure: Procedure::PONG, ..*head }.write(writer, HEAD_BYTES as u32);
    }
}

/// Writes the error reply to a call in place of anything else.
fn refuse(writer: &mut Writer<'_>, head: &Head, fault: Fault<'_>) {
    writer.truncate(0);
    head.reply(Status::ERROR).write(writer, 0);
    fault.write(writer);
    writer.patch(0, writer.len() as u32);
}

fn made(writer: &Writer<'_>) -> usize {
    writer.written().unwrap_or(0)
}
