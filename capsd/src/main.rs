//! `capsd`: answers libvirt's own clients with the capabilities document of this host, without std, libc and heap.
//!
//! One thread waits for clients ([`server`]), gives each ([`clients`], [`peer`]) its turn, and asks the machine ([`machine`]) on its behalf.
//! The protocol is caps-rpc's. All memory is one static: what is not used costs nothing, and nothing grows.
#![no_std]
#![no_main]

mod asking;
mod clients;
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
mod users;

use crate::asking::Asking;
use crate::clients::Clients;
use crate::document::{Source, Texts};
use crate::emulators::Emulators;
use crate::log::log;
use crate::machine::Machine;
use crate::options::{Action, HELP, Options, handed_over};
use crate::server::Server;
use crate::sockets::Sockets;
use crate::start::Strings;
use crate::users::MAX_CLIENTS;
use caps_core::{Driver, Sink, Storage, storage};
use caps_linux::serve::{
    Signals, effective_uid, fill_standard_streams, monotonic_ms, process_id, raise_descriptor_limit,
};
use caps_linux::{Environment, FdSink, Held, Live, Native, Path, Root};
use core::cell::Cell;

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
    peers: Clients,
}

impl State {
    pub(crate) const fn new() -> Self {
        Self {
            storage: Storage::new(),
            texts: Texts::new(),
            emulators: Emulators::new(),
            peers: Clients::new(),
        }
    }
}

pub(crate) fn main(arguments: Strings, environment: Strings, state: &mut State) -> i32 {
    fill_standard_streams();
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
    let sockets = Sockets::open(options, handed_over(environment, process_id()), &Root::live())?;
    // Whoever connects from here on waits for what follows.
    with_source(options, state, |source, clients| {
        let user = effective_uid().map_err(|errno| log!("geteuid: {errno}"))?;
        clients.users.begin(user, places());
        clients.limit_ms = options.call_timeout_ms;
        let machine = Machine { source };
        let asking = Asking::new(options.caps, options.cache);
        let server = Server::new(&signals, &sockets, clients, machine, asking, options.quiet);
        let served = server.and_then(|mut server| server.run());
        served.map_err(|errno| log!("cannot serve: {errno}"))
    })
}

/// Clients for which there are descriptors.
fn places() -> usize {
    /// Files of the host, sockets, and those of a program that asks emulators.
    const OTHERS: u64 = HELD_FILES as u64 + 32;
    let limit = raise_descriptor_limit().unwrap_or_else(|errno| {
        log!("cannot raise the limit of open files: {errno}");
        MAX_CLIENTS as u64
    });
    limit.saturating_sub(OTHERS).max(limit / 2) as usize
}

/// Calls `visit` with where the document comes from, and with what memory is left for clients.
fn with_source<T>(
    options: &Options,
    state: &mut State,
    visit: impl FnOnce(Source<'_>, &mut Clients) -> Result<T, ()>,
) -> Result<T, ()> {
    let State { storage, texts, emulators, peers } = state;
    let (root, native) = (Root::live(), Native::open());
    let live = live(&native)?;
    let mut files = [const { None }; HELD_FILES];
    let held = Held::new(Driver::QEMU, storage.bytes_mut(), &mut files);
    let roster = options.cache.map(|cache| Path::new(&[&cache.to_bytes(), &"/emulators"]));
    let (root, asked_ms, is_used) = (&root, monotonic_ms(), Cell::new(true));
    let unread = false;
    visit(
        Source { root, native, live, asked_ms, unread, held, texts, emulators, roster, is_used },
        peers,
    )
}

/// What the host answers once and for all.
fn live(native: &Native) -> Result<Live<'static>, ()> {
    Live::ask(native, Environment::default()).map_err(|errno| log!("uname: {errno}"))
}
