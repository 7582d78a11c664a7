//! The sockets that are listened at.

use crate::log::log;
use crate::options::{DEFAULTS, MAX_SOCKETS, Options, Place, Printed};
use caps_linux::parse::account::id_on_line;
use caps_linux::parse::cpuinfo::LineCutter;
use caps_linux::parse::int::decimal;
use caps_linux::serve::{Listener, SocketFile};
use caps_linux::{Errno, Path, Tree};
use core::ffi::CStr;
use core::ops::ControlFlow;

/// The first descriptor that systemd hands over.
const FIRST_HANDED_OVER: u32 = 3;

/// Listening sockets, and the files of those that were created here, which are removed with them.
pub(crate) struct Sockets {
    pub(crate) listeners: heapless::Vec<Listener, MAX_SOCKETS>,
    files: heapless::Vec<SocketFile<'static>, MAX_SOCKETS>,
}

impl Sockets {
    /// Listens where the options say, else at `handed_over` sockets, else at the usual places.
    pub(crate) fn open(
        options: &Options,
        handed_over: Option<u32>,
        tree: &dyn Tree,
    ) -> Result<Self, ()> {
        let mut sockets = Self { listeners: heapless::Vec::new(), files: heapless::Vec::new() };
        match handed_over.filter(|_| options.places.is_empty()) {
            Some(count) => sockets.inherit(count)?,
            None => {
                let group = group(options.group, tree)?;
                let places = &options.places[..];
                let places = if places.is_empty() { &DEFAULTS } else { places };
                places.iter().try_for_each(|place| sockets.bind(place, options, group))?;
            }
        }
        Ok(sockets)
    }

    fn inherit(&mut self, count: u32) -> Result<(), ()> {
        for number in (FIRST_HANDED_OVER..).take(count as usize) {
            let listener = Listener::inherited(number).map_err(|errno| {
                log!(
                    "descriptor {number}, which LISTEN_FDS names, is no listening socket: {errno}"
                );
            })?;
            self.listeners.push(listener).map_err(drop)?;
        }
        log!("listening at {count} sockets that were handed over");
        Ok(())
    }

    fn bind(&mut self, place: &Place, options: &Options, group: Option<u32>) -> Result<(), ()> {
        let mode = if place.read_only { options.mode_ro } else { options.mode };
        let name = Printed(place.path);
        let (listener, file) = match Listener::bind(place.path, mode, group) {
            Ok(bound) => bound,
            Err(Errno::ADDRINUSE) => {
                log!("cannot listen at {name}: another process does");
                return Err(());
            }
            Err(errno) => {
                log!("cannot listen at {name}: {errno}");
                return Err(());
            }
        };
        log!("listening at {name}, mode {mode:04o}");
        self.files.push(file).map_err(drop)?;
        self.listeners.push(listener).map_err(drop)
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        self.files.iter().for_each(SocketFile::remove);
    }
}

/// The number of a group that was given by number or by name.
fn group(group: Option<&CStr>, tree: &dyn Tree) -> Result<Option<u32>, ()> {
    let Some(group) = group else { return Ok(None) };
    let number = decimal(group.to_bytes()).and_then(|number| u32::try_from(number).ok());
    match number.map_or_else(|| by_name(group.to_bytes(), tree), |number| Ok(Some(number))) {
        Ok(Some(number)) => Ok(Some(number)),
        Ok(None) => {
            log!("--group: there is no such group");
            Err(())
        }
        Err(errno) => {
            log!("/etc/group: {errno}");
            Err(())
        }
    }
}

fn by_name(name: &[u8], tree: &dyn Tree) -> Result<Option<u32>, Errno> {
    let (mut lines, mut found) = (LineCutter::new(), None);
    tree.stream(&Path::new(&[&"/etc/group"]), &mut [0; 4096], &mut |chunk| {
        found = lines.feed(chunk, |line| id_on_line(line, name));
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(found.or_else(|| id_on_line(lines.rest(), name)))
}
