//! Clients that an agent has to bear: of another user, in a hurry, slow.

use crate::agent::{Agent, Client, packet, text};
use caps_rpc::packet::Program;
use rustix::process::Uid;
use rustix::thread::set_thread_res_uid;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Calls that a slow reader has sent: more than the kernel takes replies for.
const OUTSTANDING: usize = 200;

/// A user without privileges.
pub const NOBODY: u32 = 65534;

/// Calls `work` on a thread of its own as another user: to the agent, what connects there is a client of that user. Only the
/// effective user of that thread changes. Without the privilege to do so it is this user's.
///
/// # Panics
/// Panics if `work` does.
pub fn as_user<T: Send>(uid: u32, work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let _ = set_thread_res_uid(None::<Uid>, Some(Uid::from_raw(uid)), None::<Uid>);
            work()
        });
        thread.join().unwrap()
    })
}

/// Returns `true` if this process may connect as another user. If not, it writes that the test is skipped.
pub fn may_be_others() -> bool {
    let may = as_user(NOBODY, || rustix::process::geteuid().as_raw() == NOBODY);
    if !may {
        eprintln!("skipped: this process may not be another user");
    }
    may
}

/// A client that sends the same call as fast as the agent takes it, and takes every reply at once. It ends when dropped.
#[derive(Debug)]
pub struct Flood {
    stream: UnixStream,
    bytes: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl Flood {
    /// Begins, over a connection that is open.
    ///
    /// # Panics
    /// Panics if the connection cannot be shared by two threads.
    pub fn start(mut client: Client, (procedure, payload): &Call) -> Self {
        let mut sender = client.stream().try_clone().unwrap();
        let mut receiver = client.stream().try_clone().unwrap();
        let calls = packet(Program::MAIN, *procedure, payload);
        let calls = calls.repeat((64 << 10) / calls.len() + 1);
        let bytes = Arc::new(AtomicU64::new(0));
        let received = Arc::clone(&bytes);
        let threads = vec![
            thread::spawn(move || while sender.write_all(&calls).is_ok() {}),
            thread::spawn(move || {
                let mut room = vec![0; 1 << 20];
                while let Ok(count @ 1..) = receiver.read(&mut room) {
                    received.fetch_add(count as u64, Ordering::Relaxed);
                }
            }),
        ];
        Self { stream: client.stream().try_clone().unwrap(), bytes, threads }
    }

    /// Bytes of replies so far.
    pub fn received(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}

/// Clients that have sent many calls each, and take a little of their replies now and then. They end when dropped.
#[derive(Debug)]
pub struct SlowReaders {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl SlowReaders {
    /// Sends the calls of all, and begins to read.
    ///
    /// # Panics
    /// Panics if the agent does not take the calls.
    pub fn start(mut clients: Vec<Client>, (procedure, payload): &Call, calls: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        for client in &mut clients {
            (0..calls).for_each(|_| client.call(*procedure, payload).unwrap());
        }
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            for client in (0..clients.len()).cycle() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let _ = clients[client].stream().read(&mut [0; 4096]);
                thread::sleep(Duration::from_millis(5));
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for SlowReaders {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().map(JoinHandle::join);
    }
}

/// A procedure and its arguments.
pub type Call = (u32, Vec<u8>);

/// The document.
pub const fn capabilities() -> Call {
    (7, Vec::new())
}

/// The free pages of as many sizes as one call may have.
pub fn free_pages() -> Call {
    (340, words(&[&[1024][..], &[4; 1024], &[0, 1024, 0]].concat()))
}

/// The names of all CPU models: the longest reply but the document.
pub fn model_names() -> Call {
    (312, [text("x86_64"), words(&[1, 0])].concat())
}

/// A baseline of as many CPUs as one call may have: what takes the longest.
pub fn baseline() -> Call {
    let cpu = "<cpu><arch>x86_64</arch><model>Penryn</model><vendor>Intel</vendor></cpu>";
    (162, [words(&[250]), text(cpu).repeat(250), words(&[1])].concat())
}

/// Words of the protocol.
pub fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// Times of calls: sorted, in microseconds.
#[derive(Debug)]
pub struct Times(Vec<f64>);

impl Times {
    /// Times `count` calls for the document at each of two agents, in turn, so that a machine that drifts does not matter.
    ///
    /// # Panics
    /// Panics if an agent does not answer.
    pub fn of_pairs(count: usize, agents: [&Agent; 2]) -> [Self; 2] {
        let mut clients = agents.map(|agent| Client::open(&agent.socket()).unwrap());
        let mut times = [const { Vec::new() }; 2];
        for _ in 0..count {
            for (client, times) in clients.iter_mut().zip(&mut times) {
                let begin = Instant::now();
                client.ask(7, &[]).unwrap();
                times.push(begin.elapsed().as_secs_f64() * 1e6);
            }
        }
        times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            Self(times)
        })
    }

    /// The time that this part of all calls does not exceed: 0.5 is the median.
    pub fn quantile(&self, part: f64) -> f64 {
        let at = (self.0.len() as f64 * part) as usize;
        self.0.get(at.min(self.0.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
    }
}

/// What the neighbours of a client do: one pipelines this call as fast as it can, 64 others read their documents slowly.
///
/// # Panics
/// Panics if the agent does not take them.
pub fn crowd(agent: &Agent, call: &Call) -> (Flood, SlowReaders) {
    let slow = SlowReaders::start(open_all(&agent.socket_ro(), 64), &capabilities(), OUTSTANDING);
    (Flood::start(Client::open(&agent.socket_ro()).unwrap(), call), slow)
}

/// Opens `count` connections.
///
/// # Panics
/// Panics if the agent does not take them.
pub fn open_all(socket: &Path, count: usize) -> Vec<Client> {
    (0..count).map(|_| Client::open(socket).unwrap()).collect()
}
