//! The whole way from a host to its document, as the README shows it.

use caps_core::{Driver, Storage, storage};
use caps_linux::{Environment, FdSink, Guests, Host, Live, Native, Root};
use std::sync::Mutex;

// In .bss, no heap. Any other &mut [u8] will do.
static STORAGE: Mutex<Storage<{ storage::NODE }>> = Mutex::new(Storage::new());

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let mut storage = STORAGE.lock()?;
    let (native, root) = (Native::open(), Root::live());
    let live = Live::ask(&native, Environment::default())?;
    let host = Host { tree: &root, facts: &live.facts(), cpuid: Some(&native) };
    let (driver, bytes) = (Driver::QEMU, storage.bytes_mut());
    let caps = caps_linux::capabilities(&host, &driver, Guests::Files, bytes, None, &mut ())?;
    caps_xml::write(&caps, &mut FdSink::stdout())?;
    Ok(())
}
