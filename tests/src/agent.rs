//! capsd, built as it is handed out, started with sockets in a directory of its own, and ended with what is returned.

use caps_rpc::Procedure;
use caps_rpc::packet::{Head, Kind, Program, Status};
use caps_rpc::xdr::Writer;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(60);

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = repository.join("target/capsd");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(repository.join("capsd")).args(["build", "--locked", "--release"]);
    let built = cargo.env("CARGO_TARGET_DIR", &target).env_remove("RUSTFLAGS").output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    target.join("x86_64-unknown-linux-gnu/release/capsd")
});

/// The program, which is built if it is not yet.
pub fn program() -> &'static Path {
    &PROGRAM
}

/// A process of it.
#[derive(Debug)]
pub struct Agent {
    child: Child,
    directory: TempDir,
}

impl Agent {
    /// Listens at `sock` and `sock-ro` in a directory of its own, without guests and without a log.
    ///
    /// # Panics
    /// Where it does not begin to.
    pub fn start() -> Self {
        Self::start_with(&["--quiet"], Stdio::null())
    }

    /// As [`start`](Self::start), with more options and this standard error.
    ///
    /// # Panics
    /// Panics if it does not begin to listen.
    pub fn start_with(options: &[&str], stderr: Stdio) -> Self {
        let directory = public_directory();
        let child = command(directory.path()).args(options).stderr(stderr).spawn().unwrap();
        let mut agent = Self { child, directory };
        agent.wait_for_sockets();
        agent
    }

    /// As [`start`](Self::start), with so many descriptors at most.
    ///
    /// # Panics
    /// Panics if it does not begin to listen.
    pub fn start_limited(descriptors: u32) -> Self {
        Self::start_by(&format!("ulimit -n {descriptors}; exec \"$@\""))
    }

    /// As [`start`](Self::start), by a script of the shell, whose arguments are the command.
    ///
    /// # Panics
    /// Panics if it does not begin to listen.
    pub fn start_by(script: &str) -> Self {
        let directory = public_directory();
        let agent = command(directory.path());
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh"]).arg(agent.get_program()).args(agent.get_args());
        let child =
            shell.arg("--quiet").stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut agent = Self { child, directory };
        agent.wait_for_sockets();
        agent
    }

    fn wait_for_sockets(&mut self) {
        let begin = Instant::now();
        let sockets = [self.socket(), self.socket_ro()];
        while sockets.iter().any(|socket| UnixStream::connect(socket).is_err()) {
            assert_eq!(self.child.try_wait().unwrap(), None, "it ended");
            assert!(begin.elapsed() < LIMIT, "it does not listen");
            sleep(Duration::from_millis(1));
        }
    }

    /// The path of the socket for reading and writing.
    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("sock")
    }

    /// The path of the socket for reading.
    pub fn socket_ro(&self) -> PathBuf {
        self.directory.path().join("sock-ro")
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal by name, and waits for its end: its exit status.
    ///
    /// # Panics
    /// Where it does not end.
    pub fn end(&mut self, signal: &str) -> Option<i32> {
        let pid = self.pid().to_string();
        assert!(
            // The shell's own: a minimal system has no program of this name.
            Command::new("sh")
                .args(["-c", "kill -$0 $1", signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        let begin = Instant::now();
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return status.code(),
                None => assert!(begin.elapsed() < LIMIT, "it does not end"),
            }
            sleep(Duration::from_millis(1));
        }
    }

    /// Starts it again at the same sockets.
    ///
    /// # Panics
    /// Where it does not begin to listen.
    pub fn restart(&mut self) {
        self.child = command(self.directory.path()).arg("--quiet").spawn().unwrap();
        self.wait_for_sockets();
    }

    /// Kibibytes of memory that it has now.
    ///
    /// # Panics
    /// Where the kernel does not tell.
    pub fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Its exit status, if it has ended.
    ///
    /// # Panics
    /// Panics if it cannot be waited for.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap().map(|status| status.code().unwrap_or(-1))
    }

    /// The directory of its sockets.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Descriptors that it has open.
    ///
    /// # Panics
    /// Where the kernel does not tell.
    pub fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid())).unwrap().count()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory that other users may enter.
fn public_directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

/// The command that starts an agent with sockets in `directory`.
pub fn command(directory: &Path) -> Command {
    let mut command = Command::new(program());
    command.args(["--no-guests", "--socket"]).arg(directory.join("sock"));
    command.arg("--socket-ro").arg(directory.join("sock-ro"));
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// A call, or a message of another program.
pub fn packet(program: Program, procedure: u32, payload: &[u8]) -> Vec<u8> {
    let (kind, procedure) = (Kind::CALL, Procedure(procedure));
    let head = Head { program, procedure, kind, serial: 0, status: Status::OK };
    let mut bytes = vec![0; 28 + payload.len()];
    let mut writer = Writer::new(&mut bytes);
    head.write(&mut writer, 28 + payload.len() as u32);
    writer.raw(payload);
    bytes
}

/// A string of the protocol.
pub fn text(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// A client of the raw protocol.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
}

impl Client {
    /// Connects, authenticates and opens the driver.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn open(socket: &Path) -> io::Result<Self> {
        let mut client = Self::connect(socket)?;
        client.ask(66, &[])?;
        let mut arguments = [0; 64];
        let mut writer = Writer::new(&mut arguments);
        writer.some_display(&"qemu:///system");
        writer.u32(0);
        let len = writer.len();
        client.ask(1, &arguments[..len])?;
        Ok(client)
    }

    /// Connects, and sends nothing yet.
    ///
    /// # Errors
    /// Returns those of the socket.
    pub fn connect(socket: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(LIMIT))?;
        Ok(Self { stream })
    }

    /// As [`open`](Self::open), of a server that was told to begin a moment ago.
    ///
    /// # Panics
    /// Where it does not begin.
    pub fn wait_for(socket: &Path) -> Self {
        let begin = Instant::now();
        loop {
            match Self::open(socket) {
                Ok(client) => return client,
                Err(error) => assert!(begin.elapsed() < LIMIT, "{error}"),
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Sends a call and does not wait for its answer.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn call(&mut self, procedure: u32, payload: &[u8]) -> io::Result<()> {
        self.stream.write_all(&packet(Program::MAIN, procedure, payload))
    }

    /// Sends a sign of life and waits for its answer.
    ///
    /// # Errors
    /// Returns those of the socket.
    pub fn ping(&mut self) -> io::Result<()> {
        self.stream.write_all(&packet(Program::KEEPALIVE, 1, &[]))?;
        self.stream.read_exact(&mut [0; 28])
    }

    /// The payload of the next reply.
    ///
    /// # Errors
    /// Those of the socket.
    ///
    /// # Panics
    /// Where it is an error.
    pub fn reply(&mut self) -> io::Result<Vec<u8>> {
        let (status, payload) = self.any_reply()?;
        assert_eq!(status, Status::OK, "{}", String::from_utf8_lossy(&payload));
        Ok(payload)
    }

    /// The status and the payload of the next reply.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn any_reply(&mut self) -> io::Result<(Status, Vec<u8>)> {
        let mut head = [0; 28];
        self.stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let mut payload = vec![0; length - head.len()];
        self.stream.read_exact(&mut payload)?;
        Ok((Head::read(&head).status, payload))
    }

    /// The payload of the reply to a call.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn ask(&mut self, procedure: u32, payload: &[u8]) -> io::Result<Vec<u8>> {
        self.call(procedure, payload)?;
        self.reply()
    }

    /// The document.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn capabilities(&mut self) -> io::Result<String> {
        let mut text = self.ask(7, &[])?;
        let len = u32::from_be_bytes([text[0], text[1], text[2], text[3]]) as usize;
        text.drain(..4);
        text.truncate(len);
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// The socket itself.
    pub const fn stream(&mut self) -> &mut UnixStream {
        &mut self.stream
    }
}
