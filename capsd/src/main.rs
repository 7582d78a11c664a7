//! `capsd`: answers libvirt's own clients with the capabilities document of this host, without std, libc and heap.
//!
//! One thread waits for clients ([`server`]), gives each ([`peer`]) its turn, and asks the machine ([`machine`]) on its behalf.
//! The protocol is caps-rpc's. All memory is one static: what is not used costs nothing, and nothing grows.
#![no_std]
#![no_main]

mod document;
mod log;
mod machine;
mod options;
mod peer;
mod pool;
mod server;
mod sockets;
mod start;

use crate::document::Documents;
use crate::log::log;
use crate::machine::Machine;
use crate::options::{Action, HELP, Options, handed_over};
use crate::server::{Peers, Server};
use crate::sockets::Sockets;
use crate::start::Strings;
use caps_core::Sink;
use caps_linux::serve::{Signals, process_id, raise_descriptor_limit};
use caps_linux::{Environment, FdSink, Host, Live, Native, Root};

/// Exit statuses.
const DONE: i32 = 0;
const FAILED: i32 = 1;
const MISUSED: i32 = 2;

/// All memory of the program: no field is anything but zero at first, so that none of it is in the file.
pub(crate) struct State {
    documents: Documents,
    peers: Peers,
}

impl State {
    pub(crate) const fn new() -> Self {
        Self { documents: Documents::new(), peers: Peers::new() }
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
    let (root, native) = (Root::live(), Native::open());
    let live = live(&native)?;
    let host = Host { tree: &root, facts: &live.facts(), cpuid: Some(&native) };
    let made = state.documents.make(&host, options.guests);
    let document = made.map_err(|why| log!("{}", why.0))?;
    print(state.documents.text(document.id))
}

fn serve(options: &Options, environment: Strings, state: &mut State) -> Result<(), ()> {
    let root = Root::live();
    let signals = Signals::ending().map_err(|errno| log!("signals: {errno}"))?;
    if let Err(errno) = raise_descriptor_limit() {
        log!("the limit of descriptors stays as it is: {errno}");
    }
    let sockets = Sockets::open(options, handed_over(environment, process_id()), &root)?;
    // Whoever connects from here on waits for what follows.
    let native = Native::open();
    let live = live(&native)?;
    let host = Host { tree: &root, facts: &live.facts(), cpuid: Some(&native) };
    let machine = Machine { documents: &mut state.documents, host, guests: options.guests };
    let server = Server::new(&signals, &sockets, &mut state.peers, machine, options.quiet);
    let served = server.and_then(|mut server| server.run());
    sockets.close();
    served.map_err(|errno| log!("cannot serve: {errno}"))
}

/// What the host answers once and for all.
fn live(native: &Native) -> Result<Live<'static>, ()> {
    Live::ask(native, Environment::default()).map_err(|errno| log!("uname: {errno}"))
}
