//! `capsd`: answers libvirt's own clients with the capabilities document of this host, without std, libc and heap.
//!
//! One thread waits for clients ([`server`]), gives each ([`peer`]) its turn, and asks the machine ([`machine`]) on its behalf.
//! The protocol is caps-rpc's. All memory is one static: what is not used costs nothing, and nothing grows.
#![no_std]
#![no_main]

mod asking;
mod document;
mod emulators;
mod log;
mod machine;
mod memory;
mod options;
mod peer;
mod pool;
mod server;
mod sockets;
mod start;

use crate::asking::Asking;
use crate::document::{Source, Texts};
use crate::emulators::Emulators;
use crate::log::log;
use crate::machine::Machine;
use crate::options::{Action, HELP, Options, handed_over};
use crate::server::{Peers, Server};
use crate::sockets::Sockets;
use crate::start::Strings;
use caps_core::{Driver, Sink, Storage, storage};
use caps_linux::serve::{Signals, monotonic_ms, process_id, raise_descriptor_limit};
use caps_linux::{Environment, FdSink, Held, Live, Native, Path, Root};

/// Exit statuses.
const DONE: i32 = 0;
const FAILED: i32 = 1;
const MISUSED: i32 = 2;
/// Files that are held open: those of 84 cells with two sizes of huge pages. Those of more cells are opened at each call.
const HELD_FILES: usize = 256;

/// All memory of the program: no field is anything but zero at first, so that none of it is in the file.
pub(crate) struct State {
    storage: Storage<{ storage::MAX }>,
    texts: Texts,
    emulators: Emulators,
    peers: Peers,
}

impl State {
    pub(crate) const fn new() -> Self {
        Self {
            storage: Storage::new(),
            texts: Texts::new(),
            emulators: Emulators::new(),
            peers: Peers::new(),
        }
    }
}

pub(crate) fn main(arguments: Strings, environment: Strings, state: &mut State) -> i32 {
    let options = match Options::read(arguments) {
        Ok(options) => options,
        Err(misuse) => {
            log!("{misuse}");
            return MISUSED;
        }
    };
    let done = match options.action {
        Action::Help => print(HELP.as_bytes()),
        Action::Version => print(concat!("capsd ", env!("CARGO_PKG_VERSION"), "\n").as_bytes()),
        Action::Once => once(&options, state),
        Action::Serve => serve(&options, environment, state),
    };
    done.map_or(FAILED, |()| DONE)
}

fn print(text: &[u8]) -> Result<(), ()> {
    FdSink::stdout().write(text).map_err(|errno| log!("standard output: {errno}"))
}

fn once(options: &Options, state: &mut State) -> Result<(), ()> {
    with_source(options, state, |mut source, _| {
        let document = source.make().map_err(|why| log!("{}", why.0))?;
        print(source.texts.text(document.id))
    })
}

fn serve(options: &Options, environment: Strings, state: &mut State) -> Result<(), ()> {
    let signals = Signals::ending().map_err(|errno| log!("signals: {errno}"))?;
    if let Err(errno) = raise_descriptor_limit() {
        log!("the limit of descriptors stays as it is: {errno}");
    }
    let sockets = Sockets::open(options, handed_over(environment, process_id()), &Root::live())?;
    // Whoever connects from here on waits for what follows.
    let served = with_source(options, state, |source, peers| {
        let machine = Machine { source };
        let asking = Asking::new(options.caps, options.cache);
        let server = Server::new(&signals, &sockets, peers, machine, asking, options.quiet);
        let served = server.and_then(|mut server| server.run());
        served.map_err(|errno| log!("cannot serve: {errno}"))
    });
    sockets.close();
    served
}

/// Calls `visit` with where the document comes from, and with what memory is left for clients.
fn with_source<T>(
    options: &Options,
    state: &mut State,
    visit: impl FnOnce(Source<'_>, &mut Peers) -> Result<T, ()>,
) -> Result<T, ()> {
    let State { storage, texts, emulators, peers } = state;
    let (root, native) = (Root::live(), Native::open());
    let live = live(&native)?;
    let mut files = [const { None }; HELD_FILES];
    let held = Held::new(Driver::QEMU, storage.bytes_mut(), &mut files);
    let roster = options.cache.map(|cache| Path::new(&[&cache.to_bytes(), &"/emulators"]));
    let (root, asked_ms) = (&root, monotonic_ms());
    let unread = false;
    visit(Source { root, native, live, asked_ms, unread, held, texts, emulators, roster }, peers)
}

/// What the host answers once and for all.
fn live(native: &Native) -> Result<Live<'static>, ()> {
    Live::ask(native, Environment::default()).map_err(|errno| log!("uname: {errno}"))
}
